"""`POST /v1/links`: what a message must carry, for one address or ten thousand."""

import hashlib
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consent.configuration import Scope
from consent.models import Inbound, Topic
from consent.tokens import Token, read_token
from tests.consent.core.example import MAILBOX, Organisation, key_of
from tests.each import each
from tests.subscriptions.test_api_access import ADDRESS, LINKS, Caller, is_problem
from tests.subscriptions.test_api_access import acme as acme
from tests.subscriptions.test_api_access import organisation as organisation

pytestmark = pytest.mark.django_db

MANY = {"channel": "email", "topic": "offers"}
DIGEST = hashlib.sha256(ADDRESS.encode()).hexdigest()


def links(acme: Caller, **asked: Any) -> Any:
    answer = acme.call("POST", "/v1/links", MANY | asked)
    assert answer.status_code == 200, answer.content
    return answer.json()


def token_of(row: dict[str, Any]) -> Token:
    return read_token(row["unsubscribe_url"].rpartition("/u/")[2])


def test_a_link_holds_no_address_and_its_headers_are_those_of_the_rfcs(acme: Caller) -> None:
    body = links(acme, address=ADDRESS, campaign="spring")
    assert body["headers"]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    uris = body["headers"]["List-Unsubscribe"].split(", ")
    assert uris == [f"<{body['unsubscribe_url']}>", f"<{body['mailto']}>"]
    token = body["unsubscribe_url"].rpartition("/")[2]
    assert body["mailto"] == f"mailto:{MAILBOX}?subject=unsubscribe%20{token}"
    assert body["preferences_url"].endswith(f"/preferences/{token}")
    assert "ann" not in str({name: value for name, value in body.items() if name not in ("address", "results")})


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=200))
def test_no_token_is_longer_than_90_characters_and_its_campaign_comes_back(acme: Caller, campaign: str) -> None:
    body = links(acme, address=ADDRESS, campaign=campaign)
    assert len(body["unsubscribe_url"].rpartition("/")[2]) <= 90
    assert token_of(body).campaign == body["campaign"]
    assert body["campaign"] in (campaign, f"sha256:{hashlib.sha256(campaign.encode()).hexdigest()[:16]}")


def test_links_for_many_leave_a_bad_address_without(acme: Caller) -> None:
    bad = ["bad", "", None, 7, ["x"], {"a": "b"}, "a@b.example, c@d.example"]
    body = links(acme, addresses=[ADDRESS, *bad, "Bob@Example.com"])
    first, *without, last = body["results"]
    assert body["counts"] == {"made": 2, "invalid": len(bad)}
    assert [row["address"] for row in without] == bad
    assert {row["unsubscribe_url"] for row in without} == {None}
    assert all(row["error"] and row["headers"] == {} for row in without)
    assert (first["address"], token_of(first).key) == (ADDRESS, key_of("email", ADDRESS))
    assert (last["address"], token_of(last).key) == ("Bob@Example.com", key_of("email", "bob@example.com"))


def test_one_address_that_is_none_is_an_error(acme: Caller) -> None:
    answer = acme.call("POST", "/v1/links", LINKS | {"address": "bad"})
    assert is_problem(answer, 400)
    assert answer.json()["errors"][0] == {
        "pointer": "/address",
        "code": "no_at_sign",
        "detail": "no links for what is no address",
    }


def test_a_digest_stands_for_its_address(acme: Caller) -> None:
    body = links(acme, hashes=[DIGEST, DIGEST.upper(), "00", None, ADDRESS], campaign="spring")
    good, upper, *bad = body["results"]
    assert good["hash"] == DIGEST
    assert (
        good["unsubscribe_url"]
        == upper["unsubscribe_url"]
        == links(acme, address=ADDRESS, campaign="spring")["unsubscribe_url"]
    )
    assert [row["error"] for row in bad] == ["not_a_digest"] * 3


def test_ten_thousand_get_theirs_in_order(acme: Caller, organisation: Organisation) -> None:
    addresses = [f"person{number}@example.com" for number in range(10_000)]
    rows = links(acme, addresses=addresses)["results"]
    assert [row["address"] for row in rows] == addresses
    assert len({row["unsubscribe_url"] for row in rows}) == 10_000
    for number in (0, 4_999, 9_999):
        scope = Scope(organisation.acme.pk, organisation.topics["offers"].pk)
        assert token_of(rows[number]) == Token("email", scope, key_of("email", addresses[number]))
        alone = links(acme, address=addresses[number])
        assert {**alone, "results": None} == {
            **rows[number],
            "campaign": "",
            "counts": {"made": 1, "invalid": 0},
            "results": None,
        }


def test_an_empty_list_gets_an_empty_answer(acme: Caller) -> None:
    assert links(acme, addresses=[])["results"] == links(acme, hashes=[])["results"] == []


def test_a_service_message_s_link_stops_all_that_can_be_stopped(acme: Caller, organisation: Organisation) -> None:
    assert token_of(links(acme, topic="service", address=ADDRESS)).scope == Scope(organisation.acme.pk, None)


@each(
    ("change", "status", "pointer"),
    [
        ({}, 400, "/address"),
        ({"address": None}, 400, "/address"),
        ({"address": ADDRESS, "addresses": [ADDRESS]}, 400, "/address"),
        ({"addresses": [ADDRESS], "hashes": [DIGEST]}, 400, "/address"),
        ({"address": ADDRESS, "campaign": "x" * 201}, 400, "/campaign"),
        ({"address": ADDRESS, "campaign": "a\nb"}, 400, "/campaign"),
        ({"address": ADDRESS, "campaign": 7}, 400, "/campaign"),
        ({"address": ADDRESS, "channel": "sms"}, 400, "/channel"),
        ({"address": ADDRESS, "topic": "weather"}, 400, "/topic"),
        ({"address": ADDRESS, "more": 1}, 400, "/more"),
        ({"addresses": ["x"] * 10_001}, 413, "/addresses"),
        ({"hashes": ["x"] * 10_001}, 413, "/hashes"),
    ],
)
def test_a_question_for_links_that_cannot_be_taken(
    acme: Caller, change: dict[str, Any], status: int, pointer: str
) -> None:
    answer = acme.call("POST", "/v1/links", MANY | change)
    assert is_problem(answer, status)
    assert answer.json()["errors"][0]["pointer"] == pointer


def test_a_topic_that_mail_does_not_carry_has_no_links(acme: Caller, organisation: Organisation) -> None:
    Topic.objects.create(controller=organisation.acme, slug="texts", name="Texts", topic_class="marketing")
    answer = acme.call("POST", "/v1/links", MANY | {"topic": "texts", "address": ADDRESS})
    assert is_problem(answer, 400)
    assert answer.json()["errors"][0]["code"] == "not_carried"


def test_links_cost_nothing_and_leave_nothing(acme: Caller) -> None:
    links(acme, addresses=[ADDRESS] * 3, campaign="spring")
    assert not Inbound.objects.exists()
