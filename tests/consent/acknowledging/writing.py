"""A short way to write to an organisation, and to read what it answers."""

from email import message_from_bytes, policy
from email.message import EmailMessage
from itertools import count
from uuid import UUID

from django.core import mail

from consent import mailbox, outbox, pipeline
from consent.mailing.message import to_bytes
from consent.models import Errand
from tests.consent.core.example import MAILBOX, Organisation

HOME = "Ann Lee\n12 Oak Street\nSpringfield, IL 62701"
HOME_LINE = "ANN LEE, 12 OAK ST, 62701, US"
_numbers = count(1)


def letter(
    words: str, sender: str = "Ann Lee <ann@home.example>", subject: str = "", to: str = MAILBOX, more: str = ""
) -> bytes:
    head = f"From: {sender}\nTo: {to}\nSubject: {subject}\nMessage-ID: <{next(_numbers)}@home.example>\n{more}"
    return f"{head}Content-Type: text/plain; charset=utf-8\n\n{words}\n".encode()


class Office:
    """The organisation, with a contact. Its answers are in Django's outbox."""

    def __init__(self, organisation: Organisation) -> None:
        self.organisation = organisation
        organisation.acme.name, organisation.acme.contact = "Acme Hosting", "help@acme.example"
        organisation.acme.save()

    def take(self, raw: bytes, mail_from: str = "ann@home.example", to: str = MAILBOX) -> UUID:
        """Take a letter in; nothing works it off yet."""
        [accepted] = mailbox.accept_mail(raw, mail_from, [to])
        return accepted.id

    def answers(self, raw: bytes, mail_from: str = "ann@home.example", to: str = MAILBOX) -> list[EmailMessage]:
        """Take a letter in, work it off, and give what went out because of it."""
        self.take(raw, mail_from, to)
        return self.work()

    def answer(self, words: str, **more: str) -> EmailMessage:
        """The one answer to a letter with these words."""
        [answer] = self.answers(letter(words, **more))
        return answer

    def work(self) -> list[EmailMessage]:
        mail.outbox.clear()
        pipeline.drain()
        outbox.drain()
        return [read(message) for message in mail.outbox]

    def errands(self) -> list[tuple[str, str, str]]:
        return list(Errand.objects.order_by("id").values_list("kind", "purpose", "state"))


def read(message: mail.EmailMessage) -> EmailMessage:
    """A message as its receiver has it."""
    return message_from_bytes(to_bytes(message), EmailMessage, policy=policy.default)


def text_of(message: EmailMessage) -> str:
    return str(message.get_content())
