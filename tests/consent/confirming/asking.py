"""A short way to sign somebody up, and to press the link of the mail that asks for a confirmation."""

import re
from datetime import datetime

import msgspec
from django.core import mail
from django.utils import timezone

from consent import outbox, pipeline
from consent.addresses import contact
from consent.confirming import Ticket, press, read_ticket, request_of
from consent.inbox import Accepted, Arrival, Envelope, accept
from consent.models import Notice
from consent.normalise.keys import Key
from consent.signing_up import SOURCE, SignUp
from consent.statement import NoticeSeen
from consent.status import Verdict
from tests.consent.core.example import Organisation, ask

ANN = "ann@home.example"
LINK = re.compile(r"https?://\S+/confirm/(\S+)")


class Desk:
    """The organisation, and what comes of sign-ups there."""

    def __init__(self, organisation: Organisation) -> None:
        self.organisation = organisation
        self.notice = Notice.objects.create(
            controller=organisation.acme,
            slug="form",
            version=1,
            language="en",
            text="Send it to me.",
            published_at=timezone.now(),
        )

    def sign_up(
        self,
        *topics: str,
        address: str = ANN,
        language: str = "en",
        source: str = SOURCE,
        received_at: datetime | None = None,
    ) -> Accepted:
        """Take a sign-up in; nothing works it off yet."""
        seen = NoticeSeen("form", 1, "en")
        told = SignUp(address, topics, tuple(topic.title() for topic in topics), language, seen, nonce="n")
        return accept(
            Arrival(
                controller_id=self.organisation.acme.pk,
                source=source,
                channel="email",
                envelope=Envelope(body=msgspec.json.encode(told)),
                holds=[],
                received_at=received_at,
            )
        )

    def work(self) -> list[mail.EmailMessage]:
        """Work all off, and give what went out because of it."""
        mail.outbox.clear()
        pipeline.drain()
        outbox.drain()
        return list(mail.outbox)

    def asked(self, *topics: str, address: str = ANN) -> Ticket:
        """Sign up, and give the ticket of the one mail."""
        self.sign_up(*topics, address=address)
        [message] = self.work()
        return ticket_in(message)

    def press(self, ticket: Ticket, headers: dict[str, str] | None = None) -> Accepted:
        """Press the link of a mail, and work that off."""
        accepted = press(ticket, request_of(ticket, timezone.now()), Envelope(b"", headers or {}))
        self.work()
        return accepted

    def verdict(self, topic: str, address: str = ANN) -> Verdict:
        return ask(self.organisation, topic, [key(address)])

    def reasons(self, *topics: str) -> list[str]:
        return [self.verdict(topic).reason for topic in topics]


def key(address: str = ANN) -> Key:
    return contact("email", address).said[0]


def ticket_in(message: mail.EmailMessage) -> Ticket:
    [found] = LINK.findall(str(message.body))
    return read_ticket(found)
