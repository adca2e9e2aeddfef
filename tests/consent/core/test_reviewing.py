"""What no rule can decide: it is held, a person decides, and the decision is evidence."""

from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from consent import pipeline, reviewing
from consent.addresses import contact
from consent.models import ConsentEvent, Decision, Hold, Inbound, Review
from tests.consent.core.doors import HOME, generic, mail
from tests.consent.core.example import Organisation, ask, key_of

pytestmark = pytest.mark.django_db

EMAIL = key_of("email", "ann.lee@example.com")
NUMBER = "+14155550123"
SMS = key_of("sms", NUMBER)


@pytest.fixture
def user(db: None) -> int:
    made: int = get_user_model().objects.create_user("staff").pk
    return made


def home_reason(organisation: Organisation) -> str:
    return ask(organisation, "offers", contact("post", HOME).asked, "post").reason


@pytest.mark.parametrize(
    ("subject", "text", "reviewed", "reason", "home"),
    [
        ("Unsubscribe", "please", set(), "opted_out", "opt_out_basis"),
        ("No snail mail", HOME, set(), "opt_out_basis", "opted_out"),
        ("No snail mail", "", {"post"}, "opt_out_basis", "opt_out_basis"),
        (
            "Unsubscribe",
            "Take me off your e-mail list. Also no paper mail please.",
            {"post"},
            "opted_out",
            "opt_out_basis",
        ),
        (
            "Take me off everything",
            f"Remove me from all lists, e-mail and post.\n\n{HOME}",
            set(),
            "opted_out",
            "opted_out",
        ),
        ("Hello", "Could you stop sending so many of these?", {"email"}, "held", "opt_out_basis"),
    ],
)
def test_each_channel_of_a_letter_is_decided_or_reviewed_by_itself(
    organisation: Organisation, subject: str, text: str, reviewed: set[str], reason: str, home: str
) -> None:
    row = mail(subject, text)
    assert ask(organisation, "offers", [EMAIL]).reason == "held"
    pipeline.drain()
    row.refresh_from_db()
    assert set(Review.objects.values_list("channel", flat=True)) == reviewed
    assert row.state == ("review" if reviewed else "done")
    assert (ask(organisation, "offers", [EMAIL]).reason, home_reason(organisation)) == (reason, home)


def test_a_letter_from_nobody_is_reviewed_and_needs_an_address(organisation: Organisation, user: int) -> None:
    mail("unsubscribe", "", sender="")
    pipeline.drain()
    review = Review.objects.get()
    with pytest.raises(reviewing.NoAddress):
        reviewing.decide(review.pk, Decision.OPT_OUT, user_id=user, reason="it says so")
    assert not Review.objects.get().decision
    found = contact("email", "ann.lee@example.com")
    reviewing.decide(review.pk, Decision.OPT_OUT, user_id=user, reason="the signature names her", contact=found)
    assert ask(organisation, "offers", [EMAIL]).reason == "opted_out"


def unclear_mail() -> UUID:
    mail("Hello", "Could you stop sending so many of these?")
    pipeline.drain()
    return Review.objects.get().pk


@pytest.mark.parametrize(
    ("decision", "reason", "allowed", "lines"),
    [(Decision.OPT_OUT, "opted_out", False, 1), (Decision.NONE, "opt_out_basis", True, 0)],
)
def test_a_decision_ends_the_hold_and_is_recorded(
    organisation: Organisation, user: int, decision: Decision, reason: str, allowed: bool, lines: int
) -> None:
    review = unclear_mail()
    assert ask(organisation, "offers", [EMAIL]).reason == "held"
    decided = reviewing.decide(review, decision, user_id=user, reason="I read it")
    assert (decided.decision, decided.decided_by_id, decided.reason) == (decision, user, "I read it")
    verdict = ask(organisation, "offers", [EMAIL])
    assert (verdict.allowed, verdict.reason) == (allowed, reason)
    assert [line.actor for line in ConsentEvent.objects.all()] == [f"staff:{user}"] * lines
    assert (Inbound.objects.get().state, Hold.objects.count()) == ("done", 0)


def test_a_yes_in_mail_that_nobody_proved_is_not_taken(organisation: Organisation, user: int) -> None:
    review = unclear_mail()
    with pytest.raises(reviewing.NotTheirWord):
        reviewing.decide(review, Decision.OPT_IN, user_id=user, reason="it looks like her")
    assert ask(organisation, "offers", [EMAIL]).reason == "held"
    assert not ConsentEvent.objects.exists()


def test_an_address_of_another_channel_is_not_taken(organisation: Organisation, user: int) -> None:
    review = unclear_mail()
    with pytest.raises(reviewing.WrongChannel):
        reviewing.decide(review, Decision.OPT_OUT, user_id=user, reason="…", contact=contact("sms", NUMBER))
    assert not Review.objects.get().decision


def test_a_review_is_decided_once(organisation: Organisation, user: int) -> None:
    review = unclear_mail()
    reviewing.decide(review, Decision.OPT_OUT, user_id=user, reason="…")
    for again in (Decision.OPT_OUT, Decision.NONE):
        with pytest.raises(reviewing.AlreadyDecided):
            reviewing.decide(review, again, user_id=user, reason="…")
    assert ConsentEvent.objects.count() == 1


def test_a_yes_on_a_number_lifts_its_stop_to_that_number_and_gives_nothing_else(
    organisation: Organisation, user: int, client: Client
) -> None:
    generic(client, NUMBER, "STOP", "m-1")
    generic(client, NUMBER, "could you please stop but not the reminders", "m-2")
    pipeline.drain()
    [review] = Review.objects.all()
    assert ask(organisation, "service", [SMS], "sms").also == ("held",)
    reviewing.decide(review.pk, Decision.OPT_IN, user_id=user, reason="she rang us")
    assert ask(organisation, "service", [SMS], "sms").allowed
    assert ask(organisation, "newsletter", [SMS], "sms").reason == "no_consent"
    stop, *lifts = ConsentEvent.objects.order_by("seq")
    assert {(lift.action, lift.cause, lift.sender) for lift in lifts} == {("lift", "stop", stop.sender)}
    assert {lift.controller_id for lift in lifts} == {organisation.acme.pk, None}


def test_the_lines_of_a_decision_follow_those_of_the_rules(organisation: Organisation, user: int) -> None:
    row = mail("Unsubscribe", "Take me off your e-mail list. Also no paper mail please.")
    pipeline.drain()
    assert ConsentEvent.objects.get().ordinal == 0
    home: Any = contact("post", HOME)
    reviewing.decide(Review.objects.get().pk, Decision.OPT_OUT, user_id=user, reason="we know her home", contact=home)
    ordinals = list(ConsentEvent.objects.filter(inbound=row).order_by("seq").values_list("ordinal", "channel"))
    assert ordinals == [(0, "email"), *[(place + 1, "post") for place in range(len(home.said))]]
    assert home_reason(organisation) == "opted_out"
