"""What a letter's proof changes: nothing but what staff and the API are told. And no letter ever gives a consent."""

import pytest
from django.test import override_settings

from consent import mailbox, pipeline
from consent.contents import contents_of
from consent.models import ConsentEvent, Inbound, Permission
from tests.consent.core.doors import letter
from tests.consent.core.example import MAILBOX, Organisation

pytestmark = pytest.mark.django_db

RESULTS = b"Authentication-Results: mx.ours.example; dmarc=%s header.from=example.com\r\n"


def taken(raw: bytes) -> Inbound:
    """The message as the pipeline leaves it."""
    [accepted] = mailbox.accept_mail(raw, "ann.lee@example.com", [MAILBOX])
    assert pipeline.drain() == 1
    return Inbound.objects.get(pk=accepted.id)


def test_a_no_counts_whatever_its_proof_and_staff_see_which(organisation: Organisation) -> None:
    found = []
    proofs = (b"pass", b"fail", b"none")
    with override_settings(SAYSO_TRUSTED_AUTHSERV_IDS=["mx.ours.example"]):
        for number, proof in enumerate(proofs):
            sender = f"ann.{proof.decode()}@example.com"
            inbound = taken(RESULTS % proof + letter("unsubscribe", "Please.", sender=sender, number=number))
            fields = dict(contents_of(inbound).fields)
            shown = fields["From whom it says"].partition(",")[0], fields.get("Proof", "")
            [line] = ConsentEvent.objects.filter(inbound=inbound)
            found.append((inbound.authenticity, inbound.outcome, inbound.verified, line.action, *shown))
    assert found == [
        ("pass", "opt_out", False, "withdraw", "yes", "dmarc (mx.ours.example)"),
        ("fail", "opt_out", False, "withdraw", "no", "dmarc (mx.ours.example)"),
        ("none", "opt_out", False, "withdraw", "nothing proves it. The request counts all the same", ""),
    ]


def test_what_came_by_another_way_has_no_proof(organisation: Organisation) -> None:
    assert Inbound(source="sms:twilio").authenticity == ""


def test_a_letter_never_gives_a_consent(organisation: Organisation) -> None:
    yes = (
        ("subscribe", ""),
        ("Subscribe me", "Please subscribe me to the newsletter."),
        ("START", "START"),
        ("YES", "Yes, I want to receive your offers again. Please opt me in."),
        ("confirm", "I confirm my subscription."),
        ("Re: Please confirm your subscription", "YES, subscribe me"),
        ("resubscribe", "opt in"),
        ("Newsletter anmelden", "Bitte melden Sie mich für den Newsletter an."),
    )
    with override_settings(SAYSO_TRUSTED_AUTHSERV_IDS=["mx.ours.example"]):
        for number, (subject, text) in enumerate(yes):
            taken(RESULTS % b"pass" + letter(subject, text, number=number))
    assert not Permission.objects.exists()
    assert not ConsentEvent.objects.filter(action__in=("grant", "confirm", "lift")).exists()
