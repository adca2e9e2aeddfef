"""Keeping the codes that were asked for, with the messages that bring them, in the transaction that settles them."""

from collections.abc import Iterable

from django.utils import timezone

from consent import db, errands
from consent.access.codes import VALID
from consent.access.reaching import may_be_reached
from consent.decision import Arrived, Coded, Decision

_VOID = """
UPDATE consent_accesscode SET void_at = %s
WHERE key = %s AND controller_id = %s AND used_at IS NULL AND void_at IS NULL AND expires_at > %s
"""
_KEEP = """
INSERT INTO consent_accesscode (id, inbound_id, controller_id, channel, key, code_mac, made_at, expires_at, tries)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, 0) ON CONFLICT (id) DO NOTHING
"""


def settle(made: Iterable[tuple[Arrived, Decision]]) -> None:
    """Keep each request; the code itself where a message is to bring it. In the order of keys, so that two writers
    cannot wait for each other, and of one key in that of asking: the newest code alone is good."""
    asked = [(arrived, one) for arrived, decision in made for one in decision.codes]
    for arrived, one in sorted(asked, key=lambda pair: (pair[1].key, pair[0].id)):
        _keep(arrived, one)


def _keep(arrived: Arrived, one: Coded) -> None:
    errands.lock(one.key)  # so that of two at once the later one makes the other void
    now = timezone.now()
    late = arrived.received_at + VALID <= now
    sent = one.message if not late and may_be_reached(arrived.controller_id, one.channel, one.key) else None
    if sent:
        db.fetch(_VOID, [now, one.key, arrived.controller_id, now])
    place = [one.request, arrived.id, arrived.controller_id, one.channel, one.key]
    db.fetch(_KEEP, [*place, one.code_mac if sent else None, now, now + VALID])
    if sent:
        errands.write([(arrived, sent)])
