"""Twilio's opt-outs out of the log of its messages, from a stand-in."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from twilio.rest import Client

from consent.lists.listed import Incomplete, Listed, Unreadable
from consent.lists.twilio import OPTED_OUT, TRIES, read_twilio
from tests.consent.lists.conftest import Serve
from tests.consent.lists.stand_in import ACCOUNT, DROP, TOKEN, Twilio, blocked, heard, message

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
SECRETS = {"account_sid": ACCOUNT, "auth_token": TOKEN}
OURS = "+15550100001"
PEOPLE = [f"+1415555{place:04d}" for place in range(100, 120)]


def read(server: Twilio, since: date | None = None, **secrets: str) -> tuple[list[Listed | Unreadable], str]:
    """What was read, and why no more."""
    rows = read_twilio(SECRETS | secrets, {"api_url": server.url}, NOW, since)
    found: list[Listed | Unreadable] = []
    try:
        found.extend(iter(rows))
    except Incomplete as error:
        return found, str(error)
    return found, ""


def read_slowly(server: Twilio) -> tuple[list[str], str]:
    """The numbers, row by row: what was read before it broke off is there."""
    numbers: list[str] = []
    try:
        for row in read_twilio(SECRETS, {"api_url": server.url}, NOW):
            assert isinstance(row, Listed)
            numbers.append(row.number)
    except Incomplete as error:
        return numbers, str(error)
    return numbers, ""


def numbers(found: Sequence[Listed | Unreadable]) -> list[str]:
    return [row.number for row in found if isinstance(row, Listed)]


def test_every_page_is_read(serve: Serve) -> None:
    server = Twilio([blocked(place, person) for place, person in enumerate(PEOPLE)])
    serve(server)
    found, problem = read(server)
    assert (numbers(found), problem) == (PEOPLE, "")
    assert len(server.asked) == 7
    first = found[0]
    assert isinstance(first, Listed)
    assert first.occurred_at == datetime(2026, 3, 3, 10, 0, 1, tzinfo=UTC)
    assert (first.sender, first.row["error_code"]) == (OURS, "21610")
    assert "body" not in first.row


@pytest.mark.parametrize(
    "word", ["STOP", "stop", " Stop ", "StopAll", "UNSUBSCRIBE", "cancel", "End", "QUIT", "revoke"]
)
def test_a_lone_keyword_that_a_person_sent_sets_one(serve: Serve, word: str) -> None:
    server = Twilio([heard(1, PEOPLE[0], word)])
    serve(server)
    [found], _ = read(server)
    assert isinstance(found, Listed)
    assert (found.number, found.sender, found.row["body"]) == (PEOPLE[0], OURS, word)


@pytest.mark.parametrize(
    "harmless",
    [
        message(1),
        message(1, body="STOP"),
        message(1, status="failed", error_code=30003),
        heard(1, PEOPLE[0], "please stop"),
        heard(1, PEOPLE[0], "START"),
        heard(1, PEOPLE[0], ""),
        heard(1, "whatsapp:+14155550100", "STOP"),
        blocked(1, "whatsapp:+14155550100"),
    ],
)
def test_other_messages_tell_of_none(serve: Serve, harmless: dict[str, Any]) -> None:
    server = Twilio([harmless])
    serve(server)
    assert read(server) == ([], "")


@pytest.mark.parametrize(
    ("newest_first", "listed"),
    [
        ([heard(2, PEOPLE[0], "START", 4), heard(1, PEOPLE[0], "STOP", 3)], False),
        ([heard(2, PEOPLE[0], "STOP", 4), heard(1, PEOPLE[0], "START", 3)], True),
        ([heard(2, PEOPLE[0], "START", 3), heard(1, PEOPLE[0], "STOP", 3)], False),
        ([heard(2, PEOPLE[0], "START", 4), heard(1, PEOPLE[1], "STOP", 3)], True),
        ([heard(3, PEOPLE[0], "STOP", 5), heard(2, PEOPLE[0], "YES", 4), heard(1, PEOPLE[0], "STOP", 3)], True),
        ([blocked(2, PEOPLE[0]), heard(1, PEOPLE[0], "STOP", 1)], True),
    ],
)
def test_the_last_word_of_a_pair_counts_and_once(serve: Serve, newest_first: list[Any], listed: bool) -> None:
    server = Twilio(newest_first, page_size=1)
    serve(server)
    assert len(read(server)[0]) == listed


def test_since_is_asked_of_the_gateway(serve: Serve) -> None:
    server = Twilio([])
    serve(server)
    read(server, date(2026, 3, 1))
    assert parse_qs(urlsplit(server.asked[0][0]).query) == {"PageSize": ["1000"], "DateSent>": ["2026-03-01"]}


def test_a_row_that_cannot_be_read_keeps_no_other_one_away(serve: Serve) -> None:
    server = Twilio([blocked(1, PEOPLE[0]), blocked(2, ""), blocked(3, PEOPLE[1], date_sent="soon", date_updated=7)])
    serve(server)
    found, problem = read(server)
    assert (numbers(found), problem) == (PEOPLE[:2], "")
    assert found[1] == Unreadable(f"message SM{2:032x}", "it names no number")


def test_too_many_requests_are_waited_for(serve: Serve) -> None:
    server = Twilio([blocked(place, person) for place, person in enumerate(PEOPLE)])
    server.faults = {1: 429, 2: 429, 4: 503, 6: DROP, 7: DROP}
    serve(server)
    assert read_slowly(server) == (PEOPLE, "")
    assert len(server.asked) == 12


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (500, "500"),
        (429, "429: too many requests"),
        (403, "403"),
        (404, "404"),
        (302, "302"),
        (DROP, "cannot be reached"),
    ],
)
def test_what_was_read_before_a_failure_is_not_lost(serve: Serve, fault: int, says: str) -> None:
    server = Twilio([blocked(place, person) for place, person in enumerate(PEOPLE)])
    server.faults = dict.fromkeys(range(3, 3 + TRIES + 1), fault)
    serve(server)
    read_before, problem = read_slowly(server)
    assert read_before == PEOPLE[:9]
    assert says in problem


def test_wrong_credentials(serve: Serve) -> None:
    server = Twilio([blocked(1, PEOPLE[0])])
    serve(server)
    assert read(server, auth_token="another") == ([], "the gateway answered 401: it refuses the credentials")
    assert "credentials are missing" in read(server, auth_token="")[1]
    assert "credentials are missing" in read(server, api_key="SK1")[1]
    assert len(server.asked) == 1


class Odd(Twilio):
    """A server that says something else."""

    def __init__(self, text: str) -> None:
        super().__init__([])
        self.text = text

    def answer(self, path: str, headers: Any, body: bytes) -> tuple[int, str, str]:
        return 200, "application/json", self.text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<html>",
        "[]",
        "null",
        '{"messages": null}',
        '{"messages": [1]}',
        '{"messages": {}}',
        '{"messages": [], "next_page_uri": "https://elsewhere.example/x"}',
        '{"messages": [], "next_page_uri": "/2010-04-01/again"}',
        "[" * 50_000,
    ],
)
def test_an_answer_that_is_no_list_is_a_list_not_read(serve: Serve, text: str) -> None:
    server = Odd(text)
    serve(server)
    found, problem = read(server)
    assert found == []
    assert problem
    assert len(server.asked) <= 2


@pytest.mark.parametrize(
    "url", ["http://api.example.com", "ftp://127.0.0.1", "api.example.com", "http://127.0.0.1.example.com"]
)
def test_a_password_travels_to_no_address_in_clear(url: str) -> None:
    with pytest.raises(Incomplete, match="https://"):
        list(read_twilio(SECRETS, {"api_url": url}, NOW))


def test_twilios_own_library_reads_the_stand_in_alike(serve: Serve) -> None:
    """So that the stand-in speaks as Twilio does, and not merely as we hear it."""
    server = Twilio([blocked(place, person) for place, person in enumerate(PEOPLE)])
    serve(server)
    client = Client(ACCOUNT, TOKEN)
    client.api.base_url = server.url
    theirs = client.messages.list(date_sent_after=datetime(2026, 3, 1, tzinfo=UTC), page_size=1000)
    assert [one.to for one in theirs if one.error_code == OPTED_OUT] == PEOPLE
    asked_by_them, server.asked = server.asked, []
    found, _ = read(server, date(2026, 3, 1))
    assert [row.occurred_at for row in found if isinstance(row, Listed)] == [one.date_sent for one in theirs]
    wanted = parse_qs(urlsplit(asked_by_them[0][0]).query)
    assert parse_qs(urlsplit(server.asked[0][0]).query).keys() == wanted.keys()
    assert [path for path, _, _ in server.asked[1:]] == [path for path, _, _ in asked_by_them[1:]]
    assert server.asked[0][1]["authorization"] == asked_by_them[0][1]["authorization"]
