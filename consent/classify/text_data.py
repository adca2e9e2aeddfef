"""Reading the tables: tab-separated lines that a person can read and extend. `#` begins a comment line."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

FOLDER = Path(__file__).parent / "tables"


def lines(name: str) -> Iterator[list[str]]:
    """The fields of each line of a table, without surrounding space."""
    for line in (FOLDER / name).read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            yield [field.strip() for field in line.split("\t")]


def names(pattern: str) -> list[str]:
    """The tables whose name fits, in order of name."""
    return sorted(path.name for path in FOLDER.glob(pattern))


def word_sets(name: str) -> dict[str, frozenset[str]]:
    """The sets of a table whose lines are a name, its words and an example."""
    return {set_name: frozenset(words.split()) for set_name, words, _ in lines(name)}


def version() -> str:
    """A short digest of all that the tables of texts say: decisions made by the same version are repeatable."""
    digest = hashlib.sha256()
    for name in names("[!m]*.tsv") + names("markers.tsv"):
        digest.update(name.encode() + b"\0" + (FOLDER / name).read_bytes() + b"\0")
    return digest.hexdigest()[:12]
