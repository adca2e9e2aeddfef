"""A new address: a mailbox is proved by a code before anything moves; what was refused goes along, a yes does not."""

from typing import Any

import pytest
from django.test import Client

from consent import pipeline
from consent.models import AccessCode, ContactPeriod, Inbound
from consent.stated import accept_statement
from consent.statement import PersonKnown, Statement
from consent.tokens import read_token
from tests.consent.core.example import Organisation, key_of
from tests.consent.core.example import ask as check
from tests.subscriptions.proving import JANE, link_of, make_site, sent_code, sign_in, work
from tests.subscriptions.proving import enter as enter_code
from tests.subscriptions.proving import post as send

pytestmark = pytest.mark.django_db
NEW = "jane@new.example"
OLD_HOME, NEW_HOME = "Jane Roe, 12 Oak St, Springfield, IL 62701", "Jane Roe, 9 Elm St, Austin, TX 78701"
NEW_PARTS = {"name": "Jane Roe", "line1": "9 Elm St", "city": "Austin", "region": "TX", "postal_code": "78701"}


@pytest.fixture
def site() -> Organisation:
    return make_site()


def tell(site: Organisation, address: str, action: str, topic: str, channel: str = "email", **more: Any) -> None:
    told = Statement(channel=channel, address=address, action=action, topic=topic, **more)  # type: ignore[arg-type]
    accept_statement(told, site.acme.pk, source="api", actor="crm")
    pipeline.drain()


@pytest.fixture
def jane(site: Organisation) -> Organisation:
    """Jane reads the newsletter and refused the offers."""
    tell(site, JANE, "opt_in", "newsletter", person=PersonKnown("crm-17", "Jane Roe"))
    tell(site, JANE, "opt_out", "offers")
    return site


def reason(site: Organisation, address: str, topic: str, channel: str = "email") -> str:
    return check(site, topic, [key_of(channel, address)], channel).reason


def post(client: Client, link: str, **fields: str) -> Any:
    return send(client, link, "address", **fields)


def test_nothing_moves_before_the_new_mailbox_is_proved(client: Client, jane: Organisation) -> None:
    link = sign_in(client)
    assert JANE in client.get(f"/preferences/{link}/address").content.decode()
    assert post(client, link, kind="email", new=NEW)["Location"] == "/preferences/code"
    [message] = work()
    assert (message["To"], "new address" in message.get_content()) == (NEW, True)
    assert "/preferences/" not in message.get_content()
    assert not Inbound.objects.filter(source="move:page").exists()
    assert "new address" in client.get("/preferences/code").content.decode()


def test_what_was_refused_goes_along_and_a_yes_does_not(client: Client, jane: Organisation) -> None:
    link = sign_in(client)
    post(client, link, kind="email", new=NEW)
    answer = enter_code(client, sent_code())
    assert answer.status_code == 200
    assert reason(jane, NEW, "newsletter") == "held"
    work()
    assert reason(jane, NEW, "offers") == "opted_out"
    assert reason(jane, JANE, "offers") == "opted_out"
    assert reason(jane, JANE, "newsletter") == "no_consent"
    assert reason(jane, NEW, "newsletter") == "no_consent"
    current = ContactPeriod.objects.get(until=None, person__external_id="crm-17")
    assert current.contact_point.key == key_of("email", NEW)
    home = link_of(jane, NEW)
    assert f'href="/preferences/{home}"' in answer.content.decode()
    assert client.get(f"/preferences/{home}/address").status_code == 200
    assert client.get(f"/preferences/{link}/address").status_code == 303  # the old one opens nothing any more


def test_a_wrong_code_moves_nothing(client: Client, jane: Organisation) -> None:
    link = sign_in(client)
    post(client, link, kind="email", new=NEW)
    code = sent_code()
    assert enter_code(client, "000000" if code != "000000" else "111111").status_code == 400
    assert not Inbound.objects.filter(source="move:page").exists()


def test_without_the_owner_a_proved_new_mailbox_moves_nothing(client: Client, jane: Organisation) -> None:
    """The half hour is over, or the owner has left, when the code is entered."""
    link = sign_in(client)
    post(client, link, kind="email", new=NEW)
    code = sent_code()
    del client.cookies["sayso_proof"]
    assert enter_code(client, code)["Location"] == f"/preferences/{link}/code?for=address"
    assert not Inbound.objects.filter(source="move:page").exists()


def test_a_code_for_a_new_mailbox_signs_nobody_in(client: Client, jane: Organisation) -> None:
    link = sign_in(client)
    post(client, link, kind="email", new="victim@else.example")
    sent_code()
    assert AccessCode.objects.filter(used_at=None).count() == 1
    for page in ("address", "data", "rights"):
        assert client.get(f"/preferences/{link_of(jane, 'victim@else.example')}/{page}").status_code == 303


def test_whom_we_know_by_no_id_moves_from_mailbox_to_mailbox(client: Client, site: Organisation) -> None:
    tell(site, JANE, "opt_out", "offers")
    link = sign_in(client)
    post(client, link, kind="email", new=NEW)
    enter_code(client, sent_code())
    work()
    assert reason(site, NEW, "offers") == "opted_out"


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"kind": "email", "new": "jane"}, "no email address"),
        ({"kind": "email", "new": JANE.upper()}, "have already"),
        ({"kind": "sms", "new": "+14155550123"}, "choose again"),  # no account sends texts here
        ({"kind": "fax", "new": "1"}, "choose again"),
        ({"kind": "post", "line1": "nowhere"}, "no postal address"),
    ],
)
def test_what_cannot_be_is_named(client: Client, jane: Organisation, fields: dict[str, str], problem: str) -> None:
    answer = post(client, sign_in(client), **fields)
    assert answer.status_code == 400
    assert problem in answer.content.decode()


def test_a_postal_move_of_a_known_person_is_from_where_they_were(client: Client, jane: Organisation) -> None:
    tell(jane, OLD_HOME, "opt_out", "offers", channel="post", person=PersonKnown("crm-17"))
    assert post(client, sign_in(client), kind="post", **NEW_PARTS).status_code == 200
    assert reason(jane, NEW_HOME, "events", "post") == "held"
    work()
    assert reason(jane, NEW_HOME, "offers", "post") == "opted_out"
    assert reason(jane, NEW_HOME, "events", "post") == "opt_out_basis"
    assert reason(jane, OLD_HOME, "offers", "post") == "opted_out"


def test_of_whom_we_know_no_home_the_old_one_is_asked(client: Client, site: Organisation) -> None:
    tell(site, OLD_HOME, "opt_out", "offers", channel="post")
    link = sign_in(client)
    assert "Old postal address" in client.get(f"/preferences/{link}/address").content.decode()
    missing = post(client, link, kind="post", **NEW_PARTS)
    assert (missing.status_code, "which one you left" in missing.content.decode()) == (400, True)
    assert post(client, link, kind="post", old=OLD_HOME, **NEW_PARTS).status_code == 200
    work()
    assert reason(site, NEW_HOME, "offers", "post") == "opted_out"


def test_the_link_of_a_topic_keeps_its_topic(client: Client, jane: Organisation) -> None:
    link = link_of(jane, topic="offers")
    client.post(f"/preferences/{link}/code", {"for": "address"})
    answer = enter_code(client, sent_code())
    assert read_token(answer["Location"].split("/")[2]).scope.topic_id == jane.topics["offers"].pk


def test_of_a_mailbox_that_several_have_nobody_moves(client: Client, jane: Organisation) -> None:
    tell(jane, JANE, "opt_in", "events", person=PersonKnown("crm-18", "John Roe"))
    link = sign_in(client)
    assert "Several people" in client.get(f"/preferences/{link}/address").content.decode()
    assert post(client, link, kind="email", new=NEW).status_code == 400
    assert not AccessCode.objects.filter(key=key_of("email", NEW)).exists()
