"""`explain_address` answers with the very functions of the pipeline."""

from typing import Any

import pytest

from consent.management.commands.explain_address import Command
from consent.normalise.explain import explain_address
from tests.each import each

HOME = "48 Elm St #101, Springfield IL 62701"
KEY = "US|62701|48 ELM ST|101"


@each(
    ("item", "answer"),
    [
        (
            {"channel": "email", "address": "Rosa@Garden.example"},
            {"valid": True, "normal": "rosa@garden.example", "code": None},
        ),
        ({"channel": "email", "address": "rosa"}, {"valid": False, "normal": None, "code": "no_at_sign"}),
        (
            {"channel": "sms", "address": "202 555 0143", "region": "US"},
            {"valid": True, "normal": "+12025550143", "code": None},
        ),
        ({"channel": "sms", "address": "55501"}, {"valid": False, "normal": None, "code": "ambiguous"}),
        (
            {"channel": "sms", "address": "55501", "allow_short": True},
            {"valid": True, "normal": "55501", "code": None},
        ),
        ({"channel": "post", "address": HOME}, {"valid": True, "normal": KEY, "code": None}),
        (
            {"channel": "email", "a": "Rosa@garden.example", "b": " rosa@garden.example"},
            {"same": True, "a": "rosa@garden.example", "b": "rosa@garden.example"},
        ),
        (
            {"channel": "email", "a": "rosa@garden.example", "b": "rosa"},
            {"same": "review", "a": "rosa@garden.example", "b": None},
        ),
        ({"channel": "post", "a": HOME, "b": "48 Elm Street"}, {"same": "review", "a": KEY, "b": None}),
        ({"channel": "post", "a": "48 Elm St", "b": "48 Elm Street"}, {"same": True, "a": None, "b": None}),
    ],
)
def test_an_item_is_answered(item: dict[str, Any], answer: dict[str, Any]) -> None:
    assert explain_address(item) == answer


@pytest.mark.parametrize(
    ("item", "error"),
    [
        ({"channel": "fax", "address": "1"}, "channel: must be one of email, sms, post"),
        ({"channel": "email"}, "address: missing"),
        ({"channel": "email", "a": "rosa@garden.example"}, "b: missing"),
        ({"channel": "email", "address": 5}, "address: must be text, or an object for post"),
    ],
)
def test_an_item_that_cannot_be_read_is_answered_in_its_place(item: dict[str, Any], error: str) -> None:
    assert Command().answer(item) == {"error": error}


def test_a_person_asks_with_arguments() -> None:
    options = {"channel": "post", "region": "", "allow_short": False}
    assert Command().item_from_options({**options, "address": [HOME]})["address"] == HOME
    assert Command().item_from_options({**options, "address": [HOME, KEY]})["b"] == KEY
