"""Reading this room's tables: tab-separated lines that a person can read and extend. `#` begins a comment line."""

from collections.abc import Iterator
from pathlib import Path


def lines(name: str) -> Iterator[list[str]]:
    """The fields of each line of a table below its header."""
    text = (Path(__file__).parent / name).read_text(encoding="utf-8")
    rows = (line.split("\t") for line in text.splitlines() if line.strip() and not line.startswith("#"))
    next(rows)
    for row in rows:
        yield [field.strip() for field in row]
