"""Whose failure a report tells of, and whether it is proved.

Anybody can write a report. What nobody can forge is an id of ours that went out with the message and came back: in the
returned header fields, in the address that the report was sent to (VERP), in a Message-ID or envelope id. It names the
person whom we wrote to, whatever forwarding made of the address since. Only then comes the address that the report
itself names, which proves nothing.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final, NamedTuple

from django.utils import timezone

from consent.addresses import Contact, contact_of_normal
from consent.bounces.ids import find_ids, is_fresh
from consent.bounces.policy import at_once
from consent.classify.mail_bounce import Bounce, delivered_to
from consent.classify.mail_bounce_text import unnamed_bounce
from consent.classify.mail_token import tokens_in_links
from consent.classify.mail_verp import verp_addresses
from consent.configuration import Scope
from consent.intake.mail import ParsedMail
from consent.intake.mail_reports import first
from consent.letter import Reading
from consent.normalise.email import normalise_email
from consent.normalise.errors import InvalidAddress
from consent.normalise.keys import Key
from consent.tokens import BadToken, read_token

_FIELDS: Final = ("x-sayso-id", "message-id", "list-unsubscribe")
_FIELD: Final = re.compile(
    r"^[> \t]{0,8}(X-Sayso-Id|Message-ID|List-Unsubscribe):([^\n]*(?:\n[> ]{0,4}[ \t][^\n]*){0,6})",
    re.IGNORECASE | re.M,
)


class Told(NamedTuple):
    """An address that failed. `dead`: the report says that it is no address any more; `counts`: it speaks of the
    address at all, and not of our message or our repute. `contact` is there where the address itself is known.
    """

    key: Key
    contact: Contact | None
    dead: bool
    counts: bool
    proved: bool
    at: datetime

    @property
    def at_once(self) -> bool:
        """Whether this alone makes the address a dead one."""
        return self.dead and self.proved and at_once(self.at.date())


def who_bounced(reading: Reading, controller_id: int, now: datetime | None = None) -> tuple[Told, ...]:
    """The failures that a message tells of, each address once. `now` is when it was received."""
    mail, now = reading.mail, now or timezone.now()
    if mail is None or reading.made.row.startswith("complaint"):
        return ()
    proved = _proved(mail, controller_id, now)
    bounces = reading.made.bounces or tuple(_unnamed(mail, reading, proved))
    return tuple(_told(bounces, proved, _verp(mail), now)) if bounces else ()


def who_was_reached(reading: Reading, controller_id: int, now: datetime) -> tuple[Key, ...]:
    """The addresses that a proved report calls delivered (RFC 3464 §2.3.3)."""
    if reading.mail is None or not any(map(delivered_to, reading.mail.deliveries)):
        return ()
    proved = _proved(reading.mail, controller_id, now)
    named = {one.said[0] for report in reading.mail.deliveries for one in _contacts(delivered_to(report))}
    return tuple(key for key in proved if key in named)


def _unnamed(mail: ParsedMail, reading: Reading, proved: tuple[Key, ...]) -> Iterator[Bounce]:
    """A report in words that names nobody still tells of whom the id names, if it is one at all."""
    if proved and reading.made.email == reading.made.post == "none":
        found = unnamed_bounce(mail)
        if found:
            yield found


def _told(bounces: tuple[Bounce, ...], proved: tuple[Key, ...], verp: tuple[str, ...], now: datetime) -> Iterator[Told]:
    named = [(bounce, contact) for bounce in bounces for contact in _contacts([bounce.recipient])]
    matched = {contact.said[0] for _, contact in named} & set(proved)
    if len(proved) == 1 and not matched:
        # Forwarded, or redacted: it is our message all the same. Of several failures behind one address some may live.
        dead = len(bounces) == 1 and bounces[0].hard
        yield Told(proved[0], None, dead, any(bounce.counts for bounce in bounces), True, now)
        return
    if len(bounces) == 1 and not matched and verp:
        named = [(bounces[0], contact) for contact in _contacts(verp[:1])]
    for bounce, contact in named:
        yield Told(contact.said[0], contact, bounce.hard, bounce.counts, contact.said[0] in matched, now)


def _contacts(written: tuple[str, ...] | list[str]) -> Iterator[Contact]:
    for address in written:
        try:
            yield contact_of_normal("email", normalise_email(address))
        except InvalidAddress:
            continue


def _verp(mail: ParsedMail) -> tuple[str, ...]:
    return verp_addresses(mail.recipients)


def _proved(mail: ParsedMail, controller_id: int, now: datetime) -> tuple[Key, ...]:
    """The keys that our own ids name, by the surest place that holds any: the returned message, VERP, other ids."""
    for places in (_returned(mail), mail.recipients, tuple(_references(mail))):
        keys = dict.fromkeys(key for text in places for key in _keys(text, controller_id, now))
        if keys:
            return tuple(keys)
    return ()


def _returned(mail: ParsedMail) -> tuple[str, ...]:
    """The fields of the message that came back: a part of its own, or a copy in the text."""
    parts: list[Mapping[str, str]] = [*mail.returned, *(report.returned for report in mail.feedback)]
    copies = (found[2] for found in _FIELD.finditer(mail.notice))
    return (*(back[name] for back in parts for name in _FIELDS if name in back), *copies)


def _references(mail: ParsedMail) -> Iterator[str]:
    yield mail.in_reply_to
    yield from (first(report.message, "original-envelope-id") for report in mail.deliveries)


def _keys(text: str, controller_id: int, now: datetime) -> Iterator[Key]:
    for one in find_ids(text):
        if one.controller_id == controller_id and is_fresh(one, now):
            yield one.key
    for written in tokens_in_links(text):
        try:
            token = read_token(written)
        except BadToken:
            continue
        if token.channel == "email" and token.scope == Scope(controller_id, token.scope.topic_id):
            yield token.key
