"""Keeping requests about data, in the transaction that settles their inbounds."""

from collections.abc import Iterable

from consent import db, errands
from consent.decision import Arrived, Claimed, Decision
from consent.models.fields import public_id
from consent.models.rights import RightState
from consent.rights.deadlines import due_at

_KEEP = """
INSERT INTO consent_rightsrequest (id, inbound_id, controller_id, kind, state, channel, key, proof, received_at, due_at,
                                   decided_at, reason)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, '') ON CONFLICT (inbound_id) DO NOTHING
"""


def settle(made: Iterable[tuple[Arrived, Decision]]) -> None:
    """Keep each request, and the letters that tell of it."""
    for arrived, decision in made:
        for claimed in decision.claims:
            _keep(arrived, claimed)


def _keep(arrived: Arrived, one: Claimed) -> None:
    done_at = arrived.received_at if one.state == RightState.DONE else None
    place = [public_id(), arrived.id, arrived.controller_id, one.kind, one.state, one.channel, one.key, one.proof]
    db.fetch(_KEEP, [*map(_plain, place), one.received_at, due_at(one.received_at), done_at])
    errands.write([(arrived, errand) for errand in one.errands])


def _plain(value: object) -> object:
    """The enumerations' words as text."""
    return str(value) if isinstance(value, str) else value
