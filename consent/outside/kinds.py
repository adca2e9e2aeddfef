"""Kinds of outside lists: what a new list is unless it is told otherwise (kinds.tsv)."""

from datetime import date
from functools import cache
from typing import NamedTuple

from consent.outside.tables import lines

OTHER = "other"


class Kind(NamedTuple):
    """A kind. `age_days` is None where its lists do not age; `source` names the rule."""

    slug: str
    name: str
    channels: tuple[str, ...]
    cause: str
    age_days: int | None
    valid_from: date
    region: str
    source: str


@cache
def _rows() -> tuple[Kind, ...]:
    return tuple(_kind(*row) for row in lines("kinds.tsv"))


def _kind(slug: str, name: str, channels: str, cause: str, age: str, since: str, region: str, source: str) -> Kind:
    valid_from = date.fromisoformat(since) if since else date.min
    return Kind(slug, name, tuple(channels.split(",")), cause, int(age) if age else None, valid_from, region, source)


def kinds(on: date) -> dict[str, Kind]:
    """The kinds as their rules stand on a day."""
    return {row.slug: row for row in sorted(_rows(), key=lambda row: row.valid_from) if row.valid_from <= on}
