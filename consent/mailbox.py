"""Mail for our mailboxes → the inbox: whose it is, whom it holds meanwhile."""

from collections.abc import Iterable, Sequence

from django.db import transaction

from consent import configuration, inbox
from consent.addresses import Contact, contact_of_normal, postal_contact
from consent.classify.mail import MailDecision, classify_mail
from consent.configuration import Scope
from consent.inbox import Arrival, Envelope
from consent.intake.mail import ParsedMail, parse_mail
from consent.intake.mail_limits import TooComplex
from consent.models.vocabulary import SenderKind
from consent.normalise.email import normalise_email
from consent.normalise.errors import InvalidAddress
from consent.normalise.keys import Key
from consent.tokens import BadToken, Token, read_token

MAILBOX_KINDS = (SenderKind.OPT_OUT, SenderKind.PRIVACY)


def plain_mailbox(address: str) -> str | None:
    """The mailbox behind an address, without its +tag, in normal form."""
    local, at, domain = address.strip().strip("<>").rpartition("@")
    try:
        return normalise_email(f"{local.partition('+')[0]}{at}{domain}")
    except InvalidAddress:
        return None


def owner_of(address: str) -> int | None:
    """The controller whose mailbox this is, or none."""
    plain = plain_mailbox(address)
    owner, kind = configuration.recent().senders.get(("email", plain or ""), (None, ""))
    return owner if kind in MAILBOX_KINDS else None


def accept_mail(raw: bytes, mail_from: str, recipients: Sequence[str]) -> list[inbox.Accepted]:
    """Keep a message once for each controller it was sent to, in one transaction."""
    mailboxes = {owner: address for address in reversed(recipients) if (owner := owner_of(address)) is not None}
    with transaction.atomic():
        return [_accept(raw, mail_from, owner, address) for owner, address in sorted(mailboxes.items())]


def _accept(raw: bytes, mail_from: str, controller_id: int, address: str) -> inbox.Accepted:
    try:
        parsed = parse_mail(raw)
    except TooComplex:
        parsed = None
    headers = {"mail-from": mail_from, "rcpt-to": address}
    return inbox.accept(
        Arrival(
            controller_id=controller_id,
            source="mail",
            channel="email",
            endpoint=plain_mailbox(address) or address,
            verified=False,  # nothing in SMTP proves who wrote: a no is obeyed all the same, a yes never taken
            envelope=Envelope(body=raw, headers=headers),
            holds=list(_holds(parsed, mail_from, address, controller_id)),
            same=(parsed.message_id, parsed.from_raw, parsed.subject, parsed.text) if parsed and parsed.message_id else (),
        )
    )


def _holds(parsed: ParsedMail | None, mail_from: str, rcpt_to: str, controller_id: int) -> Iterable[tuple[Key, Scope]]:
    """Who is denied until the message was worked off: its sender, its token's address, the postal addresses in it."""
    scope = Scope(controller_id, None)
    keys: dict[Key, None] = {}
    if parsed is None:
        sender = sender_contact(None, mail_from)
        keys.update(dict.fromkeys(sender.said if sender else ()))
    else:
        made = classify_mail(with_recipient(parsed, rcpt_to))
        keys.update(dict.fromkeys(email_keys(parsed, made, mail_from)))
        if made.post != "none":
            keys.update(dict.fromkeys(key for one in postal_contacts(made) for key in one.said))
    return [(key, scope) for key in keys]
