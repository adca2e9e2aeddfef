"""Whose an address is, as a controller knows: the one person who has it now, and their other addresses by time.

Where several have one address (a family's mailbox), or nobody is known, it stands for itself alone: who reads it sees
nothing of the others. A number that was disconnected had other holders before, whose words are not its holder's.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import Q

from consent import db
from consent.models import ConsentEvent, ContactPeriod, Person
from consent.models.vocabulary import Action
from consent.normalise.keys import Key

_EARLIEST = datetime.min.replace(tzinfo=UTC)
_MAX_SPANS = 500


class Span(NamedTuple):
    """The time in which an address was somebody's: what was said after `after`, until `until` (None: now)."""

    channel: str
    key: Key
    after: datetime
    until: datetime | None

    def has(self, moment: datetime) -> bool:
        """Whether something said at this moment is theirs."""
        return self.after < moment and (self.until is None or moment <= self.until)


class Subject(NamedTuple):
    """A person at one controller. `person` is None where no record of theirs is known, or several have the address."""

    controller_id: int
    person: Person | None
    spans: tuple[Span, ...]

    @property
    def keys(self) -> tuple[Key, ...]:
        return tuple(dict.fromkeys(span.key for span in self.spans))

    @property
    def present(self) -> tuple[Key, ...]:
        """The keys of the addresses that are theirs now."""
        return tuple(dict.fromkeys(span.key for span in self.spans if span.until is None))

    def said(self, moment: str = "occurred_at") -> Q:
        """A condition on rows with a key and a moment: those that are theirs."""
        found = Q(pk__in=())
        for span in self.spans:
            within = Q(key=span.key, **{f"{moment}__gt": span.after})
            found |= within if span.until is None else within & Q(**{f"{moment}__lte": span.until})
        return found


_HOLDERS = """
SELECT DISTINCT person.id FROM consent_contactperiod period JOIN consent_person person ON person.id = period.person_id
WHERE period.contact_point_id = %s AND period.until IS NULL AND person.controller_id = %s LIMIT 2
"""


def holders_of(controller_id: int, key: Key) -> list[UUID]:
    """Who has the address now, as the controller told: at most two, which are too many to be one."""
    return [row[0] for row in db.fetch(_HOLDERS, [key, controller_id])]


def holder_of(controller_id: int, key: Key) -> Person | None:
    """The one person who has the address now; None where there is none, or more than one."""
    found = holders_of(controller_id, key)
    return Person.objects.get(pk=found[0]) if len(found) == 1 else None


def subject_of(controller_id: int, channel: str, key: Key) -> Subject:
    """Everything that is known to be of the holder of an address."""
    person = holder_of(controller_id, key)
    periods = ContactPeriod.objects.filter(person=person).select_related("contact_point")[:_MAX_SPANS] if person else ()
    spans = [(row.contact_point.channel, Key(row.contact_point_id), row.until) for row in periods]
    if (channel, key, None) not in spans:
        spans.append((channel, key, None))
    gone = _disconnections([key for _, key, _ in spans])
    return Subject(controller_id, person, tuple(_span(*one, gone.get(one[1], ())) for one in spans))


def _disconnections(keys: Iterable[Key]) -> dict[Key, list[datetime]]:
    rows = ConsentEvent.objects.filter(key__in=list(keys), channel="sms", action=Action.INVALIDATE, cause="")
    found: dict[Key, list[datetime]] = {}
    for key, at in rows.values_list("key", "occurred_at"):
        found.setdefault(Key(key), []).append(at)
    return found


def _span(channel: str, key: Key, until: datetime | None, gone: Iterable[datetime]) -> Span:
    before = [at for at in gone if until is None or at < until]
    return Span(channel, key, max(before, default=_EARLIEST), until)
