"""When every row of a version counts: what it no longer names is lifted, for this list alone, and it is in force.

A list that suddenly names far less is more often a broken file than a changed world: what it would drop then waits
for a person, and goes on denying.
"""

import secrets
from datetime import timedelta

import msgspec
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from consent import ledger
from consent.ledger import Entry
from consent.models import ListChunk, ListVersion, OutsideList
from consent.models.vocabulary import Action, Cause, VersionState
from consent.outside import members
from consent.outside.evidence import keep_evidence, scope_of
from consent.outside.receiving import LEASE

MAX_DROP = 0.2  # the part of a list's entries that a version may drop without a person's confirmation
_BATCH = 1000


class CannotConfirm(Exception):
    """There is nothing to confirm, or no longer."""


def finish(version: ListVersion) -> None:
    """One step towards the end: settle what happens to the entries that are gone, or lift some of them."""
    with transaction.atomic():
        if not members.still_ours(version):
            version.lease = None
            return
        version.refresh_from_db(fields=["added", "kept", "bad"])
        if _adds_only(version):
            _conclude(version)
        elif version.state == VersionState.DROPPING:
            _drop(version)
        else:
            _settle(version)


def _adds_only(version: ListVersion) -> bool:
    """A person's own no is lifted by that person, never by a file that lacks it."""
    return version.partial or version.outside_list.cause == Cause.CHOICE


def _settle(version: ListVersion) -> None:
    gone = members.not_named_by(version)
    state = VersionState.WAITING if gone and not version.confirmed_by and _is_doubtful(version, gone) else None
    ListVersion.objects.filter(pk=version.pk).update(
        state=state or VersionState.DROPPING,
        to_drop=gone,
        lease=None if state else version.lease,
        next_try_at=timezone.now() + (timedelta() if state else LEASE),
    )
    version.state = state or VersionState.DROPPING
    version.lease = None if state else version.lease


def _is_doubtful(version: ListVersion, gone: int) -> bool:
    """A row that cannot be read may be one of those that seem to be gone."""
    before = version.outside_list.versions.filter(number__lt=version.number).order_by("-number").first()
    return gone > MAX_DROP * (version.kept + gone) or version.bad > (before.bad if before else 0)


def _drop(version: ListVersion) -> None:
    gone = members.leave(version, _BATCH)
    if not gone:
        _conclude(version)
        return
    body = msgspec.json.encode({"no_longer_named": len(gone), "nonce": secrets.token_hex(16)})
    arrived, of = keep_evidence(version, body), version.outside_list
    said = {"scope": scope_of(of), "action": Action.LIFT, "cause": of.cause, "sender": of.sender}
    entries: list[Entry] = [
        arrived.entry(place, one.key, channel=one.channel, **said) for place, one in enumerate(gone)
    ]
    ListVersion.objects.filter(pk=version.pk).update(
        dropped=F("dropped") + sum(one.counts for one in gone), attempts=0, next_try_at=timezone.now() + LEASE
    )
    ledger.record(entries)


def _conclude(version: ListVersion) -> None:
    now = timezone.now()
    if not _adds_only(version):
        earlier = ListVersion.objects.filter(outside_list=version.outside_list_id, number__lt=version.number)
        ListChunk.objects.filter(version__in=earlier).delete()
        earlier.update(state=VersionState.REPLACED)
    ListVersion.objects.filter(pk=version.pk).update(
        state=VersionState.CURRENT, done_at=now, next_try_at=now, lease=None, error=""
    )
    version.state, version.lease = VersionState.CURRENT, None


def confirm(version: ListVersion, by: str) -> None:
    """Let a version that waits drop what it no longer names. Raise `CannotConfirm`."""
    with transaction.atomic():
        OutsideList.objects.select_for_update().get(pk=version.outside_list_id)
        waiting = ListVersion.objects.filter(pk=version.pk, state=VersionState.WAITING)
        if not waiting.update(
            state=VersionState.DROPPING, confirmed_by=by, attempts=0, next_try_at=timezone.now(), lease=None
        ):
            raise CannotConfirm(f"version {version.number} does not wait for a confirmation")
