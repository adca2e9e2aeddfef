"""A topic that is made after somebody said no to everything, and yes to one topic since: it stays stopped for them.

Such a no is kept as one no to each topic that there was (consent/narrowing.py). So whoever makes a topic gives it, in
the same transaction, the line that it would have got then: same cause, sender, time and evidence. Whether it still
denies is what the ledger derives: a later yes to everything, a START, an undo take it back as they do its fellows.

The ledger's lock stands between this and the pipeline: what narrows is either seen here, or sees the new topic there
and is read anew (consent/pipeline.py).
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models.signals import post_save
from django.dispatch import receiver
from django.utils import timezone

from consent import db, ledger
from consent.configuration import Scope
from consent.ledger import Entry
from consent.models import ConsentEvent, Topic
from consent.models.vocabulary import Action, Cause
from consent.normalise.keys import Key
from consent.rules import CAUSES
from consent.suppression import Line, derive

_AT_ONCE = 2_000  # keys whose histories are read together
# Of the words that ended a wider no, those beside which the same inbound kept it for single topics. The answer to the
# menu of a STOP takes the STOP back as if it had never been said, and leaves choices (consent/menu.py).
_NARROWED = """
SELECT DISTINCT uuid_send(ended.key) FROM consent_consentevent ended
WHERE ended.controller_id = %(controller)s AND ended.topic_id IS NULL AND ended.action = 'lift'
  AND ended.seq > %(after)s
  AND EXISTS (
    SELECT FROM consent_consentevent kept
    WHERE kept.inbound_id = ended.inbound_id AND kept.key = ended.key AND kept.topic_id IS NOT NULL
      AND kept.action = 'withdraw' AND kept.cause = ANY(%(causes)s)
      AND (ended.undoes IS NULL AND kept.cause = ended.cause OR ended.undoes IS NOT NULL AND ended.source LIKE 'sms:%%')
  )
"""


@receiver(post_save, sender=Topic)
def made(sender: type[Topic], instance: Topic, created: bool, **kwargs: Any) -> None:
    """Django's signal, within the transaction of `Topic.save`."""
    if created:
        keep_stopped(instance)


def keep_stopped(topic: Topic) -> int:
    """Record the noes that a new topic gets; return how many. In the caller's transaction.

    It reads all lines that ever took back a no to everything, by their own index.
    """
    db.assert_in_transaction()
    causes = [cause for cause, rule in CAUSES.items() if rule.by_person and topic.topic_class in rule.silences]
    [[read]] = db.fetch("SELECT seq FROM consent_ledgerhead")
    keys = _narrowed(topic, causes, 0) if read else set[Key]()
    [[last]] = db.fetch("SELECT seq FROM consent_ledgerhead FOR UPDATE")
    keys |= _narrowed(topic, causes, read) if last > read else set[Key]()
    ordered, count = sorted(keys), 0
    for place in range(0, len(ordered), _AT_ONCE):
        entries = _entries(topic, causes, ordered[place : place + _AT_ONCE])
        ledger.record(entries)
        count += len(entries)
    return count


def _narrowed(topic: Topic, causes: Sequence[str], after: int) -> set[Key]:
    db.fetch("SET LOCAL statement_timeout = 0")
    asked = {"controller": topic.controller_id, "causes": list(causes), "after": after}
    found = {Key(key) for (key,) in db.fetch(_NARROWED, asked)}
    db.fetch("SET LOCAL statement_timeout TO DEFAULT")
    return found


def _entries(topic: Topic, causes: Sequence[str], keys: Sequence[Key]) -> list[Entry]:
    histories: dict[bytes, list[Line]] = {}
    for line in ledger.lines_of(keys):
        histories.setdefault(bytes(line.key), []).append(line)
    kept = [one for history in histories.values() for one in _kept(topic, causes, history)]
    return _as_entries(topic, kept)


def _kept(topic: Topic, causes: Sequence[str], history: Sequence[Line]) -> Iterable[Line]:
    """The lines of one key that kept a wider no, one an inbound and cause; those whose like would deny the topic."""
    ended = {(line.inbound_id, _kept_as(line)) for line in history if _ends(line, topic.controller_id)}
    fellows = {
        (line.inbound_id, line.cause, line.sender): line
        for line in history
        if (line.inbound_id, line.cause) in ended
        and line.cause in causes
        and line.action == Action.WITHDRAW
        and line.scope.controller_id == topic.controller_id
        and line.scope.topic_id is not None
    }
    scope, now = Scope(topic.controller_id, topic.pk), timezone.now()
    for fellow in fellows.values():
        denials = derive([*history, fellow._replace(scope=scope)]).denials
        if any(one.scope == scope and (one.until is None or one.until > now) for one in denials):
            yield fellow


def _ends(line: Line, controller_id: int) -> bool:
    by_menu = line.source.startswith("sms:")
    return line.action == Action.LIFT and line.scope == Scope(controller_id, None) and by_menu == bool(line.undoes)


def _kept_as(ended: Line) -> str:
    return Cause.CHOICE if ended.undoes else ended.cause


def _as_entries(topic: Topic, fellows: Sequence[Line]) -> list[Entry]:
    rows = {row.pk: row for row in ConsentEvent.objects.filter(pk__in=[line.id for line in fellows])}
    ordinals = _last_ordinals([row.inbound_id for row in rows.values()])
    entries = []
    for line in fellows:
        row = rows[line.id]
        ordinals[row.inbound_id] += 1
        entries.append(
            Entry(
                inbound_id=row.inbound_id,
                ordinal=ordinals[row.inbound_id],
                key=line.key,
                channel=line.channel,
                scope=Scope(topic.controller_id, topic.pk),
                action=line.action,
                source=line.source,
                digest=bytes(row.digest),
                occurred_at=line.occurred_at,
                cause=line.cause,
                sender=line.sender,
                actor=row.actor,
                expires_at=line.expires_at,
                sender_only=line.sender_only,
                stamped_at=line.stamped_at,
                received_at=line.received_at,
            )
        )
    return entries


def _last_ordinals(inbounds: Iterable[Any]) -> dict[Any, int]:
    sql = "SELECT inbound_id, max(ordinal) FROM consent_consentevent WHERE inbound_id = ANY(%s) GROUP BY inbound_id"
    return dict(db.fetch(sql, [list(set(inbounds))]))
