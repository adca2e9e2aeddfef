"""10,000 recipients of a topic that needs a grant, against as many of one from which one opts out."""

from collections.abc import Callable

import psycopg

from bench import messages, suppressed
from bench.check_bulk import ADDRESSES, ROUNDS, milliseconds
from bench.client import Connection, require_success
from bench.figures import Aim, BenchError, Figure, interleave
from bench.peers import COUNTS
from bench.stack import FILTER, Stack
from consent.filter import building
from consent.keys import key_maker
from consent.models import Topic

GRANTED = "newsletter"
HIT_EVERY = 20
_INSERT = """
INSERT INTO consent_permission (key, controller_id, topic_id, since, until, event_id, channel, confirmed, requested,
                                notice_version, notice_slug)
SELECT key, %s, %s, now(), NULL, gen_random_uuid(), 'email', true, false, 1, 'sign-up' FROM {keys}
"""
_RANDOM = _INSERT.format(keys="(SELECT gen_random_uuid() AS key FROM generate_series(1, %s)) AS random")
_NAMED = _INSERT.format(keys="unnest(%s::uuid[]) AS named (key)")


def measure(stack: Stack) -> Figure:
    """Milliseconds, one in twenty granted; one in twenty suppressed."""
    suppressed.fill(stack)
    granted = [suppressed.spread(f"granted{number}") for number in range(suppressed.KNOWN)]
    _fill(stack, granted)
    try:
        while building.keep_current(FILTER, building.place_of(FILTER)):
            pass  # what was still under way when a build began counts as new after it
        hits = ADDRESSES // HIT_EVERY
        others = [f"nobody{number}@example.com" for number in range(ADDRESSES - hits)]
        connection = Connection(stack.port)
        steps = [
            _asking(connection, messages.bulk(stack, granted[:hits] + others, topic=GRANTED), ADDRESSES - hits),
            _asking(connection, messages.bulk(stack, suppressed.asked(ADDRESSES)), hits),
        ]
        for step in steps * 4:  # both have their statements prepared by then
            step()
        ours, against = interleave(lambda: milliseconds(steps[0]), lambda: milliseconds(steps[1]), ROUNDS)
        connection.close()
    finally:
        _empty(stack)
    note = (
        f"POST /v1/check/bulk with {ADDRESSES:,} addresses on an opt_in topic, {hits:,} of them with a grant among a "
        f"million grants; against the same on an opt_out topic, {hits:,} of them suppressed among a million."
    )
    return Figure("check_bulk_grants", ours, against, "ms", "lower", Aim("ratio", 1.1), note)


def _asking(connection: Connection, wanted: bytes, denied: int) -> Callable[[], None]:
    def ask() -> None:
        answer = connection.ask(wanted)
        require_success(answer)
        counts = COUNTS.search(answer.body, 0, 1_000)
        if counts is None or int(counts[1]) != denied:
            raise BenchError(f"{counts} where {denied} denied were expected")

    return ask


def _fill(stack: Stack, granted: list[str]) -> None:
    topic = Topic.objects.get(slug=GRANTED, controller_id=messages.controller_id()).pk
    said = [messages.controller_id(), topic]
    keys = key_maker().of_many("email", granted)
    with psycopg.connect(stack.database, autocommit=True) as connection:
        connection.execute(_RANDOM, [*said, suppressed.COUNT - len(keys)], prepare=False)
        connection.execute(_NAMED, [*said, keys])
        connection.execute("VACUUM ANALYZE consent_permission")


def _empty(stack: Stack) -> None:
    with psycopg.connect(stack.database, autocommit=True) as connection:
        connection.execute("TRUNCATE consent_permission")
        connection.execute("DELETE FROM consent_filter")  # it knows of grants that are gone
