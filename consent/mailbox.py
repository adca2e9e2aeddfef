"""Mail for our mailboxes → the inbox: whose it is, and whom it holds meanwhile."""

from collections.abc import Mapping, Sequence

from django.db import transaction

from consent import configuration, inbox
from consent.bounces.whose import who_bounced
from consent.configuration import Scope
from consent.inbox import Arrival, Envelope
from consent.letter import Reading, read_letter
from consent.models.vocabulary import SenderKind
from consent.normalise.email import normalise_email
from consent.normalise.errors import InvalidAddress
from consent.normalise.keys import Key

MAILBOX_KINDS = (SenderKind.OPT_OUT, SenderKind.PRIVACY, SenderKind.BOUNCE)


def plain_mailbox(address: str) -> str | None:
    """The mailbox behind an address, without its +tag, in normal form."""
    local, at, domain = address.strip().strip("<>").rpartition("@")
    try:
        return normalise_email(f"{local.partition('+')[0]}{at}{domain}")
    except InvalidAddress:
        return None


def owner_of(address: str) -> int | None:
    """The controller whose mailbox this is, or none."""
    owner, kind = configuration.recent().senders.get(("email", plain_mailbox(address) or ""), (None, ""))
    return owner if kind in MAILBOX_KINDS else None


def accept_mail(
    raw: bytes, mail_from: str, recipients: Sequence[str], *, digest: bytes | None = None, cut: bool = False
) -> list[inbox.Accepted]:
    """Keep a message once for each controller it was sent to, in one transaction.

    `digest`, the SHA-256 of all of it, comes with a message that lay somewhere and may be read there again: where it
    has no Message-ID, its bytes make it the same one. `cut` says that `raw` is only its beginning.
    """
    mailboxes = {owner: address for address in reversed(recipients) if (owner := owner_of(address)) is not None}
    with transaction.atomic():
        return [
            _accept(raw, {"mail-from": mail_from, "rcpt-to": address, **({"cut": "yes"} if cut else {})}, owner, digest)
            for owner, address in sorted(mailboxes.items())
        ]


def _accept(raw: bytes, envelope: Mapping[str, str], controller_id: int, digest: bytes | None) -> inbox.Accepted:
    address = envelope["rcpt-to"]
    reading = read_letter(raw, envelope, controller_id)
    return inbox.accept(
        Arrival(
            controller_id=controller_id,
            source="mail",
            channel="email",
            endpoint=plain_mailbox(address) or address,
            verified=False,  # nothing in SMTP proves who wrote: a no is obeyed all the same, a yes never taken
            envelope=Envelope(body=raw, headers=envelope),
            holds=_holds(reading, controller_id),
            homes=reading.homes if reading.made.post != "none" else (),
            same=_same(reading) or ((digest.hex(),) if digest else ()),
            digest=digest,
        )
    )


def _holds(reading: Reading, controller_id: int) -> list[tuple[Key, Scope]]:
    """The sender (or the token's address), the homes and numbers named, who complained, and who certainly bounced."""
    own = Scope(controller_id, None)
    keys = [(key, own) for key in reading.keys_to_hold()]
    if reading.made.post != "none":
        keys += [(key, own) for home in reading.homes for key in home.said]
    keys += [(key, own) for phone in reading.phones for key in phone.said]
    keys += [(key, scope) for key, scope, _ in reading.complainants]
    keys += [(told.key, own) for told in who_bounced(reading, controller_id) if told.at_once]
    return list(dict.fromkeys(keys))


def _same(reading: Reading) -> tuple[str, ...]:
    """A message sent again has the same id, sender and words; another with the same id is another."""
    mail = reading.mail
    if mail is None or not mail.message_id:
        return ()
    return (mail.message_id, mail.from_raw, mail.subject, mail.notice)
