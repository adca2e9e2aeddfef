"""Objection, an end of sharing, erasure: asked by who is proved, obeyed at once as far as may be, answered in time."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from consent import pipeline, rebuilding, tidying
from consent.erasing import StillHeld
from consent.inbox import open_envelope
from consent.models import (
    AccessCode,
    AccessProof,
    Asking,
    ConsentEvent,
    ContactPoint,
    Decision,
    Hold,
    Inbound,
    Permission,
    Person,
    RightsRequest,
    Suppression,
)
from consent.models.vocabulary import Action, Cause
from consent.reviewing import decide
from consent.rights import deciding
from consent.rights.deadlines import days_left, due_at
from consent.stated import accept_statement
from consent.statement import PersonKnown, Statement
from consent.story import read_story
from tests.consent.answers.texting import NUMBER
from tests.consent.core.doors import infobip
from tests.consent.core.example import Organisation, entry, key_of, record
from tests.consent.core.example import ask as check
from tests.subscriptions.proving import JANE, link_of, make_site, sign_in, work
from tests.subscriptions.proving import post as send

pytestmark = pytest.mark.django_db
STAFF = "staff:3"
HOME = "Jane Roe, 12 Oak St, Springfield, IL 62701"


@pytest.fixture
def site() -> Organisation:
    return make_site()


def tell(
    site: Organisation, channel: str, address: str, action: str = "opt_in", topic: str = "newsletter", **more: Any
) -> None:
    told = Statement(channel=channel, address=address, action=action, topic=topic, **more)  # type: ignore[arg-type]
    accept_statement(told, site.acme.pk, source="api", actor="crm")
    pipeline.drain()


@pytest.fixture
def jane(site: Organisation) -> Organisation:
    """Jane has a mailbox, a number and a home, and said yes at each."""
    for channel, address in (("email", JANE), ("sms", NUMBER), ("post", HOME)):
        tell(site, channel, address, person=PersonKnown("crm-17", "Jane Roe"))
    return site


def reason(site: Organisation, channel: str, address: str, topic: str) -> str:
    return check(site, topic, [key_of(channel, address)], channel).reason


def post(client: Client, link: str, **fields: str) -> Any:
    return send(client, link, "rights", **fields)


def asked(kind: str) -> RightsRequest:
    return RightsRequest.objects.get(kind=kind)


def assert_the_ledger_says_so() -> None:
    """The tables are what the ledger derives. (`rebuild --check` needs a transaction of its own: tests/journeys.)"""
    rows = [(table, list(table.objects.order_by("key", "event_id").values())) for table in (Suppression, Permission)]
    rebuilding.rebuild()
    for table, before in rows:
        after = list(table.objects.order_by("key", "event_id").values())
        assert [row | {"id": 0} for row in after] == [row | {"id": 0} for row in before]


# --- deadlines ---


@pytest.mark.parametrize(
    ("received", "due"),
    [
        ("2026-01-15", "2026-02-15"),
        ("2026-01-31", "2026-02-28"),
        ("2028-01-31", "2028-02-29"),
        ("2026-12-31", "2027-01-31"),
    ],
)
def test_a_month_ends_on_the_same_day_or_the_last(received: str, due: str) -> None:
    moment = datetime.fromisoformat(f"{received}T10:00+00:00")
    assert due_at(moment) == datetime.fromisoformat(f"{due}T10:00+00:00")
    assert days_left(due_at(moment), moment) <= 45  # CCPA's days are never fewer


# --- asking ---


def test_an_objection_stops_marketing_everywhere_from_the_answer_on(client: Client, jane: Organisation) -> None:
    link = sign_in(client)
    assert "12 Oak" not in client.get(f"/preferences/{link}/rights").content.decode()
    answer = post(client, link, kind="objection")
    assert "has stopped" in answer.content.decode()
    for channel, address in (("email", JANE), ("sms", NUMBER), ("post", HOME)):
        assert reason(jane, channel, address, "offers") == "held"
    [letter] = work()
    for channel, address in (("email", JANE), ("sms", NUMBER), ("post", HOME)):
        assert reason(jane, channel, address, "offers") == "opted_out"
        assert reason(jane, channel, address, "service") == "service"
    row = asked("objection")
    assert (row.state, row.proof, row.due_at) == ("open", "code", due_at(row.received_at))
    assert letter["To"] == JANE
    assert "object" in letter.get_content()
    lines = ConsentEvent.objects.filter(inbound=row.inbound).values_list("action", "cause")
    assert set(lines) == {(Action.OBJECT, Cause.CHOICE)}


def test_no_more_sharing_holds_at_once_and_touches_no_message(client: Client, jane: Organisation) -> None:
    tell(jane, "email", JANE, topic="data-sharing")
    assert reason(jane, "email", JANE, "data-sharing") == "granted"
    post(client, sign_in(client), kind="sharing")
    assert reason(jane, "email", JANE, "data-sharing") == "held"
    work()
    assert reason(jane, "email", JANE, "data-sharing") == "opted_out"
    assert reason(jane, "email", JANE, "newsletter") == "granted"
    assert asked("sharing").state == "done"


def test_erasure_is_asked_twice_and_nothing_is_asked_before_the_second_yes(client: Client, jane: Organisation) -> None:
    link = sign_in(client)
    first = post(client, link, kind="erasure")
    assert "What stays" in first.content.decode()
    assert not Inbound.objects.filter(source="page:rights").exists()
    assert reason(jane, "email", JANE, "newsletter") == "granted"
    post(client, link, kind="erasure", confirmed="yes")
    work()
    assert asked("erasure").state == "open"
    assert reason(jane, "email", JANE, "newsletter") == "opted_out"
    assert ContactPoint.objects.exclude(sealed_value=None).count() == 3  # staff carry it out
    assert "you have an answer by" in client.get(f"/preferences/{link}/rights").content.decode()


def test_what_is_no_right_is_named(client: Client, jane: Organisation) -> None:
    answer = post(client, sign_in(client), kind="everything")
    assert answer.status_code == 400
    assert not RightsRequest.objects.exists()


def test_of_a_shared_mailbox_only_that_address_is_meant(client: Client, jane: Organisation) -> None:
    tell(jane, "email", JANE, person=PersonKnown("crm-18", "John Roe"))
    post(client, sign_in(client), kind="objection")
    work()
    assert reason(jane, "email", JANE, "offers") == "opted_out"
    assert reason(jane, "sms", NUMBER, "offers") == "opt_out_basis"


def test_a_clients_request_goes_to_the_client(client: Client, site: Organisation) -> None:
    site.globex.contact = "dpo@globex.example"
    site.globex.save()
    told = Statement(channel="email", address=JANE, action="opt_in", topic="offers", person=PersonKnown("g-1", "Jane"))
    accept_statement(told, site.globex.pk, source="api", actor="crm")
    pipeline.drain()
    client.get("/preferences/?controller=globex")
    link = sign_in(client, JANE, controller="globex")
    post(client, link, kind="erasure", confirmed="yes")
    letters = {str(letter["To"]): str(letter.get_content()) for letter in work()}
    assert letters.keys() == {JANE, "dpo@globex.example"}
    assert "handed your request on" in letters[JANE]
    forwarded = letters["dpo@globex.example"]
    assert JANE in forwarded
    assert "g-1" in forwarded
    row = asked("erasure")
    assert row.state == "forwarded"
    assert "hand your request on" in client.get(f"/preferences/{link}/rights").content.decode()
    assert deciding.carry_out(row.pk, STAFF, "As Globex instructed.").state == "done"


# --- deciding ---


@pytest.fixture
def request_(client: Client, jane: Organisation) -> RightsRequest:
    post(client, sign_in(client), kind="erasure", confirmed="yes")
    work()
    return asked("erasure")


def test_the_erased_are_gone_and_stay_suppressed_whatever_systems_say(
    jane: Organisation, request_: RightsRequest, client: Client
) -> None:
    deciding.carry_out(request_.pk, STAFF)
    [letter] = work()
    assert (letter["To"], "erased" in letter.get_content()) == (JANE, True)
    assert not ContactPoint.objects.exclude(sealed_value=None).exists()
    assert not Person.objects.exclude(sealed_name=None).exists()
    assert not Inbound.objects.exclude(sealed_raw=None).exists()
    assert_the_ledger_says_so()
    assert (request_.inbound.digest, ConsentEvent.objects.count() > 6) == (request_.inbound.digest, True)
    for action, topic in (("opt_in", "newsletter"), ("opt_in", "*")):
        tell(jane, "email", JANE, action, topic, source="import")
        tell(jane, "email", JANE, action, topic, person=PersonKnown("crm-17", "Jane Roe"))
        assert reason(jane, "email", JANE, "newsletter") == "opted_out"
    assert reason(jane, "post", HOME, "offers") == "opted_out"
    assert_the_ledger_says_so()


def test_the_erased_may_come_back_by_their_own_word(jane: Organisation, request_: RightsRequest) -> None:
    deciding.carry_out(request_.pk, STAFF)
    yes = entry(key_of("email", JANE), jane.scope("acme"), Action.GRANT, source="page:choice", basis="opt_in")
    record(yes._replace(occurred_at=timezone.now() + timedelta(seconds=1)))
    assert reason(jane, "email", JANE, "newsletter") == "granted"


def test_what_others_keep_stays(jane: Organisation, request_: RightsRequest) -> None:
    told = Statement(channel="email", address=JANE, action="opt_in", topic="offers")
    accept_statement(told, jane.globex.pk, source="api", actor="crm")
    tell(jane, "sms", NUMBER, person=PersonKnown("crm-99", "Somebody Else"))
    deciding.carry_out(request_.pk, STAFF)
    kept = {bytes(point.key) for point in ContactPoint.objects.exclude(sealed_value=None)}
    assert kept == {key_of("email", JANE), key_of("sms", NUMBER)}
    assert Inbound.objects.exclude(sealed_raw=None).filter(controller_id=jane.globex.pk).count() == 1


def test_of_a_request_with_messages_of_several_only_theirs_go(jane: Organisation, client: Client) -> None:
    user = User.objects.create_user("staff")
    results = [
        {"messageId": f"m-{place}", "from": number.lstrip("+"), "to": "15550100001", "text": words, "cleanText": words}
        for place, (number, words) in enumerate((("+14155550999", "hello from Bob"), (NUMBER, "STOP says Jane")))
    ]
    assert infobip(client, results).status_code == 200
    pipeline.drain()
    whole, part = Inbound.objects.filter(source="sms:infobip").order_by("id")
    post(client, sign_in(client), kind="erasure", confirmed="yes")
    work()
    for review in part.reviews.all():
        decide(review.pk, Decision.OPT_OUT, user_id=user.pk, reason="said so")
    deciding.carry_out(asked("erasure").pk, STAFF)
    whole.refresh_from_db()
    part.refresh_from_db()
    assert part.sealed_raw is None
    envelope = open_envelope(whole.sealed_raw or b"")
    assert (envelope.body, envelope.message and envelope.message.text) == (b"", "hello from Bob")


def test_what_still_waits_about_an_address_comes_first(jane: Organisation, request_: RightsRequest) -> None:
    inbound = Inbound.objects.filter(source="api").first()
    assert inbound
    Hold.objects.create(inbound=inbound, key=key_of("email", JANE), controller=jane.acme, since=timezone.now())
    with pytest.raises(StillHeld):
        deciding.carry_out(request_.pk, STAFF)
    assert work() == []
    assert ContactPoint.objects.exclude(sealed_value=None).count() == 3


def test_a_refusal_is_told_with_its_reason(jane: Organisation, request_: RightsRequest) -> None:
    deciding.refuse(request_.pk, STAFF, "We must keep your invoices for ten years.")
    [letter] = work()
    assert "for ten years" in letter.get_content()
    row = asked("erasure")
    assert (row.state, row.decided_by) == ("refused", STAFF)
    assert reason(jane, "email", JANE, "newsletter") == "opted_out"  # what was silenced stays so
    with pytest.raises(deciding.AlreadyDecided):
        deciding.carry_out(row.pk, STAFF)


def test_by_policy_it_is_done_after_so_many_days(
    jane: Organisation, request_: RightsRequest, settings: Settings
) -> None:
    settings.SAYSO_ERASE_AFTER_DAYS = 7
    tidying.tidy()
    assert asked("erasure").state == "open"
    with time_machine.travel(timezone.now() + timedelta(days=7, minutes=1)):
        tidying.tidy()
    row = asked("erasure")
    assert (row.state, row.decided_by) == ("done", "policy")
    assert ConsentEvent.objects.filter(source="erasure", actor="policy").exists()


def test_without_a_policy_nothing_is_erased_by_itself(jane: Organisation, request_: RightsRequest) -> None:
    with time_machine.travel(timezone.now() + timedelta(days=400)):
        tidying.tidy()
    assert asked("erasure").state == "open"


def test_the_story_tells_of_the_request(jane: Organisation, request_: RightsRequest) -> None:
    story = read_story([key_of("email", JANE)], None, with_contents=True)
    [chapter] = [one for one in story.chapters if one.inbound.source == "page:rights"]
    [told] = chapter.rights
    assert (told.kind, told.state, told.identity) == ("Erasure", "Open", "Proved by a code")
    assert dict(chapter.contents.fields if chapter.contents else ())["Asks for"] == "Erasure"


def test_codes_and_counts_are_not_kept_for_ever(client: Client, jane: Organisation) -> None:
    sign_in(client)
    inbound = Inbound.objects.get(source="page:code")
    with time_machine.travel(datetime.now(UTC) + timedelta(days=31)):
        tidying.tidy()
    assert [model.objects.count() for model in (AccessCode, AccessProof, Asking)] == [0, 0, 0]
    inbound.refresh_from_db()
    assert inbound.sealed_raw is None


def test_a_forwarded_link_asks_for_nothing(client: Client, jane: Organisation) -> None:
    link = link_of(jane)
    for page in ("rights", "data"):
        for answer in (
            client.get(f"/preferences/{link}/{page}"),
            client.post(f"/preferences/{link}/{page}", {"kind": "erasure", "confirmed": "yes"}),
        ):
            assert (answer.status_code, answer["Location"]) == (303, f"/preferences/{link}/code?for={page}")
            assert answer.content == b""
    assert not RightsRequest.objects.exists()
    assert not Inbound.objects.filter(source="page:rights").exists()
