"""Uploading a list of disconnected numbers."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from consent import pipeline
from consent.admin.disconnected import MAX_BYTES
from consent.models import ConsentEvent, Inbound
from tests.consent.admin.office import acme, page, post, staff
from tests.each import each

PATH = "consent/inbound/disconnected/"
ROWS = b"number,date\n4155550123,2026-03-05\nnobody <b>,2026-03-05\n+14155550124,\n"


def sent(rows: bytes = ROWS, **more: Any) -> dict[str, Any]:
    plain = {"file": SimpleUploadedFile("gone.csv", rows), "controller": str(acme().pk), "region": "US"}
    return plain | more


def test_a_list_is_taken_in_and_its_bad_rows_are_named(boss: Client) -> None:
    shown = post(boss, PATH, 200, **sent())
    assert "1 taken in, 0 known before, 0 not disconnected, 2 unreadable." in shown
    assert "line 3: the number" in shown
    assert "line 4: it has no day" in shown
    assert "nobody" not in shown
    pipeline.drain()
    line = ConsentEvent.objects.get()
    assert (line.action, line.controller_id, line.source) == ("invalidate", acme().pk, "disconnected:file")
    assert line.actor.startswith("staff:")
    assert "0 taken in, 1 known before" in post(boss, PATH, 200, **sent())


def test_a_day_for_all_rows_without_one(boss: Client) -> None:
    assert "2 taken in" in post(boss, PATH, 200, **sent(on="2026-03-05"))


def test_every_controller_is_a_superusers_choice(boss: Client) -> None:
    clerk = staff("consent.add_inbound", "consent.view_inbound")
    assert "Of every controller" not in page(clerk, PATH)
    assert "Select a valid choice" in post(clerk, PATH, 200, **sent(controller="*"))
    assert not Inbound.objects.exists()
    assert "Of every controller" in page(boss, PATH)
    post(boss, PATH, 200, **sent(controller="*"))
    pipeline.drain()
    assert ConsentEvent.objects.get().controller_id is None


@each(
    ("fields", "says"),
    [
        ({"file": ""}, "This field is required."),
        ({"file": SimpleUploadedFile("gone.csv", b"")}, "The submitted file is empty."),
        ({"controller": "999999"}, "Select a valid choice"),
        ({"region": "USA"}, "Enter a valid value."),
        ({"on": (datetime.now(UTC) + timedelta(days=2)).date().isoformat()}, "This has not happened yet."),
        ({"on": "soon"}, "Enter a valid date."),
    ],
)
def test_what_is_missing_is_said_at_its_field(boss: Client, fields: dict[str, Any], says: str) -> None:
    assert says in post(boss, PATH, 200, **sent(**fields))
    assert not Inbound.objects.exists()


def test_a_large_file_goes_by_the_command(boss: Client) -> None:
    assert "import_disconnected" in post(boss, PATH, 200, **sent(ROWS + b"x" * MAX_BYTES))
    assert not Inbound.objects.exists()


def test_a_file_without_numbers_says_so(boss: Client) -> None:
    assert "Not read to its end: no column that holds the numbers" in post(boss, PATH, 200, **sent(b"a,b\n1,2\n"))


def test_who_may_not_enter_may_not_upload() -> None:
    clerk = staff("consent.view_inbound")
    page(clerk, PATH, 403)
    post(clerk, PATH, 403, **sent())
    assert "Disconnected numbers" not in page(clerk, "consent/inbound/")
