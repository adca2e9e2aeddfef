"""Words and moves as systems tell of them, and what a check says afterwards."""

from datetime import datetime
from typing import Any, cast
from uuid import UUID

from django.utils import timezone

from consent import ledger, pipeline, status
from consent.addresses import contact
from consent.models import ConsentEvent, Permission, Suppression
from consent.moves.merge import accept_merge
from consent.moves.move import Merge, Move
from consent.moves.told import accept_moves, told
from consent.normalise.keys import Key
from consent.stated import accept_statement
from consent.statement import PersonKnown, Statement
from consent.suppression import SUPPRESSION_COLUMNS, as_rows, derive
from tests.consent.core.example import Organisation

OLD = "Jane Roe, 12 Oak St, Springfield, IL 62701"
NEW = "Jane Roe, 9 Elm St Apt 4, Austin, TX 78701"
THIRD = "Jane Roe, 500 Pine Ave, Denver, CO 80202"


def home(address: str) -> str:
    """The address without the name."""
    return address.partition(", ")[2]


def named(name: str, address: str) -> str:
    return f"{name}, {home(address)}"


class Telling:
    """What acme, or another controller, tells. Nothing is worked off before `work` or a question."""

    def __init__(self, organisation: Organisation, controller_id: int | None = None) -> None:
        self.organisation = organisation
        self.controller_id = controller_id or organisation.acme.pk

    def say(self, channel: str, address: str, action: str = "opt_out", topic: str = "*", **more: Any) -> UUID:
        person = more.pop("person", None)
        known = PersonKnown(person, more.pop("name", None)) if person else None
        statement = Statement(
            channel=cast("Any", channel), address=address, action=cast("Any", action), topic=topic, person=known, **more
        )
        return accept_statement(statement, self.controller_id, source="api", actor="t").id

    def deny(self, channel: str, address: str, cause: str, **more: Any) -> UUID:
        return self.say(channel, address, "suppress", cause=cause, **more)

    def move(self, channel: str, old: str | None, new: str | None, **more: Any) -> UUID:
        move = told(Move(channel=cast("Any", channel), old=old, new=new, **more), self.controller_id, timezone.now())
        [accepted] = accept_moves([move], self.controller_id, by="file", actor="t")
        return accepted.id

    def merge(self, one: str, into: str) -> UUID:
        return accept_merge(Merge(one, into), self.controller_id, by="api", actor="t").id

    def reason(self, channel: str, address: str, topic: str = "offers") -> str:
        """What a check says at once, before anything is worked off."""
        keys = contact(channel, address).asked
        _, [verdict] = status.check_many(self.controller_id, topic, channel, [keys], timezone.now())
        return verdict.reason

    def then(self, channel: str, address: str, topic: str = "offers") -> str:
        """What a check says when all is worked off."""
        work()
        return self.reason(channel, address, topic)


def work() -> None:
    while pipeline.drain():
        pass


def key(channel: str, address: str) -> Key:
    return contact(channel, address).said[0]


def lines(channel: str, address: str) -> list[ConsentEvent]:
    return list(ConsentEvent.objects.filter(key=key(channel, address)).order_by("seq"))


_TOLD = [SUPPRESSION_COLUMNS.index(name) for name in ("controller_id", "topic_id", "cause", "sender")]


def is_derived() -> bool:
    """Whether both tables hold what the ledger says, and nothing else."""
    keys = [Key(one) for one in ConsentEvent.objects.values_list("key", flat=True).distinct()]
    demanded, allowed = as_rows(derive(ledger.lines_of(keys)))
    return (len(demanded), len(allowed)) == (Suppression.objects.count(), Permission.objects.count()) and {
        (bytes(row[0]), *(row[place] for place in _TOLD)) for row in demanded
    } == {(bytes(row.key), row.controller_id, row.topic_id, row.cause, row.sender) for row in Suppression.objects.all()}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)
