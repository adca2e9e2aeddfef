"""Which print jobs may still bring somebody a piece, and until when: what a request of today comes too late for."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from consent import db
from consent.normalise.keys import Key
from consent.runs.spelt import runs_spelt_otherwise


class StillDue(NamedTuple):
    """A run with a piece that may still arrive."""

    name: str
    dropped_on: date
    arrives_until: date


# The pieces first: by their index they are few, and runs that are still on their way may be many.
_ON_THEIR_WAY = """
WITH pieces AS MATERIALIZED (SELECT run_id FROM consent_mailpiece WHERE keys && %s::uuid[])
SELECT id, name, drop_on, arrives_until, id IN (SELECT run_id FROM pieces) FROM consent_mailrun
WHERE (%s::bigint IS NULL OR controller_id = %s) AND arrives_until >= %s AND state IN ('scrubbing', 'ready')
ORDER BY drop_on, id
"""


def may_still_arrive(controller_id: int | None, keys: Sequence[Key], at: datetime) -> list[StillDue]:
    """The runs, in the order of their drops, that contain a piece for any of the keys. No controller: of all.

    Give the keys that a word is about (`Contact.said`): a person's word then finds what goes to that person and to
    nobody by name, a household's all that goes there; and, once the word denies, pieces in another spelling too.
    """
    if not keys:
        return []
    rows = db.fetch(_ON_THEIR_WAY, [list(keys), controller_id, controller_id, at.date()])
    otherwise = runs_spelt_otherwise(keys, [run_id for run_id, *_, is_exact in rows if not is_exact])
    return [StillDue(*run) for run_id, *run, is_exact in rows if is_exact or run_id in otherwise]
