"""What a check of many is measured against: other ways to find those of 10,000 recipients who are suppressed."""

import re
from typing import Protocol

import psycopg

from bench.client import Connection, require_success
from bench.figures import BenchError
from bench.recipients import COUNT, Batch
from bench.stack import FILTER, Stack
from consent.filter import file
from consent.models import Suppression

ANY_ROWS = 10**9
_FOUND = "SELECT key FROM consent_suppression WHERE key = ANY(%s)"
COUNTS = re.compile(rb'"counts":\{"allowed":[0-9]+,"denied":([0-9]+)')

Database = psycopg.Connection[tuple[object, ...]]


class Peer(Protocol):
    """A way. It asks about the first `asked` of a batch: who asks one by one is spared the rest."""

    name: str
    asked: int
    most_rows: int  # that it is measured with

    def fill(self, rows: int) -> None:
        """Have so many suppressed, the known ones among them."""

    def look_up(self, batch: Batch) -> int:
        """How many of them are suppressed."""

    def clear(self) -> None:
        """Leave nothing behind."""


class OnOurTable:
    """Those that look into the table of suppressions itself: nothing of their own to fill or to clear."""

    asked = COUNT
    most_rows = ANY_ROWS

    def fill(self, rows: int) -> None:
        """It is filled already."""

    def clear(self) -> None:
        """Others still use it."""


class Ours(OnOurTable):
    """From JSON to JSON."""

    name = "Sayso, over HTTP"

    def __init__(self, stack: Stack) -> None:
        self._port = stack.port
        self._connection: Connection | None = None

    def fill(self, rows: int) -> None:
        """The server hangs up on who says nothing while tables are filled."""
        self._connection = None

    def look_up(self, batch: Batch) -> int:
        self._connection = self._connection or Connection(self._port)
        answer = self._connection.ask(batch.request)
        require_success(answer)
        counts = COUNTS.search(answer.body, 0, 1_000)
        if counts is None:
            raise BenchError("an answer without counts")
        return int(counts[1])


class Unfiltered(Ours):
    """While there is no filter, as on a new machine or after a crash of the disk: every key is looked up."""

    name = "Sayso without its filter"

    def look_up(self, batch: Batch) -> int:
        lying = FILTER / file.NAME
        aside = lying.with_suffix(".aside")
        lying.rename(aside)
        try:
            return super().look_up(batch)
        finally:
            aside.rename(lying)


class Limit(OnOurTable):
    """The ready keys in one binary array, in process."""

    name = "the limit: psycopg, key = ANY"

    def __init__(self, database: Database) -> None:
        self._database = database

    def look_up(self, batch: Batch) -> int:
        with self._database.cursor(binary=True) as cursor:
            return len(cursor.execute(_FOUND, [batch.uuids], prepare=True).fetchall())


class OneByOne(OnOurTable):
    """The usual way in Django: a query a recipient."""

    name = "Django, one .exists() each"
    asked = 1_000

    def look_up(self, batch: Batch) -> int:
        return sum(Suppression.objects.filter(key=key).exists() for key in batch.keys[: self.asked])


class AllAtOnce(OnOurTable):
    """What one writes in Django once that is too slow."""

    name = "Django, filter(key__in=…)"

    def look_up(self, batch: Batch) -> int:
        return len(set(Suppression.objects.filter(key__in=batch.keys).values_list("key", flat=True)))
