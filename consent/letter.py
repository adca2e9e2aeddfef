"""A message as one reading: what it asks, whose e-mail address and which homes it is about.

The inbox asks it whom to hold, the pipeline what to record: both by this same code.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import msgspec
from django.conf import settings

from consent import configuration
from consent.addresses import Contact, contact_of_normal, contact_of_person
from consent.bounces.ids import read_id
from consent.classify.mail import MailDecision, classify_mail
from consent.configuration import Scope
from consent.intake.mail import ParsedMail, TooComplex, parse_mail
from consent.intake.mail_authenticity import Authenticity, stated
from consent.normalise.email import normalise_email
from consent.normalise.errors import InvalidAddress
from consent.normalise.keys import Key
from consent.tokens import BadToken, Token, read_token

_TOO_COMPLEX = MailDecision(row="too_complex", version="1", email="review")
_SHORTEST_TOKEN = 40  # characters; ours have 56 and more
_TOO_LARGE = MailDecision(row="too_large", version="1", email="review")


class Reading(NamedTuple):
    """The request is about the token's address, else the sender's. Without one nobody can be named.

    `stray` says that the letter names its recipient by something that is no token of ours for this controller.
    `authenticity` tells whether the domain of the From stands by the message, `proof` who says so. Evidence alone.
    """

    made: MailDecision
    mail: ParsedMail | None
    sender: Contact | None
    token: Token | None
    homes: tuple[Contact, ...]
    complainants: tuple[tuple[Key, Scope, Contact | None], ...]
    phones: tuple[Contact, ...] = ()
    stray: bool = False
    authenticity: Authenticity = "none"
    proof: str = ""

    def email_keys(self) -> tuple[Key, ...]:
        """The keys of the e-mail address that the message is about."""
        return () if self.stray else self.keys_to_hold()

    def keys_to_hold(self) -> tuple[Key, ...]:
        """The keys that are denied while the message waits: of a stray token's letter, its sender's."""
        if self.token is not None:
            return (self.token.key,)
        return self.sender.said if self.sender else ()


def read_letter(raw: bytes, envelope: Mapping[str, str], controller_id: int) -> Reading:
    """Read a message. `envelope` holds `mail-from` and `rcpt-to`, and `cut` where only the beginning is there.

    What exceeds the parser's limits is for a person, and so is a beginning that asks nothing.
    """
    try:
        mail = parse_mail(raw)
    except TooComplex:
        return Reading(_TOO_COMPLEX, None, _contact(envelope.get("mail-from", "")), None, (), ())
    rcpt_to = envelope.get("rcpt-to", "")
    # Bcc and forwarding hide the mailbox from the headers; the envelope has it.
    mail = msgspec.structs.replace(mail, delivered_to=(*filter(None, [rcpt_to]), *mail.delivered_to))
    made = classify_mail(mail, own_mailboxes={rcpt_to.casefold()}, region=_region(controller_id))
    if envelope.get("cut") and not made.asks and not made.complaints + made.complaint_tokens + made.bounces:
        made = _TOO_LARGE
    sender = (
        contact_of_normal("email", mail.from_address) if mail.from_address else _contact(envelope.get("mail-from", ""))
    )
    homes = tuple(contact_of_person(home.household, home.name, home.home) for home in made.addresses)
    complainants = tuple(_complainants(made, Scope(controller_id, None)))
    phones = tuple(contact_of_normal("sms", number) for number in made.numbers)
    token = _token(made.token, controller_id)
    stray = token is None and _looks_like_ours(made.token, mail)
    proof = stated(raw, settings.SAYSO_TRUSTED_AUTHSERV_IDS)
    return Reading(made, mail, sender, token, homes, complainants, phones, stray, proof.authenticity, proof.by)


def _looks_like_ours(written: str | None, mail: ParsedMail) -> bool:
    """Only a link writes so long a word, or one behind our mailbox's name; "unsubscribe news2026" is a person's."""
    return bool(written) and (
        len(written or "") >= _SHORTEST_TOKEN or any(f"+{written}@" in to for to in mail.recipients)
    )


def _region(controller_id: int) -> str:
    """The country in which a controller's letters write national numbers: that of its accounts at gateways."""
    accounts = configuration.recent().accounts.values()
    return next((entry.region for entry in accounts if entry.controller_id == controller_id and entry.region), "US")


def _contact(written: str) -> Contact | None:
    try:
        return contact_of_normal("email", normalise_email(written))
    except InvalidAddress:
        return None


def _token(written: str | None, controller_id: int) -> Token | None:
    """A token of ours and of this controller; anything else that looks like one names nobody."""
    try:
        token = read_token(written or "")
    except BadToken:
        return None
    return token if token.scope.controller_id == controller_id else None


def _complainants(made: MailDecision, scope: Scope) -> Iterable[tuple[Key, Scope, Contact | None]]:
    for written in made.complaints:
        contact = _contact(written)
        if contact:
            yield contact.said[0], scope, contact
    for written in made.complaint_tokens:
        token, own = _token(written, scope.controller_id or 0), read_id(written)
        if token:
            yield token.key, scope, None
        elif own and own.controller_id == scope.controller_id:
            yield own.key, scope, None
