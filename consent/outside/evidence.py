"""The evidence of what a list says: an inbound a chunk of its rows, kept in the transaction that works it off."""

import hashlib

from django.utils import timezone

from consent import vault
from consent.configuration import EVERYTHING, Scope
from consent.decision import Arrived
from consent.inbox import RAW_PURPOSE, Envelope
from consent.lists.importing import speaker_for
from consent.models import Controller, Inbound, ListVersion, OutsideList
from consent.models.fields import public_id
from consent.models.vocabulary import InboundState

SOURCE = "list"


def keep_evidence(version: ListVersion, body: bytes, lines: tuple[int, int] | None = None) -> Arrived:
    """Keep rows of a version, or what it drops, as an inbound that is worked off; `lines` are its first and last.

    `endpoint` is the version's id: which list, and of when, is found by it.
    """
    of = version.outside_list
    place = {"lines": f"{lines[0]}–{lines[1]}"} if lines else {}
    envelope = Envelope(body=body, headers={"file": version.file_name, **place})
    arrived = Arrived(
        id=public_id(),
        controller_id=of.controller_id or speaker().pk,
        source=f"{SOURCE}:{of.kind}"[:40],
        channel=of.channels[0],
        endpoint=str(version.pk),
        actor=version.actor,
        received_at=version.received_at,
        digest=hashlib.sha256(body).digest(),
        attempts=0,
        envelope=envelope,
    )
    keep_worked_off(arrived, outcome="dropped" if lines is None else "listed", rule=f"list.{of.cause}")
    return arrived


def keep_worked_off(arrived: Arrived, outcome: str, rule: str) -> None:
    """Keep an inbound whose effect is written in the same transaction."""
    now = timezone.now()
    Inbound.objects.create(
        id=arrived.id,
        controller_id=arrived.controller_id,
        source=arrived.source,
        channel=arrived.channel,
        endpoint=arrived.endpoint,
        actor=arrived.actor,
        received_at=arrived.received_at,
        verified=True,
        sealed_raw=vault.seal(RAW_PURPOSE, arrived.envelope.pack()),
        digest=arrived.digest,
        state=InboundState.DONE,
        next_try_at=now,
        outcome=outcome,
        rule=rule,
        done_at=now,
    )


def scope_of(outside_list: OutsideList) -> Scope:
    """How far a list's entries reach."""
    if outside_list.controller_id is None:
        return EVERYTHING
    return Scope(outside_list.controller_id, outside_list.topic_id)


def speaker() -> Controller:
    """Who speaks for everyone."""
    found = speaker_for("")
    if found is None:
        raise RuntimeError("there is no controller")
    return found
