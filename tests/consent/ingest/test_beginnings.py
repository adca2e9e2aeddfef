"""Of a letter too long to be kept whole, the beginning is: what it asks is done, on each channel."""

import pytest

from consent import mailbox, pipeline
from consent.models import Inbound
from tests.consent.core.doors import letter
from tests.consent.core.example import MAILBOX, Organisation, ask, key_of

pytestmark = pytest.mark.django_db


def test_a_number_that_the_beginning_names_is_held_and_then_denied(organisation: Organisation) -> None:
    number = key_of("sms", "+14155552671")
    mailbox.accept_mail(letter("", "Stop texting me at (415) 555-2671."), "ann.lee@example.com", [MAILBOX], cut=True)
    assert ask(organisation, "offers", [number], "sms").reason == "held"
    pipeline.drain()
    assert ask(organisation, "offers", [number], "sms").reason == "opted_out"
    assert Inbound.objects.get().outcome == "opt_out"
