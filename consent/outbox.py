"""Doing what the outbox holds: claim, call, mark. See consent/errands.py for what is kept."""

import logging
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import httpx
import uuid_utils.compat
from django.core.mail import EmailMessage
from django.db import transaction
from django.utils import timezone

from consent import calling, collecting, db
from consent.answers.options import base_url
from consent.collecting import Collecting
from consent.credentials import credentials_of
from consent.errands import LETTERS, Payload, open_payload
from consent.incoming.contract import Found
from consent.mailing import message, sending
from consent.models import ProviderAccount
from consent.models.errand import ErrandKind, ErrandState, ErrandWay
from consent.opted_out import take_in
from consent.outgoing.contract import Access, Call, Gateway, Later, Outcome, Refused, Sent, Text, Unsure, by_status
from consent.outgoing.registry import GATEWAYS

logger = logging.getLogger(__name__)

BATCH = 16
LEASE = timedelta(seconds=60)  # longer than any call: a batch is called all at once
_LONGEST_WAIT_SECONDS = {ErrandKind.REPLY: 60, ErrandKind.CODE: 20}  # of others an hour
_AN_HOUR_SECONDS = 3_600
_LAST = [str(kind) for kind in (*LETTERS, ErrandKind.FETCH)]


class CredentialsMissing(Exception):
    """The account has not what calls of its gateway's API need."""


class Claimed(NamedTuple):
    """A row in hand, with what it came of.

    `interrupted`: another process had it in hand before us and never said what became of it.
    """

    id: UUID
    kind: str
    way: str
    controller_id: int
    provider: str
    endpoint: str
    attempts: int
    give_up_at: datetime
    sealed_payload: bytes
    inbound_id: UUID
    interrupted: bool


class Prepared(NamedTuple):
    """A row opened, with the call or the message that does it, or what is to be asked for."""

    claimed: Claimed
    gateway: Gateway | None = None
    call: Call | None = None
    letter: EmailMessage | None = None
    asked: Collecting | None = None


Result = Outcome | Found


def drain(seconds: float = 30.0) -> int:
    """Do what is due until nothing is, or the time is up. Return how many rows were worked on."""
    worked, deadline = 0, time.monotonic() + seconds
    while time.monotonic() < deadline:
        _expire()
        lease, rows = _claim()
        if not rows:
            break
        _work(lease, rows)
        worked += len(rows)
    return worked


_EXPIRE = """
UPDATE consent_errand SET state = 'expired', sealed_payload = NULL, lease = NULL, done_at = %s
WHERE state = 'waiting' AND give_up_at <= %s AND next_try_at <= %s AND lease IS NULL RETURNING kind, inbound_id
"""
# Letters last: they have days, and a text has minutes, which a server of mail that is away must not use up.
_CLAIM = """
WITH next AS (
    SELECT id, lease FROM consent_errand WHERE state = 'waiting' AND next_try_at <= %s
    ORDER BY kind = ANY(%s), next_try_at LIMIT %s FOR UPDATE SKIP LOCKED
)
UPDATE consent_errand e SET attempts = e.attempts + 1, next_try_at = %s, lease = %s FROM next WHERE e.id = next.id
RETURNING e.id, e.kind, e.way, e.controller_id, e.provider, e.endpoint, e.attempts, e.give_up_at, e.sealed_payload,
          e.inbound_id, next.lease IS NOT NULL
"""


def _expire() -> None:
    now = timezone.now()
    with transaction.atomic():
        expired = db.fetch(_EXPIRE, [now, now, now])
        collecting.give_up(inbound_id for kind, inbound_id in expired if kind == ErrandKind.FETCH)


def _claim() -> tuple[UUID, list[Claimed]]:
    """Lease rows to this process. Committed by itself: the attempt counts even if the process dies of it."""
    lease, now = uuid_utils.compat.uuid4(), timezone.now()
    rows = db.fetch(_CLAIM, [now, _LAST, BATCH, now + LEASE, lease])
    return lease, [Claimed._make(row) for row in sorted(rows)]


def _work(lease: UUID, rows: Sequence[Claimed]) -> None:
    done: list[tuple[Claimed, Result | None]] = [(row, _without_call(row)) for row in rows]
    prepared = [(row, _prepare(row)) for row, outcome in done if outcome is None]
    calls = [one for _, one in prepared if isinstance(one, Prepared)]
    settled = {row.id: outcome for row, outcome in done if outcome is not None}
    settled |= {row.id: one for row, one in prepared if not isinstance(one, Prepared)}
    if calls:
        with calling.client() as client, ThreadPoolExecutor(len(calls)) as threads:
            outcomes = threads.map(lambda one: _perform(client, one), calls)
            settled |= {one.claimed.id: outcome for one, outcome in zip(calls, outcomes, strict=True)}
    for row in rows:
        _settle(lease, row, settled[row.id])


def _settle(lease: UUID, row: Claimed, outcome: Result) -> None:
    if row.kind == ErrandKind.FETCH:
        _settle_letter(lease, row, outcome)
        return
    with transaction.atomic():
        if isinstance(outcome, Refused) and outcome.opted_out:
            take_in(row, open_payload(row.sealed_payload), outcome.error)
        _mark(lease, row, outcome)


def _settle_letter(lease: UUID, row: Claimed, outcome: Result) -> None:
    """What goes wrong with one letter must not leave the others of its batch unmarked."""
    try:
        with transaction.atomic():
            _keep_letter(lease, row, outcome)
    except Exception as error:
        logger.warning("the letter of errand %s cannot be kept (%s)", row.id, type(error).__name__)
        with transaction.atomic():
            _keep_letter(lease, row, Later(type(error).__name__))


def _keep_letter(lease: UUID, row: Claimed, outcome: Result) -> None:
    recipients = collecting.recipients_of(row.inbound_id, outcome) if isinstance(outcome, Found) else []
    if isinstance(outcome, Found) and not recipients:
        outcome = Refused("sent to no mailbox of this controller")
    state = _mark(lease, row, outcome)
    if isinstance(outcome, Found) and state == ErrandState.DONE:
        collecting.hand_over(row.inbound_id, outcome, recipients)
    if state in (ErrandState.FAILED, ErrandState.EXPIRED):
        collecting.give_up([row.inbound_id])


def _without_call(row: Claimed) -> Outcome | None:
    """What an interrupted row comes to: a text may be out already, so it is not sent again."""
    return Unsure("interrupted") if row.interrupted and not _may_be_done_twice(row) else None


def _may_be_done_twice(row: Claimed) -> bool:
    if row.way == ErrandWay.MAIL:
        return sending.is_idempotent()
    gateway = GATEWAYS.get(row.provider)
    return row.kind in (ErrandKind.CONFIRM, ErrandKind.FETCH) or (gateway is not None and gateway.IDEMPOTENT)


def _prepare(row: Claimed) -> Prepared | Outcome:
    """Open a row and build its call. A wrong account is a matter of minutes for whoever sets it right."""
    try:
        if row.kind == ErrandKind.FETCH:
            asked = collecting.prepare(row.inbound_id, row.attempts)
            return asked if isinstance(asked, Refused) else Prepared(row, asked=asked)
        payload = open_payload(row.sealed_payload)
        if row.kind == ErrandKind.CONFIRM:
            return Prepared(row, call=Call("GET", payload.url, {}, b""))
        if row.way == ErrandWay.MAIL:
            return Prepared(row, letter=_letter(row, payload))
        gateway = GATEWAYS[row.provider]
        text = Text(payload.to, payload.sender, payload.text, str(row.id))
        return Prepared(row, gateway, gateway.call(text, _access(row, gateway)))
    except Exception as error:
        logger.warning("errand %s cannot be called (%s)", row.id, type(error).__name__)
        return Later(f"account {type(error).__name__}"[:60])


def _letter(row: Claimed, payload: Payload) -> EmailMessage:
    if payload.answer is None:
        raise ValueError("a letter without its words")
    return message.build(row.id, payload.to, payload.sender, payload.answer)


def _access(row: Claimed, gateway: Gateway) -> Access:
    account = ProviderAccount.objects.get(provider=row.provider, endpoint=row.endpoint)
    credentials = credentials_of(account)
    if not credentials.keys() >= set(gateway.CREDENTIALS):
        raise CredentialsMissing
    options = {str(name): str(value) for name, value in account.options.items()}
    return Access(credentials, base_url(gateway, options, credentials))


def _perform(client: httpx.Client, one: Prepared) -> Result:
    """In a thread of its own: no database here."""
    if timezone.now() >= one.claimed.give_up_at:
        return Later("too late")
    outcome: Result
    try:
        outcome = _do(client, one)
    except Exception as error:
        outcome = Unsure(type(error).__name__)
    again = _may_be_done_twice(one.claimed)
    return Later(outcome.error) if isinstance(outcome, Unsure) and again else outcome


def _do(client: httpx.Client, one: Prepared) -> Result:
    if one.asked is not None:
        return collecting.collect(client, one.asked)
    if one.letter is not None:
        return sending.send(one.letter)
    if one.call is None:
        return Refused("nothing to be done")
    return calling.perform(client, one.call, one.gateway.read if one.gateway else _confirmed)


def _confirmed(status: int, body: bytes) -> Outcome:
    return Sent() if status == 200 else by_status(status)


_MARK = """
UPDATE consent_errand SET state = %s, error = %s, gateway_id = %s, next_try_at = %s, lease = NULL,
    sealed_payload = CASE WHEN %s THEN sealed_payload END, done_at = CASE WHEN NOT %s THEN %s::timestamptz END
WHERE id = %s AND lease = %s AND state = 'waiting' RETURNING 1
"""


def _mark(lease: UUID, row: Claimed, outcome: Result) -> ErrandState | None:
    """Note what became of a row, and give its state; None if another process has taken it over."""
    now = timezone.now()
    state, wait = _state_of(row, outcome, now)
    error = "" if isinstance(outcome, Sent | Found) else outcome.error[:60]
    gateway_id = outcome.id if isinstance(outcome, Sent) else ""
    waits = state == ErrandState.WAITING
    ours = db.fetch(_MARK, [str(state), error, gateway_id, now + wait, waits, waits, now, row.id, lease])
    if state not in (ErrandState.DONE, ErrandState.WAITING):
        logger.warning("errand %s at %s/%s: %s (%s)", row.id, row.provider, row.endpoint, state, error)
    return state if ours else None


def _state_of(row: Claimed, outcome: Result, now: datetime) -> tuple[ErrandState, timedelta]:
    if isinstance(outcome, Later):
        longest = _LONGEST_WAIT_SECONDS.get(ErrandKind(row.kind), _AN_HOUR_SECONDS)
        wait = timedelta(seconds=min(2 ** min(row.attempts, 12), longest))
        return (ErrandState.EXPIRED if now + wait >= row.give_up_at else ErrandState.WAITING), wait
    ended = {Sent: ErrandState.DONE, Found: ErrandState.DONE, Refused: ErrandState.FAILED, Unsure: ErrandState.UNSURE}
    return ended[type(outcome)], timedelta()
