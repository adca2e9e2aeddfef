"""The recalls of a run: pieces that the scrub allowed and a check of now denies. The mail house pulls them."""

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from django.utils import timezone

from consent import configuration, db, status
from consent.models import MailRun
from consent.near import NOBODY, Near, denied_forms, wanted
from consent.normalise.keys import Key
from consent.runs import addressed
from consent.runs.files import file_from, result_part_of_row
from consent.runs.layout import column_names, head_of, layout_of
from consent.runs.rows import Place, fitting, read_rows
from consent.status import Verdict

AT_ONCE = 5_000
MOST_LOOKED_AT = 50_000  # pieces a page: it may be short, or empty, and yet have a next one
NEW = ("row", "line", "reason", "since", "recallable")


class Recall(NamedTuple):
    """A piece to be pulled. `columns` are the row's own, by their headers."""

    row: int
    line: int
    reason: str
    since: datetime | None
    columns: dict[str, str]


class Page(NamedTuple):
    """Recalls in the order of the file. `after`: the row after which the next page begins, None at the end."""

    recalls: list[Recall]
    after: int | None


class _Denied(NamedTuple):
    row: int
    line: int
    verdict: Verdict


def is_recallable(run: MailRun) -> bool:
    """Whether its pieces can still be pulled: until the day before the drop."""
    return timezone.now().date() < run.drop_on


def can_be_asked(run: MailRun) -> bool:
    """Whether its topic is there still, and carried by post: else no check can say whose piece to pull."""
    snapshot = configuration.current()
    topic = snapshot.topics.get(run.topic_id)
    return topic is not None and "post" in topic.channels


def recalls_of(run: MailRun, after: int, limit: int) -> Page:
    """A page of the recalls behind a row, as of now."""
    denied: list[_Denied] = []
    last: int | None = after
    for _ in range(MOST_LOOKED_AT // AT_ONCE):
        found, last = _denied_after(run, last or 0)
        denied += found
        if last is None or len(denied) >= limit:
            break
    if len(denied) > limit:
        last = denied[limit - 1].row
    return Page(_with_columns(run, denied[:limit]), last)


_PIECES = "SELECT row, line, keys, forms FROM consent_mailpiece WHERE run_id = %s AND row > %s ORDER BY row LIMIT %s"


def _denied_after(run: MailRun, after: int) -> tuple[list[_Denied], int | None]:
    """The denied ones among the next pieces, and the last row that was looked at; None at the end."""
    pieces = db.fetch(_PIECES, [run.pk, after, AT_ONCE])
    topic = configuration.recent().topics.get(run.topic_id)
    if topic is None:
        raise status.UnknownTopic(run.topic_id)
    keys = [[Key(key.bytes) for key in piece[2]] for piece in pieces]
    near = wanted(_near(run, [(piece[0], [Key(form.bytes) for form in piece[3]]) for piece in pieces]))
    _, verdicts = status.check_many(run.controller_id, topic.slug, "post", keys, timezone.now(), near=near)
    denied = [
        _Denied(piece[0], piece[1], verdict)
        for piece, verdict in zip(pieces, verdicts, strict=True)
        if not verdict.allowed
    ]
    return denied, pieces[-1][0] if len(pieces) == AT_ONCE else None


def _near(run: MailRun, pieces: Sequence[tuple[int, list[Key]]]) -> list[Near]:
    """Who else may be meant by pieces, each with its row and its forms. Only where a form is that of somebody who is
    denied now is the row opened and its address weighed.
    """
    denied = denied_forms({form for _, forms in pieces for form in forms})
    rows = [row for row, forms in pieces if not denied.isdisjoint(forms)]
    layout = layout_of(run.layout)
    cells = cells_of(run, rows)
    groups = addressed.groups_of([fitting(cells[row], layout.width) for row in rows], layout, run.country)
    found = dict(zip(rows, addressed.near_of_groups(groups), strict=True))
    return [found.get(row, NOBODY) for row, _ in pieces]


def count_recalls(run: MailRun, most: int = MOST_LOOKED_AT) -> tuple[int, bool]:
    """How many recalls there are among the first `most` pieces, and whether those are all of them."""
    count, last = 0, 0
    for _ in range(most // AT_ONCE):
        found, following = _denied_after(run, last)
        count += len(found)
        if following is None:
            return count, True
        last = following
    return count, False


def _with_columns(run: MailRun, denied: Sequence[_Denied]) -> list[Recall]:
    names = column_names(header_of(run)) if denied else []
    cells = cells_of(run, [one.row for one in denied])
    return [
        Recall(one.row, one.line, one.verdict.reason, one.verdict.since, dict(zip(names, cells[one.row], strict=False)))
        for one in denied
    ]


def header_of(run: MailRun) -> list[str]:
    """The header's cells."""
    layout = layout_of(run.layout)
    [header] = read_rows([head_of(file_from(run.pk))[: layout.header_bytes]], layout.delimiter)
    return header.cells or []


def cells_of(run: MailRun, rows: Sequence[int]) -> dict[int, list[str]]:
    """The cells of some rows, given in order: each part of the result is opened once."""
    layout = layout_of(run.layout)
    cells: dict[int, list[str]] = {}
    for row in rows:
        if row not in cells:
            first, part = result_part_of_row(run.pk, row)
            read = read_rows([part], layout.delimiter, Place(rows=first - 1))
            wanted = set(rows)
            cells |= {one.number: (one.cells or [])[: layout.width] for one in read if one.number in wanted}
    return cells


def recalls_csv(run: MailRun) -> Iterator[bytes]:
    """All recalls as CSV in UTF-8, piece by piece: what is new, then the row's own columns as they are."""
    yield _line([*NEW, *header_of(run)])
    after: int | None = 0
    while after is not None:
        page = recalls_of(run, after, AT_ONCE)
        can = "true" if is_recallable(run) else "false"
        for one in page.recalls:
            since = one.since.isoformat().replace("+00:00", "Z") if one.since else ""
            yield _line([str(one.row), str(one.line), one.reason, since, can, *one.columns.values()])
        after = page.after


def _line(cells: Sequence[str]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerow(cells)
    return out.getvalue().encode()
