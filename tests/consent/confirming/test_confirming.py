"""A request allows nothing; its confirmation by the owner of the address does, once and in time."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from pytest_django.fixtures import Settings

from consent import pipeline
from consent.addresses import contact
from consent.confirming import Stage, Ticket, effects, press, read_ticket, request_of, write_ticket
from consent.inbox import Envelope
from consent.models import ConsentEvent, ContactPoint, Inbound, Permission
from consent.models.fields import public_id
from consent.normalise.keys import Key
from consent.story import read_story
from consent.tokens import BadToken
from tests.consent.confirming.asking import ANN, Desk, key, ticket_in
from tests.consent.core.example import entry, record
from tests.consent.core.test_ledger import differences

pytestmark = pytest.mark.django_db
WEEK = timedelta(days=7, minutes=1)


def test_what_is_asked_for_allows_nothing_until_the_link_is_pressed(desk: Desk) -> None:
    ticket = desk.asked("newsletter", "double", "data-sharing")
    assert desk.reasons("newsletter", "double", "data-sharing") == ["unconfirmed"] * 3
    desk.press(ticket)
    assert desk.reasons("newsletter", "double", "data-sharing") == ["granted"] * 3
    assert desk.reasons("offers") == ["opt_out_basis"]
    assert not differences()


def test_the_proof_of_a_confirmed_yes_is_in_the_ledger(desk: Desk) -> None:
    ticket = desk.asked("newsletter")
    accepted = desk.press(ticket)
    asked, given = ConsentEvent.objects.order_by("seq")
    press = Inbound.objects.get(pk=accepted.id)
    assert (asked.action, asked.basis, asked.notice_id) == ("request", "confirmed_opt_in", desk.notice.pk)
    assert asked.expires_at == asked.occurred_at + timedelta(days=7)
    assert (given.action, given.basis, given.notice_id) == ("grant", "confirmed_opt_in", desk.notice.pk)
    assert (given.confirms, given.inbound_id, given.occurred_at) == (ticket.inbound_id, press.pk, press.received_at)
    assert (given.source, press.outcome, press.rule) == ("confirm:page", "opt_in", "confirm.press")


def test_an_unconfirmed_request_lapses_and_its_link_confirms_nothing_any_more(desk: Desk) -> None:
    ticket = desk.asked("newsletter")
    with time_machine.travel(timezone.now() + WEEK):
        assert desk.reasons("newsletter") == ["no_consent"]
        assert request_of(ticket, timezone.now()).stage == Stage.LAPSED
        desk.press(ticket)
        assert desk.reasons("newsletter") == ["no_consent"]
    assert not ConsentEvent.objects.filter(action="grant").exists()


def test_a_press_counts_once_however_often_it_comes(desk: Desk) -> None:
    ticket = desk.asked("newsletter")
    assert not desk.press(ticket).again
    assert desk.press(ticket).again
    assert ConsentEvent.objects.filter(action="grant").count() == 1


def test_a_no_after_the_press_is_not_undone_by_pressing_again(desk: Desk) -> None:
    ticket = desk.asked("newsletter")
    desk.press(ticket)
    scope = desk.organisation.scope("newsletter")
    record(entry(key(), scope, "withdraw", "choice", occurred_at=timezone.now()))
    assert desk.press(ticket).again
    assert desk.reasons("newsletter") == ["opted_out"]
    assert [one.verdict.reason for one in effects(request_of(ticket, timezone.now()), timezone.now())] == ["opted_out"]


@pytest.mark.parametrize("scope", ["newsletter", "acme", "everything"])
def test_a_no_takes_the_request_back(desk: Desk, scope: str) -> None:
    ticket = desk.asked("newsletter")
    record(entry(key(), desk.organisation.scope(scope), "withdraw", "choice", occurred_at=timezone.now()))
    assert request_of(ticket, timezone.now()).stage == Stage.TAKEN_BACK
    desk.press(ticket)
    assert desk.reasons("newsletter") == ["opted_out"]
    assert not ConsentEvent.objects.filter(action="grant").exists()


def test_of_two_topics_the_one_that_was_not_refused_meanwhile_is_confirmed(desk: Desk) -> None:
    ticket = desk.asked("newsletter", "double")
    record(entry(key(), desk.organisation.scope("double"), "withdraw", "choice", occurred_at=timezone.now()))
    assert [topic.slug for topic in request_of(ticket, timezone.now()).topics] == ["newsletter"]
    desk.press(ticket)
    assert desk.reasons("newsletter", "double") == ["granted", "opted_out"]


def test_a_request_takes_nothing_away_from_a_permission(desk: Desk) -> None:
    record(entry(key(), desk.organisation.scope("newsletter"), "grant", basis="opt_in"))
    desk.asked("newsletter")
    assert desk.reasons("newsletter") == ["granted"]
    with time_machine.travel(timezone.now() + WEEK):
        assert desk.reasons("newsletter") == ["granted"]
    assert not Permission.objects.get().requested


def test_a_request_lifts_nothing(desk: Desk) -> None:
    record(entry(key(), desk.organisation.scope("offers"), "withdraw", "choice"))
    desk.asked("offers")
    assert desk.reasons("offers") == ["opted_out"]


def test_whoever_stopped_everything_and_confirms_gets_what_they_asked_for_and_nothing_else(desk: Desk) -> None:
    record(entry(key(), desk.organisation.scope("acme"), "withdraw", "choice"))
    ticket = desk.asked("newsletter", "events")
    assert desk.reasons("newsletter", "events") == ["opted_out", "opted_out"]
    desk.press(ticket)
    assert desk.reasons("newsletter", "events", "offers") == ["granted", "opt_out_basis", "opted_out"]
    assert desk.reasons("double", "data-sharing", "service") == ["opted_out", "opted_out", "service"]
    assert not differences()


def test_a_no_that_waits_for_the_pipeline_is_worked_off_before_the_yes_that_came_after_it(desk: Desk) -> None:
    ticket = desk.asked("newsletter")
    with time_machine.travel(timezone.now() + timedelta(minutes=5), tick=False):
        no = Inbound.objects.create(
            controller=desk.organisation.acme,
            source="mail",
            channel="email",
            received_at=timezone.now(),
            verified=True,
            digest=b"",
            next_try_at=timezone.now() + timedelta(hours=1),
        )
        no.holds.create(key=key(), controller=desk.organisation.acme, since=timezone.now())
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        accepted = desk.press(ticket)
        press = Inbound.objects.get(pk=accepted.id)
        assert (press.state, press.error) == ("pending", "EarlierFirst")
        no.holds.all().delete()
        Inbound.objects.filter(pk=no.pk).update(state="done")
        Inbound.objects.filter(pk=press.pk).update(next_try_at=timezone.now())
        pipeline.drain()
        assert desk.reasons("newsletter") == ["granted"]


@pytest.mark.parametrize("cause", ["complaint", "hard_bounce", "deceased", "minor", "listed"])
def test_what_a_yes_cannot_lift_stays_and_the_page_can_tell(desk: Desk, cause: str) -> None:
    ticket = desk.asked("newsletter")
    record(entry(key(), desk.organisation.scope("acme"), "invalidate", cause, occurred_at=timezone.now()))
    request = request_of(ticket, timezone.now())
    desk.press(ticket)
    [effect] = effects(request, timezone.now())
    assert (effect.verdict.allowed, effect.verdict.reason) == (False, cause)
    assert desk.reasons("newsletter") == [cause]


def test_the_page_knows_the_effect_before_the_press_is_worked_off(desk: Desk) -> None:
    record(entry(key(), desk.organisation.scope("acme"), "withdraw", "choice"))
    ticket = desk.asked("newsletter")
    request = request_of(ticket, timezone.now())
    press(ticket, request, Envelope())
    [effect] = effects(request, timezone.now())
    assert effect.verdict.allowed
    assert request_of(ticket, timezone.now()).stage == Stage.CONFIRMED
    assert desk.reasons("newsletter") == ["opted_out"]
    pipeline.drain()
    assert desk.reasons("newsletter") == ["granted"]


def test_a_browser_that_says_do_not_share_agrees_to_no_sharing(desk: Desk) -> None:
    ticket = desk.asked("newsletter", "data-sharing")
    desk.press(ticket, {"gpc": "1"})
    assert desk.reasons("newsletter", "data-sharing") == ["granted", "unconfirmed"]


def test_a_strangers_sign_up_keeps_no_address_beside_the_ledger_and_a_confirmed_one_does(desk: Desk) -> None:
    ticket = desk.asked("newsletter")
    assert not ContactPoint.objects.exists()
    desk.press(ticket)
    assert ContactPoint.objects.get().key == key()


def test_staff_see_who_asked_and_that_it_waits(desk: Desk) -> None:
    desk.asked("newsletter")
    told = read_story([key()], contact("email", ANN), with_contents=True)
    [chapter], [standing] = told.chapters, told.standing
    assert standing.what == "asked for, not confirmed"
    assert [line.action for line in chapter.lines] == ["asked for, not confirmed"]
    assert [answer.what for answer in chapter.answers] == ["The message that asks for a confirmation"]
    assert chapter.contents is not None
    said = dict(chapter.contents.fields)
    assert (said["Address"], said["Asked for"], said["Wording"]) == (ANN, "Newsletter", "form v1 (en)")


def test_staff_see_what_a_press_confirmed(desk: Desk) -> None:
    ticket = desk.asked("newsletter")
    desk.press(ticket)
    told = read_story([key()], contact("email", ANN), with_contents=True)
    contents = told.chapters[0].contents
    assert contents is not None
    assert dict(contents.fields)["Confirms the request"] == str(ticket.inbound_id)
    assert [standing.what for standing in told.standing] == ["confirmed"]


@pytest.mark.parametrize("change", ["other inbound", "other key"])
def test_a_ticket_of_ours_about_no_request_is_refused(desk: Desk, change: str) -> None:
    ticket = desk.asked("newsletter")
    foreign = (
        ticket._replace(inbound_id=public_id())
        if change == "other inbound"
        else ticket._replace(key=key("b@x.example"))
    )
    with pytest.raises(BadToken):
        request_of(foreign, timezone.now())


TICKET = Ticket(public_id(), Key(b"k" * 16), timezone.now().replace(microsecond=0), (1, 22))


def test_a_ticket_reads_as_it_was_written() -> None:
    assert read_ticket(write_ticket(TICKET)) == TICKET


@examples(max_examples=100, derandomize=True, deadline=None, database=None)
@given(st.one_of(st.text(max_size=400), st.integers(0, 150)))
def test_what_we_did_not_write_is_no_ticket(written: str | int) -> None:
    whole = write_ticket(TICKET)
    if isinstance(written, int):
        place = written % len(whole)
        written = f"{whole[:place]}{'1' if whole[place] != '1' else '2'}{whole[place + 1 :]}"
    with pytest.raises(BadToken):
        read_ticket(written)


def test_a_mail_that_was_sent_before_the_signing_key_changed_still_confirms(settings: Settings) -> None:
    written = write_ticket(TICKET)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another key of more than fifty characters, as they have to be"
    assert read_ticket(written) == TICKET


def test_the_mail_says_who_asked_for_what_and_how_to_do_nothing(desk: Desk) -> None:
    desk.sign_up("newsletter")
    [message] = desk.work()
    assert ticket_in(message).topics == (desk.organisation.topics["newsletter"].pk,)
    body = str(message.body)
    assert ANN not in body
    for said in ("Acme", "- Newsletter", "press the button", "Without that press nothing happens"):
        assert said in body
    assert message.extra_headers["Auto-Submitted"] == "auto-generated"
    assert message.to == [ANN]
