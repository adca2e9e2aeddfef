"""Asking about a scrub again: which rows' verdicts are no longer what it said, by what changed since.

What changed: keys with a line in the ledger behind its position, with a hold now, or with a word that ended by
itself meanwhile. Their rows are found by four bytes a row and decided anew; the others cannot have changed. Where the
rules of the topic are others than then, or too much changed, all rows are decided anew, by their keys.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from django.utils import timezone

from consent import configuration, db
from consent.models import Scrub
from consent.normalise.keys import DIGEST_BYTES, Key
from consent.scrubs.checking import codes_of_keys, decide_groups, groups_of, rules_of, topic_of
from consent.scrubs.cuttings import Question
from consent.scrubs.layout import layout_of
from consent.scrubs.reasons import ALLOWED, INVALID, said
from consent.scrubs.results import block_of, part_of
from consent.tables.cutting import cut

MOST_CHANGED = 50_000  # keys, beyond which all rows are decided anew
_PARTS_AT_ONCE = 20
_ALL = None


class Change(NamedTuple):
    """A row whose verdict is another one now. `row` is counted from 1 without the header, `line` from 1 with it."""

    row: int
    line: int
    allowed: bool
    reason: str


class Recheck(NamedTuple):
    """What is no longer as the scrub said, up to `position`. `after`: the row behind which the next page begins."""

    position: dict[str, Any]
    changes: list[Change]
    now_denied: int
    now_allowed: int
    after: int | None


def recheck(scrub: Scrub, after: int, limit: int) -> Recheck:
    """The changes behind a row, at most `limit` of them; the counts are of all. Raise `status.Unknown`."""
    question = Question(scrub.controller_id, topic_of(scrub.topic_id), scrub.channel, scrub.country, scrub.sender)
    now = timezone.now()
    [[line]] = db.fetch("SELECT seq FROM consent_ledgerhead")
    snapshot = configuration.current()
    rules_are_same = bool(scrub.rules) and scrub.rules == rules_of(snapshot, question)
    changed = _changed(scrub) if rules_are_same else _ALL
    changes = [change for part in _parts(scrub, changed) for change in _changes(scrub, part, question, now)]
    wanted = [change for change in changes if change.row > after]
    denied = sum(not change.allowed for change in changes)
    position = {"ledger_line": line, "configuration_version": snapshot.version, "checked_at": now}
    following = wanted[limit - 1].row if len(wanted) > limit else None
    return Recheck(position, wanted[:limit], denied, len(changes) - denied, following)


# Each by its index: with ORDER BY and LIMIT no plan reads a table from its beginning.
_CHANGED = """
SELECT uuid_send(key) FROM (
    (SELECT key FROM consent_consentevent WHERE seq > %(seq)s ORDER BY seq LIMIT %(most)s)
    UNION (SELECT key FROM consent_hold LIMIT %(most)s)
    UNION (SELECT key FROM consent_suppression WHERE until > %(at)s AND until <= now() ORDER BY until LIMIT %(most)s)
    UNION (SELECT key FROM consent_permission WHERE until > %(at)s AND until <= now() ORDER BY until LIMIT %(most)s)
) AS changed
"""
_FORMS = "SELECT DISTINCT uuid_send(form) FROM consent_neighbour WHERE key = ANY(%s)"


def _changed(scrub: Scrub) -> list[bytes] | None:
    """What rows may have changed by: keys and, of postal addresses, their loose forms; None for too many."""
    asked = {"seq": scrub.ledger_seq, "at": scrub.checked_at, "most": MOST_CHANGED}
    keys = [bytes(key) for [key] in db.fetch(_CHANGED, asked)]
    if len(keys) >= MOST_CHANGED:
        return _ALL
    if scrub.channel == "post" and keys:
        keys += [bytes(form) for [form] in db.fetch(_FORMS, [[Key(key) for key in keys]])]
    return keys


class _Touched(NamedTuple):
    """A part, and the places of those of its rows that are to be decided anew."""

    number: int
    places: list[int]


_HEADS = """
SELECT number, rows, heads, owners, open FROM consent_scrubpart WHERE scrub_id = %s AND number > %s
ORDER BY number LIMIT %s
"""


def _parts(scrub: Scrub, changed: Sequence[bytes] | None) -> Iterator[_Touched]:
    """The parts that something is to be decided anew of, in order."""
    words = None if changed is None else np.frombuffer(b"".join(changed), np.uint32).reshape(-1, 4)[:, 0]
    last = 0
    while rows := db.fetch(_HEADS, [scrub.pk, last, _PARTS_AT_ONCE]):
        for number, count, heads, owners, again in rows:
            last = number
            if words is None:
                yield _Touched(number, list(range(count)))
                continue
            found = _places(np.frombuffer(heads, np.uint32), owners, words)
            places = found | set(np.frombuffer(again, np.uint32).tolist())
            if places:
                yield _Touched(number, sorted(places))


def _places(heads: npt.NDArray[np.uint32], owners: bytes, words: npt.NDArray[np.uint32]) -> set[int]:
    """The rows with an entry that begins as one of those that changed: two bytes of it tell most of them apart."""
    starts = np.zeros(1 << 16, np.bool_)
    starts[words & 0xFFFF] = True
    near = np.flatnonzero(starts[heads & 0xFFFF])
    entries = near[np.isin(heads[near], words)]
    return set((np.frombuffer(owners, np.uint32)[entries] if owners else entries).tolist())


_DETAILS = "SELECT heads, tails, lines FROM consent_scrubpart WHERE scrub_id = %s AND number = %s"


def _changes(scrub: Scrub, touched: _Touched, question: Question, now: datetime) -> list[Change]:
    part = part_of(scrub, touched.number)
    if part is None:
        return []
    [[heads, tails, lines]] = db.fetch(_DETAILS, [scrub.pk, touched.number])
    places = np.array(touched.places, np.int64)
    places = places[part.codes[places] != INVALID]
    if question.channel == "post":
        codes = _of_post(scrub, touched.number, places, question, now)
    else:
        packed = _packed(heads, tails, places)
        codes, _ = codes_of_keys(packed, question, now)
    other = codes != part.codes[places]
    counted = np.frombuffer(lines, np.uint32)
    return [
        Change(part.first_row + place, part.first_line + (int(counted[place]) if len(counted) else place), *said(code))
        for place, code in zip(places[other].tolist(), codes[other].tolist(), strict=True)
        if ALLOWED[code] != ALLOWED[part.codes[place]]
    ]


def _packed(heads: bytes, tails: bytes, places: npt.NDArray[np.int64]) -> bytes:
    """The keys of some rows, one behind the other."""
    words = np.empty((len(places), DIGEST_BYTES // 4), np.uint32)
    words[:, 0] = np.frombuffer(heads, np.uint32)[places]
    words[:, 1:] = np.frombuffer(tails, np.uint32).reshape(-1, 3)[places]
    return words.tobytes()


def _of_post(
    scrub: Scrub, number: int, places: npt.NDArray[np.int64], question: Question, now: datetime
) -> npt.NDArray[np.uint8]:
    """Postal rows are read again: who else may be meant by them is asked of their addresses."""
    part, layout = part_of(scrub, number), layout_of(scrub.layout)
    if part is None or not len(places):
        return np.zeros(0, np.uint8)
    block = block_of(scrub, layout, part)
    found = cut(block, layout.dialect, layout.width, -1)
    records = [block[found.starts[place] : found.ends[place]] for place in places.tolist()]
    return decide_groups(groups_of(records, layout, question), question, now).codes
