"""Posts that only tell of mail: kept and obeyed before they are acknowledged, and never a call in between.

Whom the head names is held from the 2xx on. A notification that names nobody (a sender's name without an address) is
kept and asked for, but cannot be obeyed yet: it is acknowledged once the letter itself has come, and until then the
provider repeats it.
"""

import hashlib
import logging
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from consent import collecting, inbox, receiving
from consent.configuration import AccountEntry, Scope
from consent.inbox import Arrival, Envelope
from consent.intake.contract import Forbidden, Malformed, Request
from consent.intake.mail_notice import MailNotice, same
from consent.interpret.notice import read_notice
from consent.models import Inbound
from consent.models.vocabulary import InboundState

logger = logging.getLogger(__name__)


class NotYet(Exception):
    """It is kept and asked for, and denies nobody yet: it is not acknowledged."""


class Kept(NamedTuple):
    """The inbound of a notice, and whether it denies anybody."""

    id: UUID
    denies: bool


def require_access(entry: AccountEntry) -> None:
    """Raise `Forbidden` for an account that could never ask for the letter."""
    provider, endpoint = entry.account.provider, entry.account.endpoint
    if not collecting.may_collect(provider, endpoint):
        logger.error("mail of %s/%s is refused: the account has no credentials to ask for it", provider, endpoint)
        raise Forbidden


def for_us(entry: AccountEntry, notice: MailNotice) -> bool:
    """Whether a notice is of a mailbox of the account's controller. One that names none may be."""
    account = entry.account
    return not notice.recipients or bool(
        collecting.ours(entry.controller_id, account.provider, account.endpoint, notice.recipients)
    )


def keep(entry: AccountEntry, received: Request, notices: Sequence[MailNotice]) -> list[Kept]:
    """Keep each notice as an inbound of its own, in the caller's transaction; the first new one keeps the bytes."""
    kept: list[Kept] = []
    whole: UUID | None = None
    for notice in notices:
        arrival = _arrival(entry, received, notice, whole)
        accepted = inbox.accept(arrival)
        whole = whole or (None if accepted.again else accepted.id)
        kept.append(Kept(accepted.id, bool(arrival.holds)))
    return kept


def require_obeyed(kept: Sequence[Kept]) -> None:
    """After the commit: raise `NotYet` where a notice denies nobody and its letter is not here."""
    unnamed = [one.id for one in kept if not one.denies]
    if unnamed and Inbound.objects.filter(pk__in=unnamed).exclude(state=InboundState.DONE).exists():
        raise NotYet


def unreadable_of(entry: AccountEntry, found: Sequence[object]) -> list[Malformed]:
    """What is wrong with those that cannot be read or are for nobody of ours."""
    nobody = Malformed("recipient", "no mailbox of this account's controller")
    strange = [nobody for one in found if isinstance(one, MailNotice) and not for_us(entry, one)]
    return [*(one for one in found if isinstance(one, Malformed)), *strange]


def _arrival(entry: AccountEntry, received: Request, notice: MailNotice, whole: UUID | None) -> Arrival:
    envelope = Envelope(url=received.url, part_of=whole, mail_notice=notice)
    if whole is None:
        headers = receiving.headers_to_keep(received)
        envelope = Envelope(body=received.body, headers=headers, url=received.url, mail_notice=notice)
    own = Scope(entry.controller_id, None)
    return Arrival(
        controller_id=entry.controller_id,
        source=f"esp:{entry.account.provider}",
        channel="email",
        endpoint=entry.account.endpoint,
        envelope=envelope,
        holds=[(key, own) for key in read_notice(notice, entry.controller_id).keys_to_hold()],
        same=same(notice),
        digest=hashlib.sha256(received.body).digest(),
    )
