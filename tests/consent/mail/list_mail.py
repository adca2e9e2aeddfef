"""Ordinary list mail, put together from `cases/list_*.txt`: the header fields of list managers and mass mailers,
footers in many languages, and what people write to lists, among it about leaving them."""

from collections.abc import Iterator
from pathlib import Path

CASES = Path(__file__).parent / "cases"
SUBJECTS = ("[dev] Release 2.0", "Re: [dev] unsubscribe", "Re: stop the presses", "Our October news", "Digest, Vol 4")


def pieces(name: str) -> list[str]:
    """The pieces of a file, between lines of `%%`."""
    return (CASES / name).read_text(encoding="utf-8").removesuffix("\n").split("\n%%\n")


FIELDS = dict(piece.split("\n", 1) for piece in pieces("list_fields.txt"))
FOOTERS = pieces("list_footers.txt")
BODIES = pieces("list_bodies.txt")


def with_fields() -> Iterator[tuple[str, str, str]]:
    """Each manager's fields with each footer: (name, header fields, text)."""
    for at, (name, fields) in enumerate(FIELDS.items()):
        for other, footer in enumerate(FOOTERS):
            subject, body = SUBJECTS[(at + other) % len(SUBJECTS)], BODIES[(at + other) % len(BODIES)]
            yield name, f"Subject: {subject}\n{fields}\n", f"{body}\n\n{footer}\n"


def without_fields() -> Iterator[tuple[str, str, str]]:
    """Each footer below each body, as archives keep them: nothing in the header tells of a list."""
    for footer in FOOTERS:
        for at, body in enumerate(BODIES):
            yield "archive", f"Subject: {SUBJECTS[at % len(SUBJECTS)]}\n", f"{body}\n\n{footer}\n"
