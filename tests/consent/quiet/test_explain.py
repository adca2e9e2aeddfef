"""`explain_quiet` tells the place, the clocks there, and the row that decided."""

from datetime import UTC, datetime
from io import StringIO
from typing import Any

from django.core.management import call_command

from consent.management.commands.explain_quiet import Command
from consent.quiet.explain import explain_quiet
from tests.each import each

NOW = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)  # a Sunday, 9:00 in Texas


def test_a_quiet_number_is_explained() -> None:
    answer = explain_quiet({"number": "+1 (512) 555-0100"}, NOW)
    rules = answer.pop("rules")
    assert answer == {
        "number": "+15125550100",
        "places": ["US-TX Texas"],
        "zones": {"America/Chicago": "2026-11-22T09:00-06:00"},
        "at": "2026-11-22T15:00:00Z",
        "quiet": True,
        "not_before": "2026-11-22T18:00:00Z",
        "decided_by": ["US-TX Sun 12:00-21:00: Tex. Bus. & Com. Code § 301.051 [texts, secondary]"],
    }
    assert [rule.split()[0] for rule in rules] == ["*", "US", "US-TX"]


def test_a_number_that_may_be_texted_is_explained() -> None:
    answer = explain_quiet({"number": "+15125550100", "at": "2026-11-22T18:00:00Z"}, NOW)
    assert (answer["quiet"], answer["not_before"], answer["decided_by"]) == (False, None, [])


def test_each_zone_is_shown() -> None:
    answer = explain_quiet({"number": "+18505550100", "at": "2026-11-17T08:30:00-05:00"}, NOW)
    assert answer["zones"] == {
        "America/New_York": "2026-11-17T08:30-05:00",
        "America/Chicago": "2026-11-17T07:30-06:00",
    }
    assert len(answer["decided_by"]) == 3


def test_what_decides_is_what_the_answer_says() -> None:
    for hour in range(24):
        answer = explain_quiet({"number": "+393331234567", "at": f"2026-12-24T{hour:02}:30:00Z"}, NOW)
        assert answer["quiet"] is bool(answer["decided_by"])


@each(
    ("item", "error"),
    [
        ({}, "number: missing"),
        ({"number": 7}, "number: must be text"),
        ({"number": "5125550100"}, "number: ambiguous: A number without its country needs a region."),
        ({"number": "+15125550100", "at": 7}, "at: must be a time such as 2026-01-31T12:00:00Z"),
        ({"number": "+15125550100", "at": "noon"}, "at: must be a time such as 2026-01-31T12:00:00Z"),
        ({"number": "+15125550100", "at": "2" * 5000}, "at: must be a time such as 2026-01-31T12:00:00Z"),
        (
            {"number": "+15125550100", "at": "2026-01-31T12:00:00"},
            "at: needs its offset from UTC, and a year of telephones",
        ),
        (
            {"number": "+15125550100", "at": "0001-01-01T00:00:00Z"},
            "at: needs its offset from UTC, and a year of telephones",
        ),
    ],
)
def test_what_cannot_be_read_is_answered_in_its_place(item: dict[str, Any], error: str) -> None:
    assert Command().answer(item) == {"error": error}


def test_a_person_asks_on_the_command_line() -> None:
    shown = StringIO()
    call_command("explain_quiet", "+15125550100", "--at", "2026-11-22T15:00:00Z", stdout=shown)
    assert "not_before: 2026-11-22T18:00:00Z\n" in shown.getvalue()


def test_json_lines_are_answered_line_by_line() -> None:
    shown = StringIO()
    command = Command(stdout=shown)
    command.answer_lines(StringIO('{"number": "+33612345678"}\nnonsense\n{"number": "+442079460000"}\n'))
    lines = shown.getvalue().splitlines()
    assert [("FR France" in line, "error" in line, "GB United Kingdom" in line) for line in lines] == [
        (True, False, False),
        (False, True, False),
        (False, False, True),
    ]
