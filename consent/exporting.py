"""All denials and permissions of a controller as of one moment, and the position in the changes that belongs to it.

Everything is read in one snapshot of the database, over a connection of its own, page by page: whoever takes it away
slowly, or hangs up, keeps nobody else waiting. The feed goes on from the position.
"""

from collections.abc import Iterator
from typing import NamedTuple

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections

from consent import changes, db
from consent.changes import Held

PAGE = 2_000  # rows
_OURS = """(controller_id = %(controller)s OR controller_id IS NULL)
      AND (%(channel)s = '' OR channel = %(channel)s)"""
_IN_FORCE = f"""{_OURS} AND (until IS NULL OR until > now())
      AND (%(topic)s = 0 OR ((topic_id IS NULL OR topic_id = %(topic)s) AND cause = ANY(%(causes)s)))"""
# The columns of `consent.changes.Change`.
_SHARED = "uuid_send(key), controller_id, topic_id, since, until, event_id, channel"
_DENIALS = f"""SELECT id, 'suppression.added', {_SHARED}, cause, sender, sender_only, NULL::bool, NULL::bigint, '',
       NULL::timestamptz FROM consent_suppression"""  # noqa: S608  (names of ours)
_GRANTS = f"""SELECT id, 'consent.granted', {_SHARED}, '', '', false, confirmed, notice_version::bigint, notice_slug,
       NULL::timestamptz FROM consent_permission"""  # noqa: S608
_ALL = f"{_DENIALS} WHERE {_OURS} UNION ALL {_GRANTS} WHERE {_OURS}"
_DENIED = f"{_DENIALS} WHERE {_IN_FORCE}"
_COUNT = f"SELECT count(*) FROM consent_suppression WHERE {_IN_FORCE}"  # noqa: S608
_COUNT_KEYS = f"SELECT count(*) FROM (SELECT DISTINCT key FROM consent_suppression WHERE {_IN_FORCE}) keys"  # noqa: S608
_NAMED = f"""
    FROM consent_contactpoint point
    WHERE sealed_value IS NOT NULL AND point.channel = %(channel)s
          AND key IN (SELECT key FROM consent_suppression WHERE {_IN_FORCE})
"""  # noqa: S608
_LISTED = f"""{_DENIALS} WHERE id > %(after)s AND {_OURS}
      AND (NOT %(by_scope)s OR (controller_id, topic_id) IS NOT DISTINCT FROM (%(scope)s::bigint, %(topic)s::bigint))
    ORDER BY id LIMIT %(limit)s"""


class Wanted(NamedTuple):
    """Whose rows, and which. With a topic only those that silence it: of these causes."""

    controller_id: int
    channel: str = ""
    topic_id: int = 0
    causes: tuple[str, ...] = ()

    def values(self) -> dict[str, object]:
        return {
            "controller": self.controller_id,
            "channel": self.channel,
            "topic": self.topic_id,
            "causes": list(self.causes),
        }


class Export:
    """A snapshot. It is open until it is closed, or until nothing was taken for as long as a transaction may idle."""

    def __init__(self, wanted: Wanted) -> None:
        self._values = wanted.values()
        self._wrapper = connections.create_connection(DEFAULT_DB_ALIAS)  # the thread's own is for its next request
        self._wrapper.ensure_connection()
        self._connection: psycopg.Connection[db.Row] = self._wrapper.connection
        try:
            self._connection.autocommit = False
            self._connection.read_only = True
            self._connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            self.position = changes.position(self.fetch)
        except BaseException:
            self.close()
            raise

    def fetch(self, sql: str, params: db.Params = ()) -> list[db.Row]:
        """The rows of a statement, as of the snapshot."""
        with self._wrapper.wrap_database_errors:
            # Django's own cursors put values into the text of a statement.
            return psycopg.Cursor(self._connection).execute(sql, params, binary=True).fetchall()

    def held(self, controller_id: int) -> list[Held] | None:
        """What is held; None where it is too much to be told."""
        return changes.held(controller_id, self.fetch)

    def count(self) -> int:
        """How many denials in force there are."""
        return self._number(_COUNT)

    def count_of_keys(self) -> int:
        """Of how many keys they are."""
        return self._number(_COUNT_KEYS)

    def count_of_named(self) -> int:
        """Of how many of these keys the address is kept."""
        return self._number(f"SELECT count(*) {_NAMED}")

    def _number(self, sql: str) -> int:
        with self._wrapper.wrap_database_errors:
            self._connection.execute("SET LOCAL statement_timeout = 0")  # of millions of rows it takes a while
        [[found]] = self.fetch(sql, self._values)
        return int(found)

    def everything(self) -> Iterator[list[db.Row]]:
        """Denials and permissions, as `consent.changes.Change`s in plain tuples, some at a time."""
        return self._pages(_ALL)

    def denials(self) -> Iterator[list[db.Row]]:
        """Denials in force, likewise."""
        return self._pages(_DENIED)

    def sealed_values(self) -> Iterator[list[db.Row]]:
        """The sealed addresses of the keys that are denied, some at a time."""
        return self._pages(f"SELECT sealed_value {_NAMED}")

    def _pages(self, sql: str) -> Iterator[list[db.Row]]:
        with self._wrapper.wrap_database_errors, psycopg.ServerCursor(self._connection, "export") as cursor:
            cursor.execute(sql, self._values, binary=True)
            while rows := cursor.fetchmany(PAGE):
                yield rows

    def close(self) -> None:
        self._connection.close()


def listed(wanted: Wanted, after: int, limit: int, scope: tuple[int | None, int | None] | None = None) -> list[db.Row]:
    """Denials after a row's number, in the order in which they were written; with `scope` those of just that one."""
    place = scope or (None, None)
    values = {**wanted.values(), "after": after, "limit": limit, "by_scope": scope is not None}
    return db.fetch(_LISTED, {**values, "scope": place[0], "topic": place[1]})
