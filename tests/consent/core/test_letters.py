"""Letters through the real inbox and pipeline: whom they silence, and what waits for staff."""

import pytest

from consent import pipeline, reviewing
from consent.addresses import contact
from consent.configuration import Scope
from consent.models import ConsentEvent, Decision, Review
from consent.tokens import Token, make_token
from tests.consent.core.doors import HOME, mail
from tests.consent.core.example import Organisation, ask, key_of
from tests.consent.core.test_reviewing import user as user

pytestmark = pytest.mark.django_db

EMAIL = key_of("email", "ann.lee@example.com")
NUMBER = "+14155552671"
STRANGER = "Bob Ray, 12 Oak Street, Springfield, IL 62701"


def reasons(organisation: Organisation) -> dict[str, str]:
    keys = {
        "email": [EMAIL],
        "sms": contact("sms", NUMBER).asked,
        "post": contact("post", HOME).asked,
    }
    return {channel: ask(organisation, "offers", keys[channel], channel).reason for channel in keys}


def test_a_letter_ends_texts_to_the_number_that_it_gives(organisation: Organisation) -> None:
    mail("Hello", "Please stop texting me at (415) 555-2671.")
    assert reasons(organisation)["sms"] == "held"
    pipeline.drain()
    assert reasons(organisation)["sms"] == "opted_out"
    assert not Review.objects.exists()


def test_texts_without_a_number_wait(organisation: Organisation) -> None:
    mail("Hello", "Unsubscribe me from your e-mails, and stop texting me.")
    pipeline.drain()
    assert reasons(organisation)["email"] == "opted_out"
    assert list(Review.objects.values_list("channel", "suggestion")) == [("sms", "opt_out")]


def test_a_household_is_silenced_whoever_is_addressed(organisation: Organisation) -> None:
    mail("No snail mail", f"This is for everyone at this address.\n\n{HOME}")
    pipeline.drain()
    assert ask(organisation, "offers", contact("post", STRANGER).asked, "post").reason == "opted_out"


def test_a_person_silences_nobody_else(organisation: Organisation) -> None:
    mail("No snail mail", HOME)
    pipeline.drain()
    assert reasons(organisation)["post"] == "opted_out"
    assert ask(organisation, "offers", contact("post", STRANGER).asked, "post").reason == "opt_out_basis"


def test_only_staff_say_that_somebody_has_died(organisation: Organisation, user: int) -> None:
    mail("My late mother", f"My mother has died. No more catalogs please.\n\n{HOME}")
    pipeline.drain()
    assert not ConsentEvent.objects.filter(cause="deceased").exists()
    [row] = Review.objects.all()
    assert (row.channel, row.suggestion) == ("post", "deceased")
    reviewing.decide(row.pk, Decision.DECEASED, user_id=user, reason="as she writes")
    asked = contact("post", HOME).asked
    assert ask(organisation, "service", asked, "post").reason == "deceased"
    assert ask(organisation, "service", contact("post", STRANGER).asked, "post").allowed


@pytest.mark.parametrize("whose", ["nobody's", "another controller's"])
def test_a_token_that_is_not_ours_is_for_staff_and_its_sender_held(organisation: Organisation, whose: str) -> None:
    other = make_token(Token("email", Scope(organisation.globex.pk, None), key_of("email", "x@example.com")))
    token = "A" * 60 if whose == "nobody's" else other
    mail(f"unsubscribe {token}", "")
    pipeline.drain()
    assert not ConsentEvent.objects.exists()
    assert reasons(organisation)["email"] == "held"
    assert list(Review.objects.values_list("channel", "suggestion")) == [("email", "opt_out")]


def test_a_token_counts_whoever_sends_it(organisation: Organisation) -> None:
    jane = key_of("email", "jane@example.com")
    token = make_token(Token("email", Scope(organisation.acme.pk, None), jane))
    mail(f"unsubscribe {token}", "")
    pipeline.drain()
    assert ask(organisation, "offers", [jane]).reason == "opted_out"
    assert reasons(organisation)["email"] == "opt_out_basis"


def test_a_yes_by_mail_is_never_taken(organisation: Organisation) -> None:
    mail("Please put me back on your mailing list", "I unsubscribed by mistake.")
    pipeline.drain()
    assert not ConsentEvent.objects.exists()
    [row] = Review.objects.all()
    assert row.suggestion == "none"
