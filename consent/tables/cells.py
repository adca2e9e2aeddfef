"""The cells of one column, as they are handed on."""

from collections.abc import Sequence
from typing import NamedTuple


class Cells(NamedTuple):
    """Cells of a column: in `lines`, each with a line end behind it, or in `apart`, where one has a line end in it."""

    total: int
    lines: bytes
    apart: Sequence[bytes] = ()

    def listed(self) -> list[bytes]:
        return [*self.apart] if self.apart else self.lines.split(b"\n")[: self.total]


NO_CELLS = Cells(0, b"")


def cells_of(cells: Sequence[bytes]) -> Cells:
    lines = b"".join([cell + b"\n" for cell in cells])
    return Cells(len(cells), lines) if lines.count(b"\n") == len(cells) else Cells(len(cells), b"", cells)
