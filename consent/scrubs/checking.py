"""A block of a table → the verdict of each of its rows, and the keys by which a later word finds them."""

from collections.abc import Generator, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

import numpy as np
from django.utils import timezone

from consent import configuration, status
from consent.configuration import Snapshot
from consent.near import NOBODY, wanted
from consent.normalise.keys import Key
from consent.packed import check_packed
from consent.replica.reading import reading
from consent.runs import addressed
from consent.runs.addressed import Group
from consent.scrubs.cuttings import Cutting, Question, cut_blocks, keying
from consent.scrubs.layout import Layout
from consent.scrubs.reasons import HELD, INVALID, code_of
from consent.tables.dialect import cells_of, text_of
from consent.tables.rendering import Codes


class Checked(NamedTuple):
    """The rows of a block. `entries` are 16 bytes each, one behind the other: one a row, or of the row in `owners`.

    `open` are rows whose verdict may change without a word about one of their entries.
    """

    cutting: Cutting
    at: datetime
    codes: Codes
    entries: bytes
    owners: bytes
    open: list[int]
    snapshot: Snapshot


def checked_blocks(
    blocks: Iterable[bytes], layout: Layout, question: Question, size: int
) -> Generator[Checked, None, None]:
    """The blocks of a table of about `size` bytes, checked, in order. Close it when it is left before its end.

    Raise `status.Unknown` or a database error.
    """
    with keying(question.channel, size) as keys:
        for cutting in cut_blocks(blocks, layout, question, keys):
            yield check(cutting, layout, question)


def check(cutting: Cutting, layout: Layout, question: Question) -> Checked:
    """Check the rows of a block. Raise `status.Unknown` or a database error."""
    now = timezone.now()
    if cutting.keys is None:
        return _check_post(cutting, layout, question, now)
    codes, snapshot = codes_of_keys(cutting.keys, question, now)
    codes[~np.frombuffer(cutting.keys, np.uint64).reshape(-1, 2).any(axis=1)] = INVALID
    held = np.flatnonzero(codes == HELD).tolist()
    return Checked(cutting, now, codes, cutting.keys, b"", held, snapshot)


def codes_of_keys(packed: bytes, question: Question, now: datetime) -> tuple[Codes, Snapshot]:
    """The verdicts of keys given one behind the other, and the configuration that decided them."""
    asked = (question.controller_id, question.topic, question.channel)
    with reading():
        answers = check_packed(*asked, packed, now, question.sender or None)
    codes = np.full(len(packed) // 16, code_of(answers.plain), np.uint8)
    if answers.others:
        said = {answer: code_of(answer) for answer in set(answers.others.values())}
        codes[[*answers.others]] = [said[one] for one in answers.others.values()]
    return codes, answers.snapshot


class Decided(NamedTuple):
    """Rows of postal addresses: their verdicts, and those whose verdict was also asked of other spellings."""

    codes: Codes
    near: list[int]
    snapshot: Snapshot


def _check_post(cutting: Cutting, layout: Layout, question: Question, now: datetime) -> Checked:
    block, found = cutting.whole, cutting.cut
    bounds = zip(found.starts.tolist(), found.ends.tolist(), strict=True)
    records = [b"" if place in found.unreadable else block[one:end] for place, (one, end) in enumerate(bounds)]
    groups = groups_of(records, layout, question)
    decided = decide_groups(groups, question, now)
    entries = [[*addressed.keys_of(group), *addressed.forms_of(group)] for group in groups]
    owners = np.repeat(np.arange(len(entries), dtype=np.uint32), [len(some) for some in entries])
    packed = b"".join(entry for some in entries for entry in some)
    again = {*decided.near, *np.flatnonzero(decided.codes == HELD).tolist()}
    return Checked(cutting, now, decided.codes, packed, owners.tobytes(), sorted(again), decided.snapshot)


def groups_of(records: Sequence[bytes], layout: Layout, question: Question) -> list[Group]:
    """The addressees of each record; none for an empty one."""
    read = [cells_of(record, layout.dialect) or [] if record else [] for record in records]
    rows = [[text_of(cell).replace("\0", "") for cell in cells[: layout.width]] for cells in read]
    return addressed.groups_in(rows, layout.places, question.country or "US")


def decide_groups(groups: Sequence[Group], question: Question, now: datetime) -> Decided:
    """The verdicts of postal rows, given by their addressees."""
    valid = [place for place, group in enumerate(groups) if group]
    keys: list[tuple[Key, ...]] = [addressed.keys_of(groups[place]) for place in valid]
    asked = (question.controller_id, question.topic, "post")
    with reading():
        near = addressed.near_of_groups([groups[place] for place in valid])
        snapshot, verdicts = status.check_many(*asked, keys, now, near=wanted(near))
    codes = np.full(len(groups), INVALID, np.uint8)
    if valid:
        codes[valid] = [code_of(verdict) for verdict in verdicts]
    close = [place for place, one in zip(valid, near, strict=True) if one is not NOBODY]
    return Decided(codes, close, snapshot)


def rules_of(snapshot: Snapshot, question: Question) -> str:
    """What of a configuration decides: two with the same text give the same verdicts. Raise `status.Unknown`."""
    rule = status.topic_rule(snapshot, question.controller_id, question.topic, question.channel)
    material = sorted(
        (str(place), version) for place, version in snapshot.material.items() if place[0] == rule.controller_id
    )
    return repr((rule.id, rule.topic_class, rule.channels[question.channel].basis, material))


def topic_of(topic_id: int) -> str:
    """The slug of a topic. Raise `status.UnknownTopic` where it is gone."""
    topic = configuration.recent().topics.get(topic_id)
    if topic is None:
        raise status.UnknownTopic(topic_id)
    return topic.slug
