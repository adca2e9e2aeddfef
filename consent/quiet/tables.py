"""Reading the tables: tab-separated lines that a person can read and extend. `#` begins a comment line."""

from collections.abc import Iterator
from pathlib import Path

FOLDER = Path(__file__).parent / "tables"


class TableError(ValueError):
    """A line of a table that cannot be read."""


def lines(name: str, fields: int) -> Iterator[list[str]]:
    """The fields of each line of a table, as many as asked for. Those missing at the end are empty."""
    for line in (FOLDER / name).read_text(encoding="utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        found = [field.strip() for field in line.split("\t")]
        if len(found) > fields:
            raise TableError(f"{name}: {found[0]} has {len(found)} fields, {fields} at most")
        yield found + [""] * (fields - len(found))
