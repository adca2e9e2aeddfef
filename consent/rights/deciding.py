"""Staff decide about a request: they check who asks, do it, or refuse it with a reason that the person is told."""

import logging
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import msgspec
from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from consent import configuration, errands, ledger
from consent.configuration import Snapshot
from consent.decision import Answer, Arrived
from consent.erasing import StillHeld, erase
from consent.inbox import Envelope, open_envelope
from consent.models import ConsentEvent, RightsRequest
from consent.models.errand import ErrandKind
from consent.models.rights import Identity, Right, RightState
from consent.normalise.keys import Key
from consent.rights import telling, words
from consent.rights.claim import claim_in, silence
from consent.rights.words import About
from consent.whose import Subject, subject_of

logger = logging.getLogger(__name__)
OPEN = (RightState.OPEN, RightState.FORWARDED)
POLICY = "policy"
_AT_ONCE = 100


class AlreadyDecided(Exception):
    """Somebody was quicker."""


class NotProved(Exception):
    """Nobody knows yet whether it was the person who asked."""


def check_identity(request_id: UUID, actor: str) -> RightsRequest:
    """Note that staff know who asks: what is silenced at once is silenced at all of their addresses, and a client is
    told. Raise `AlreadyDecided`."""
    with transaction.atomic():
        request = _open_one(request_id)
        if request.proof == Identity.NONE:
            request.proof, request.decided_by = Identity.STAFF, actor
            _go_on(request)
            request.save(update_fields=["proof", "decided_by", "state"])
        return request


def _go_on(request: RightsRequest) -> None:
    """What comes of a request once it is known who asks."""
    snapshot, sealed = configuration.current(), request.inbound.sealed_raw
    if not sealed:
        return
    claim = msgspec.structs.replace(claim_in(open_envelope(sealed).body), proof=Identity.STAFF)
    arrived = _arrived(request)._replace(actor=request.decided_by)
    last = ConsentEvent.objects.filter(inbound=request.inbound).aggregate(last=Max("ordinal"))["last"]
    ledger.record(silence(arrived, claim, snapshot, first=0 if last is None else last + 1))
    if telling.is_for_client(snapshot, request.controller_id, claim):
        request.state = RightState.FORWARDED
        letters = telling.forward(snapshot, request.controller_id, request.inbound_id, claim, request.due_at)
        errands.write([(arrived, one) for one in letters])


def carry_out(request_id: UUID, actor: str, reason: str = "") -> RightsRequest:
    """Do what was asked. Of an erasure this is where it happens; of the rest, where staff say that they have done it.

    Raise `AlreadyDecided`, `NotProved`, and consent.erasing's `StillHeld`: then nothing was changed.
    """
    with transaction.atomic():
        request = _open_one(request_id)
        if request.proof == Identity.NONE:
            raise NotProved
        _tell(request, words.done)
        if request.kind == Right.ERASURE:
            erase(subject(request), request.inbound, actor)
        return _decided(request, RightState.DONE, actor, reason)


def refuse(request_id: UUID, actor: str, reason: str) -> RightsRequest:
    """Do not do what was asked, and tell why. What was silenced at once stays silenced. Raise `AlreadyDecided`."""
    with transaction.atomic():
        request = _open_one(request_id)
        _tell(request, lambda about: words.refused(about, reason))
        return _decided(request, RightState.REFUSED, actor, reason)


def _open_one(request_id: UUID) -> RightsRequest:
    request = RightsRequest.objects.select_for_update(of=("self",)).select_related("inbound").get(pk=request_id)
    if request.state not in OPEN:
        raise AlreadyDecided
    return request


def _decided(request: RightsRequest, state: RightState, actor: str, reason: str) -> RightsRequest:
    request.state, request.decided_by, request.reason = state, actor, reason
    request.decided_at = timezone.now()
    request.save(update_fields=["state", "decided_by", "reason", "decided_at"])
    return request


def _tell(request: RightsRequest, write: Callable[[About], Answer]) -> None:
    """Write to the person, if proved and with a mailbox. Before anything is erased: afterwards we know none."""
    snapshot = configuration.current()
    reader = _reader(request)
    if reader is None or request.proof == Identity.NONE:
        return
    about = telling.about(snapshot, request.controller_id, request.kind, request.due_at, reader.language)
    letter = telling.letter_to(snapshot, request.controller_id, reader, write(about), ErrandKind.DECIDED)
    errands.write([(_arrived(request), one) for one in letter])


def _reader(request: RightsRequest) -> telling.Reader | None:
    return telling.reader_of(subject(request), Key(request.key), _language(request))


def _language(request: RightsRequest) -> str:
    sealed = request.inbound.sealed_raw
    return claim_in(open_envelope(sealed).body).language if sealed else ""


def _arrived(request: RightsRequest) -> Arrived:
    inbound = request.inbound
    said = (inbound.source, inbound.channel, inbound.endpoint, inbound.actor, inbound.received_at)
    return Arrived(inbound.pk, inbound.controller_id, *said, bytes(inbound.digest), inbound.attempts, Envelope())


def erase_due() -> int:
    """Erase whom the policy says to erase without staff: who proved themself by a code so many days ago, at our own
    organisation or an affiliate. Return how many. What is held waits for the next time."""
    days = settings.SAYSO_ERASE_AFTER_DAYS
    if days is None:
        return 0
    snapshot = configuration.current()
    due = RightsRequest.objects.filter(
        kind=Right.ERASURE,
        state=RightState.OPEN,
        proof=Identity.CODE,
        received_at__lte=timezone.now() - timedelta(days=days),
        controller_id__in=_own(snapshot),
    )
    return sum(_erase_one(one) for one in due.order_by("received_at").values_list("pk", flat=True)[:_AT_ONCE])


def _own(snapshot: Snapshot) -> list[int]:
    return [number for number in snapshot.controllers if not telling.is_client(snapshot, number)]


def _erase_one(request_id: UUID) -> bool:
    try:
        carry_out(request_id, POLICY)
    except (StillHeld, AlreadyDecided) as error:
        logger.warning("request %s cannot be carried out yet (%s)", request_id, type(error).__name__)
        return False
    return True


def subject(request: RightsRequest) -> Subject:
    """Whom a request is about."""
    return subject_of(request.controller_id, request.channel, Key(request.key))
