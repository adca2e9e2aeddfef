"""A measured figure, its table and its JSON."""

import json
import statistics
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from textwrap import indent
from typing import Literal, NamedTuple

Better = Literal["higher", "lower"]
FILE = "bench.json"
ROUNDS = 5


class BenchError(Exception):
    """A run that measured nothing, such as one whose requests were refused."""


class Aim(NamedTuple):
    """The bound that we want kept, of the ratio or of our own value."""

    of: Literal["ratio", "ours"]
    bound: float


class Figure(NamedTuple):
    """Ours and what it is measured against, medians in the same unit."""

    name: str
    ours: float
    against: float
    unit: str
    better: Better
    aim: Aim
    note: str

    @property
    def ratio(self) -> float:
        """Ours / against. Against nothing at all, whatever is ours is the ratio itself."""
        return self.ours / self.against if self.against else self.ours

    @property
    def is_met(self) -> bool:
        value = self.ratio if self.aim.of == "ratio" else self.ours
        return value >= self.aim.bound if self.better == "higher" else value <= self.aim.bound

    def as_json(self) -> dict[str, str | float]:
        """The members that bench.json has."""
        return {
            "name": self.name,
            "ours": round(self.ours, 3),
            "against": round(self.against, 3),
            "unit": self.unit,
            "ratio": round(self.ratio, 3),
            "better": self.better,
            "note": self.note,
        }


def interleave(ours: Callable[[], float], against: Callable[[], float], rounds: int = ROUNDS) -> tuple[float, float]:
    """Measure both in turn, so that a slow minute of the machine hits both, and return their medians."""
    pairs = [(ours(), against()) for _ in range(rounds)]
    return median(one for one, _ in pairs), median(other for _, other in pairs)


def in_turns(sides: Sequence[Callable[[int], float]], rounds: int) -> list[float]:
    """Measure each side in each round, of which it is told the number, and return their medians.

    Another one begins each round: the first is the one that finds nothing in the machine's memory.
    """
    measured: list[list[float]] = [[] for _ in sides]
    for number in range(rounds):
        for place in range(len(sides)):
            turn = (number + place) % len(sides)
            measured[turn].append(sides[turn](number))
    return [median(values) for values in measured]


def median(values: Iterable[float]) -> float:
    return statistics.median(values)


def percentile(values: Sequence[float], percent: int) -> float:
    """The value that `percent` of the values do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(-(-len(ordered) * percent // 100) - 1, 0)]


def table(figures: Sequence[Figure]) -> str:
    """The figures as lines of aligned columns, each with its note below, which may have lines of its own."""
    head = ("name", "ours", "against", "unit", "ratio", "aim", "")
    rows = [head, *map(_cells, figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    lines = [_line(row, widths) for row in rows]
    notes = [indent(one.note, "    ") for one in figures]
    return "\n".join([lines[0], *(f"{line}\n{note}" for line, note in zip(lines[1:], notes, strict=True))])


def _cells(one: Figure) -> tuple[str, ...]:
    sign = "≥" if one.better == "higher" else "≤"
    verdict = "met" if one.is_met else "MISSED"
    return (
        *(one.name, short(one.ours), short(one.against), one.unit),
        *(f"{one.ratio:.2f}", f"{one.aim.of} {sign} {one.aim.bound:,g}", verdict),
    )


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = [
        cell.rjust(width) if 1 <= at <= 2 else cell.ljust(width)
        for at, (cell, width) in enumerate(zip(row, widths, strict=True))
    ]
    return "  ".join(cells).rstrip()


def short(value: float) -> str:
    """A number with the digits that mean something."""
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.1f}"


def save(figures: Sequence[Figure], path: Path, order: Sequence[str]) -> None:
    """Write the figures. Those of other names in `order` that an earlier run left there stay."""
    known = {row["name"]: row for row in _read(path)} | {one.name: one.as_json() for one in figures}
    rows = [known[name] for name in order if name in known]
    path.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n")


def _read(path: Path) -> list[dict[str, str | float]]:
    rows: list[dict[str, str | float]] = json.loads(path.read_text()) if path.exists() else []
    return rows
