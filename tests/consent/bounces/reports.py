"""Delivery reports for the tests, from few words."""

from datetime import date, timedelta

from django.utils import timezone

from consent.bounces.ids import make_id
from tests.consent.core.example import Organisation, key_of

BOX = "bounces@acme.example"
JANE = "jane@home.example"
DEAD, FULL, SPAM = ("5.1.1", "550 no such user"), ("5.2.2", "552 mailbox full"), ("5.7.1", "550 listed by Spamhaus")


def report(
    *failures: tuple[str, tuple[str, str]],
    returned: str = "",
    to: str = BOX,
    action: str = "failed",
    message: str = "",
    number: int = 0,
) -> bytes:
    """A report of failures: pairs of a recipient and of (status, words); `number` makes it another one."""
    groups = "\n".join(
        f"Final-Recipient: rfc822; {who}\nAction: {action}\nStatus: {status}\nDiagnostic-Code: smtp; {words}\n"
        for who, (status, words) in failures
    )
    return (
        f"From: MAILER-DAEMON@mx.example\nTo: {to}\nSubject: Undelivered Mail Returned to Sender\n"
        f"Message-ID: <{number}@mx.example>\nAuto-Submitted: auto-replied\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nSorry.\n"
        f"--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n{message}\n{groups}\n"
        f"--b\nContent-Type: text/rfc822-headers\n\n{returned or 'Subject: Offers'}\n--b--\n"
    ).encode()


def id_of(organisation: Organisation, address: str = JANE, days_ago: int = 0, controller: str = "acme") -> str:
    owner = organisation.acme if controller == "acme" else organisation.globex
    return make_id(owner.pk, key_of("email", address), today() - timedelta(days=days_ago))


def today() -> date:
    return timezone.now().date()
