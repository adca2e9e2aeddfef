"""A million suppressed addresses, of which some are known by name."""

from functools import cache
from hashlib import md5

import psycopg

from bench import messages
from bench.stack import Stack
from consent.keys import key_maker
from consent.models.vocabulary import Cause

COUNT = 1_000_000
KNOWN = 50_000
HIT_EVERY = 20  # one in twenty of what is asked is suppressed

_SUPPRESSION = """
INSERT INTO consent_suppression (key, controller_id, topic_id, since, until, event_id, cause, sender, channel)
SELECT key, %s, NULL, now(), NULL, gen_random_uuid(), %s, '', 'email' FROM {keys}
"""
_RANDOM = _SUPPRESSION.format(keys="(SELECT gen_random_uuid() AS key FROM generate_series(1, %s)) AS random")
_DROP = "ALTER TABLE consent_suppression DROP CONSTRAINT IF EXISTS suppression_once"
_ADD = """
ALTER TABLE consent_suppression ADD CONSTRAINT suppression_once
UNIQUE NULLS NOT DISTINCT (key, controller_id, topic_id, cause, sender)
"""
_NAMED = _SUPPRESSION.format(keys="unnest(%s::uuid[]) AS named (key)")


def spread(name: str) -> str:
    """An address far from those of other names in an index: neighbours would be found for nothing."""
    return f"{md5(name.encode(), usedforsecurity=False).hexdigest()[:16]}@example.com"


def known(number: int) -> str:
    """The address of a suppressed person, 0 to `KNOWN` - 1."""
    return spread(f"suppressed{number}")


def asked(count: int, start: int = 0, hit_every: int = HIT_EVERY) -> list[str]:
    """Addresses of which one in `hit_every` is suppressed."""
    return [
        known((start + number) // hit_every % KNOWN)
        if number % hit_every == 0
        else f"nobody{start + number}@example.com"
        for number in range(count)
    ]


@cache
def fill(stack: Stack) -> None:
    """Suppress them, once a run. The ledger knows nothing of it: only look-ups are measured on them."""
    keys = key_maker().of_many("email", map(known, range(KNOWN)))
    said = [messages.controller_id(), Cause.CHOICE.value]
    with psycopg.connect(stack.database, autocommit=True) as connection:
        connection.execute(_RANDOM, [*said, COUNT - KNOWN], prepare=False)
        connection.execute(_NAMED, [*said, keys])
        connection.execute("VACUUM ANALYZE consent_suppression")


def fill_to(stack: Stack, rows: int) -> None:
    """Have so many suppressed, whatever was there, past index, triggers and log: they only take time here.

    The known ones are among them. A filter that was built before is no longer good.
    """
    with psycopg.connect(stack.database, autocommit=True) as connection:
        [there] = connection.execute("SELECT count(*) FROM consent_suppression").fetchone() or [0]
        if there == rows:
            return
        if there > rows:
            connection.execute("TRUNCATE consent_suppression")
            there = 0
        said = [messages.controller_id(), Cause.CHOICE.value]
        connection.execute("ALTER TABLE consent_suppression SET UNLOGGED")
        connection.execute("ALTER TABLE consent_suppression DISABLE TRIGGER USER")
        connection.execute(_DROP)
        if not there:
            keys = key_maker().of_many("email", map(known, range(KNOWN)))
            connection.execute(_NAMED, [*said, keys])
        connection.execute(_RANDOM, [*said, rows - (there or KNOWN)], prepare=False)
        connection.execute("SET maintenance_work_mem = '512MB'")
        connection.execute(_ADD)
        connection.execute("ALTER TABLE consent_suppression ENABLE TRIGGER USER")
        connection.execute("DELETE FROM consent_filter")
        connection.execute("VACUUM ANALYZE consent_suppression")
