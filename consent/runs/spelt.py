"""Pieces for a home that their file spells otherwise than the person did: found by loose forms, weighed by the rows."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from consent import db
from consent.models import MailRun
from consent.normalise.keys import Key
from consent.runs import addressed
from consent.runs.layout import layout_of
from consent.runs.recalls import cells_of
from consent.runs.rows import fitting

_WEIGHED = 20  # rows of a run: a house of more flats is told of the run rather than read through

_ALIKE = """
SELECT p.run_id, (array_agg(p.row ORDER BY p.row))[:%s] FROM consent_mailpiece p
WHERE p.forms && ARRAY(SELECT form FROM consent_neighbour WHERE key = ANY(%s)) AND p.run_id = ANY(%s)
GROUP BY p.run_id
"""


def runs_spelt_otherwise(keys: Sequence[Key], among: Sequence[UUID]) -> set[UUID]:
    """Those of some runs with a piece that is, or may be, for one of the keys, whatever the spelling.

    The keys must be denied by now: only then are they in the index of other spellings (consent/neighbours.py).
    """
    rows = db.fetch(_ALIKE, [_WEIGHED + 1, list(keys), list(among)]) if among else []
    return {run_id for run_id, found in rows if _is_for(keys, run_id, found)}


def _is_for(keys: Sequence[Key], run_id: UUID, rows: Sequence[int]) -> bool:
    if len(rows) > _WEIGHED:
        return True
    run = MailRun.objects.get(pk=run_id)
    layout = layout_of(run.layout)
    cells = cells_of(run, rows)
    groups = addressed.groups_of([fitting(cells[row], layout.width) for row in rows], layout, run.country)
    return any(_meets(keys, (*near.certain, *near.doubtful)) for near in addressed.near_of_groups(groups))


def _meets(keys: Iterable[Key], others: Iterable[Key]) -> bool:
    return not set(keys).isdisjoint(others)
