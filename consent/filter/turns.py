"""Builders of one folder take turns. A folder also knows which builds were begun in it, and so which rows are its own.

Two builders at once would each take the other's row for that of a filter that is gone. What a machine calls itself does
not tell folders apart: two may have the same name, or a folder in common.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from uuid import UUID

NAME = "keys.builds"
_ID_BYTES = 16


class Begun:
    """The builds that were begun in a folder, and whose rows the database may have, as ids one behind the other."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def note(self, build: UUID) -> None:
        """Note a build before its row is written, so that none is forgotten whose builder dies."""
        self._file.seek(0, 2)
        self._file.write(build.bytes)
        self._file.flush()

    def all(self) -> list[UUID]:
        self._file.seek(0)
        ids = self._file.read()
        return [UUID(bytes=ids[at : at + _ID_BYTES]) for at in range(0, len(ids) - _ID_BYTES + 1, _ID_BYTES)]

    def keep_only(self, build: UUID) -> None:
        """Forget the others: their rows are gone."""
        self._file.seek(0)
        self._file.truncate()
        self.note(build)


@contextmanager
def turn(folder: Path) -> Iterator[Begun]:
    """Wait until nobody else builds in a folder; nobody does meanwhile. Raises `OSError`."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / NAME).open("a+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # let go of when it is closed, and when the process dies
        yield Begun(file)
