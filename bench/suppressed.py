"""A million suppressed addresses, of which some are known by name."""

from functools import cache

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
RANDOM = _SUPPRESSION.format(keys="(SELECT gen_random_uuid() AS key FROM generate_series(1, %s)) AS random")
_NAMED = _SUPPRESSION.format(keys="unnest(%s::uuid[]) AS named (key)")


def known(number: int) -> str:
    """The address of a suppressed person, 0 to `KNOWN` - 1."""
    return f"suppressed{number}@example.com"


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
        connection.execute(RANDOM, [*said, COUNT - KNOWN], prepare=False)
        connection.execute(_NAMED, [*said, keys])
        connection.execute("VACUUM ANALYZE consent_suppression")
