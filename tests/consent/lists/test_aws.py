"""AWS's opt-out lists, read by AWS's own client library from a stand-in."""

from datetime import UTC, datetime
from typing import Any

import pytest

from consent.lists import aws
from consent.lists.aws import read_aws
from consent.lists.listed import Incomplete, Listed, Unreadable
from tests.consent.lists.conftest import Serve
from tests.consent.lists.stand_in import Aws

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
SECRETS = {"access_key_id": "AKIDEXAMPLE", "secret_access_key": "a secret", "region": "us-east-1"}
PEOPLE = [f"+1415555{place:04d}" for place in range(100, 111)]


def entry(number: str, at: float = 1772706030.0, by_person: bool = True) -> dict[str, Any]:
    return {"OptedOutNumber": number, "OptedOutTimestamp": at, "EndUserOptedOut": by_person}


def server() -> Aws:
    lists = {"Default": [entry(one) for one in PEOPLE[:5]], "Offers": [entry(PEOPLE[5])], "Empty": []}
    return Aws(lists, PEOPLE[6:])


def read(running: Aws, **options: str) -> tuple[list[Listed | Unreadable], str]:
    found: list[Listed | Unreadable] = []
    try:
        for row in read_aws(SECRETS, {"api_url": running.url, **options}, NOW):
            found.append(row)  # noqa: PERF402  (what came before it broke off counts)
    except Incomplete as error:
        return found, str(error)
    return found, ""


def numbers(found: list[Listed | Unreadable]) -> list[str]:
    return [row.number for row in found if isinstance(row, Listed)]


def test_every_list_and_page_of_both_services(serve: Serve) -> None:
    running = server()
    serve(running)
    found, problem = read(running)
    assert (numbers(found), problem) == (PEOPLE, "")
    first, last = found[0], found[-1]
    assert isinstance(first, Listed)
    assert isinstance(last, Listed)
    assert first.occurred_at == datetime(2026, 3, 5, 10, 20, 30, tzinfo=UTC)
    assert first.row["OptOutListName"] == "Default"
    assert last.occurred_at is None


@pytest.mark.parametrize(("service", "expected"), [("sns", PEOPLE[6:]), ("pinpoint-sms-voice-v2", PEOPLE[:6])])
def test_an_account_may_name_one_of_them(serve: Serve, service: str, expected: list[str]) -> None:
    running = server()
    serve(running)
    assert numbers(read(running, lists=service)[0]) == expected


def test_one_service_that_refuses_does_not_keep_the_other_away(serve: Serve) -> None:
    running = server()
    running.refused = {"DescribeOptOutLists"}
    serve(running)
    found, problem = read(running)
    assert numbers(found) == PEOPLE[6:]
    assert problem == "pinpoint-sms-voice-v2: AWS answered AccessDeniedException"
    running.refused = {"ListPhoneNumbersOptedOut"}
    found, problem = read(running)
    assert numbers(found) == PEOPLE[:6]
    assert problem == "sns: AWS answered AuthorizationError"


def test_a_moment_to_come_is_now(serve: Serve) -> None:
    running = Aws({"Default": [entry(PEOPLE[0], at=1893456000.0)]}, [])
    serve(running)
    [row], _ = read(running)
    assert isinstance(row, Listed)
    assert row.occurred_at == NOW


def test_a_failure_in_the_middle(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aws, "TRIES", 1)
    running = server()
    running.faults = {2: 500}
    serve(running)
    found, problem = read(running, lists="pinpoint-sms-voice-v2")
    assert numbers(found) == []
    assert "AWS" in problem
    running.faults = {len(running.asked) + 3: 500}
    found, problem = read(running, lists="pinpoint-sms-voice-v2")
    assert numbers(found) == PEOPLE[:2]
    assert "AWS" in problem


@pytest.mark.parametrize("missing", ["access_key_id", "secret_access_key", "region"])
def test_without_credentials_nobody_is_asked(serve: Serve, missing: str) -> None:
    running = server()
    serve(running)
    with pytest.raises(Incomplete, match="credentials are missing"):
        list(read_aws({**SECRETS, missing: ""}, {"api_url": running.url}, NOW))
    assert running.asked == []


def test_a_service_that_does_not_exist(serve: Serve) -> None:
    running = server()
    serve(running)
    assert "may name" in read(running, lists="ses")[1]


def test_a_key_travels_to_no_address_in_clear() -> None:
    with pytest.raises(Incomplete, match="https://"):
        list(read_aws(SECRETS, {"api_url": "http://sns.example.com", "lists": "sns"}, NOW))
