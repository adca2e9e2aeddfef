"""Mail that a provider only told of: asked for as an errand, and handed over to the inbox as any letter is.

The notification denies until then. In the transaction that keeps the letter, whose own holds deny from that commit on,
the notification is done; so no check ever finds neither. What cannot be had goes back to the pipeline, which opens a
review of the notification (consent/interpret/notice.py).
"""

import hashlib
import re
import time
from collections.abc import Iterable, Sequence
from typing import NamedTuple
from urllib.parse import urlsplit
from uuid import UUID

import httpx
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from consent import calling, configuration, db, doorbell, errands, mailbox
from consent.answers.options import base_url
from consent.credentials import credentials_of
from consent.inbox import open_envelope
from consent.incoming.contract import Elsewhere, Fetched, Found, Holder
from consent.incoming.registry import HOLDERS, lacking
from consent.ingest import envelope
from consent.intake.mail_limits import HEAD_BYTES
from consent.intake.mail_notice import MailNotice
from consent.models import Errand, Hold, Inbound, ProviderAccount, Review
from consent.models.errand import ErrandKind, ErrandState
from consent.models.review import Decision
from consent.models.vocabulary import InboundState
from consent.outgoing.contract import Access, Call, Later, Refused

LONGEST_SECONDS = 35.0  # of all calls for one message; a time-out more, and still within the lease of its row
MOST_MISSES = 3  # a provider may tell of a message a moment before it has it
FETCHED = "fetched"
_CAME_AFTER_ALL = "The letter came after all, and was read by itself."
_MISSING = (404, 410)
_FIELD = re.compile(rb"^(?:from|received|return-path|message-id|subject|date)[ \t]*:", re.IGNORECASE | re.MULTILINE)


class Collecting(NamedTuple):
    """What is to be asked for, where, and how often it was before."""

    notice: MailNotice
    holder: Holder
    access: Access
    attempts: int


def may_collect(provider: str, endpoint: str) -> bool:
    """Whether an account has what its provider's API for mail needs."""
    account = ProviderAccount.objects.filter(provider=provider, endpoint=endpoint).first()
    return account is not None and not lacking(provider, credentials_of(account))


def prepare(inbound_id: UUID, attempts: int) -> Collecting | Refused:
    """Open the notification, and the access of its account. Raise `ValueError` where credentials are missing."""
    inbound = Inbound.objects.get(pk=inbound_id)
    notice, provider = _notice_of(inbound), inbound.source.partition(":")[2]
    if notice is None:
        return Refused("the notification was erased")
    account = ProviderAccount.objects.get(
        provider=provider, endpoint=inbound.endpoint, controller_id=inbound.controller_id
    )
    credentials, holder = credentials_of(account), HOLDERS[provider]
    if lacking(provider, credentials):
        raise ValueError("credentials are missing")
    options = {str(name): str(value) for name, value in account.options.items()}
    return Collecting(notice, holder, Access(credentials, base_url(holder, options, credentials)), attempts)


def collect(client: httpx.Client, one: Collecting) -> Found | Later | Refused:
    """Ask for a message, and where it is elsewhere, there. In a thread of its own: no database here."""
    deadline = time.monotonic() + LONGEST_SECONDS
    answer = _get(client, one, one.holder.call(one.notice, one.access), deadline)
    if not isinstance(answer, Fetched):
        return answer
    found = one.holder.read(one.notice, answer)
    letter = _follow(client, one, found, deadline) if isinstance(found, Elsewhere) else found
    # An error's page is no letter that asks for nothing: whom the notification names must not be let go for it.
    is_none = isinstance(letter, Found) and not _FIELD.search(letter.raw[:HEAD_BYTES])
    return Later("no letter") if is_none else letter


def _follow(client: httpx.Client, one: Collecting, found: Elsewhere, deadline: float) -> Found | Later | Refused:
    if not _is_theirs(found.url, one):
        return Refused("sent on to a host that is not the provider's")
    raw = _get(client, one, Call("GET", found.url, {}, b""), deadline)
    return Found(raw.body, found.mail_from, found.recipients, raw.cut) if isinstance(raw, Fetched) else raw


def _get(client: httpx.Client, one: Collecting, call: Call, deadline: float) -> Fetched | Later | Refused:
    """Whatever is no 200 may be one later: the account or the provider is set right meanwhile."""
    try:
        status, answer = calling.fetch(client, call, settings.SAYSO_MAX_MAIL_BYTES, deadline)
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, TimeoutError) as error:
        return Later(type(error).__name__)
    if status in _MISSING and one.attempts >= MOST_MISSES:
        return Refused(f"http {status}")
    return answer if status == 200 else Later(f"http {status}")


def _is_theirs(url: str, one: Collecting) -> bool:
    """Of the provider's hosts; on this machine or elsewhere only where the account's own API is."""
    try:
        parts, own = urlsplit(url), urlsplit(one.access.url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    if parts.username or parts.password:
        return False
    if (parts.scheme, parts.netloc) == (own.scheme, own.netloc):
        return True
    known = one.holder.DOWNLOADS
    return parts.scheme == "https" and port in (None, 443) and known is not None and bool(known.fullmatch(host))


def recipients_of(inbound_id: UUID, found: Found) -> list[str]:
    """The mailboxes of the notification's controller that a letter was sent to, the surest first."""
    inbound = Inbound.objects.get(pk=inbound_id)
    notice = _notice_of(inbound)
    named = (*(notice.recipients if notice else ()), *found.recipients, *envelope.recipients(found.raw))
    return ours(inbound.controller_id, inbound.source.partition(":")[2], inbound.endpoint, named)


def ours(controller_id: int, provider: str, endpoint: str, named: Iterable[str]) -> list[str]:
    """Of some addresses the mailboxes of a controller; where none is, the one that its account has for such mail."""
    found = [one for one in named if mailbox.owner_of(one) == controller_id]
    entry = configuration.recent().accounts.get((provider, endpoint))
    instead = entry.account.options.get("mailbox", "") if entry else ""
    return found or [one for one in [instead] if one and mailbox.owner_of(one) == controller_id]


def hand_over(inbound_id: UUID, found: Found, recipients: Sequence[str]) -> None:
    """Keep the letter and release the notification, both with the caller's transaction."""
    db.assert_in_transaction()
    inbound = Inbound.objects.select_for_update().get(pk=inbound_id)
    notice = _notice_of(inbound)
    mail_from = (notice.mail_from if notice else "") or found.mail_from or envelope.return_path(found.raw)
    digest = hashlib.sha256(found.raw).digest()
    mailbox.accept_mail(found.raw, _clean(mail_from), [_clean(one) for one in recipients], digest=digest, cut=found.cut)
    now = timezone.now()
    done = {"state": InboundState.DONE, "outcome": FETCHED, "error": "", "lease": None, "done_at": now}
    Inbound.objects.filter(pk=inbound_id).update(**done)
    Hold.objects.filter(inbound_id=inbound_id).delete()
    closed = {"decision": Decision.NONE, "reason": _CAME_AFTER_ALL, "decided_at": now}
    Review.objects.filter(inbound_id=inbound_id, decision="").update(**closed)


def _notice_of(inbound: Inbound) -> MailNotice | None:
    return open_envelope(inbound.sealed_raw).mail_notice if inbound.sealed_raw else None


def _clean(text: str) -> str:
    """Bytes that are no text cannot be stored as one."""
    return text.encode("utf-8", "replace").decode().replace("\0", "")


def give_up(inbound_ids: Iterable[UUID]) -> None:
    """Give notifications whose messages cannot be had back to the pipeline. They deny all the while."""
    waiting = Inbound.objects.filter(pk__in=list(inbound_ids), state=InboundState.FETCHING)
    if waiting.update(state=InboundState.PENDING, attempts=0, lease=None, next_try_at=timezone.now()):
        transaction.on_commit(doorbell.ring, robust=True)


def collect_again(errand_ids: Iterable[UUID]) -> int:
    """Ask now for messages that could not be had so far, with all the time that a new one has. How many those are."""
    now = timezone.now()
    not_had = (ErrandState.WAITING, ErrandState.FAILED, ErrandState.EXPIRED)
    asked = Errand.objects.filter(pk__in=list(errand_ids), kind=ErrandKind.FETCH, state__in=not_had, lease=None)
    again = {"state": ErrandState.WAITING, "attempts": 0, "next_try_at": now, "error": "", "done_at": None}
    tried = asked.update(give_up_at=now + errands.GIVE_UP[ErrandKind.FETCH], **again)
    if tried:
        transaction.on_commit(doorbell.ring_errands, robust=True)
    return tried
