"""Complaints whose address was taken out: our own ids tell whose they are."""

import pytest

from tests.consent.bounces.conftest import Arrive
from tests.consent.bounces.reports import BOX, id_of
from tests.consent.core.example import Organisation, ask, key_of

pytestmark = pytest.mark.django_db


def bundle(*returned: str) -> bytes:
    """One report of several complaints, their addresses taken out."""
    parts = "".join(
        "--b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\nUser-Agent: Pad/1\nVersion: 1\n"
        f"Original-Rcpt-To: redacted@pad.example\n\n--b\nContent-Type: text/rfc822-headers\n\n{fields}\n\n"
        for fields in returned
    )
    return (
        f"From: fbl@pad.example\nTo: {BOX}\nSubject: complaint\n"
        f"Content-Type: multipart/report; report-type=feedback-report; boundary=b\n\n--b\n\nSpam.\n{parts}--b--\n"
    ).encode()


def test_each_is_silenced_for_marketing_alone(arrive: Arrive, organisation: Organisation) -> None:
    ann, bob, zoe = (f"{name}@pad.example" for name in ("ann", "bob", "zoe"))
    arrive(
        bundle(
            f"X-Sayso-Id: {id_of(organisation, ann)}",
            f"Message-ID: <{id_of(organisation, bob)}@acme.example>",
            f"X-Sayso-Id: {id_of(organisation, zoe, controller='globex')}",
        )
    )
    said = {
        who: tuple(ask(organisation, topic, [key_of("email", who)]).reason for topic in ("offers", "service"))
        for who in (ann, bob, zoe)
    }
    assert said == {
        ann: ("complaint", "service"),
        bob: ("complaint", "service"),
        zoe: ("opt_out_basis", "service"),
    }
