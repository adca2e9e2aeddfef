"""What a block of a table was cut into."""

from collections.abc import Mapping, Set
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from consent.tables.cells import Cells

Places = npt.NDArray[np.int64]


class Cut(NamedTuple):
    """Records of a block, by offsets in it. What lies between them are lines that hold nothing.

    `starts` and `ends` (after the line end) bound each one; new cells go in at `inserts`, after `missing` empty ones
    (None: no record lacks any). `cells` are those of the column that was asked for, empty where it cannot be told.
    `lines`: the number of lines before each record in the block; None where each record is one line. `unreadable`
    are records whose cells cannot be told to be in their columns; `rewritten` those of them that must be written anew,
    in quotes, so that no reader takes their neighbours for a part of them. `uniform`: all have each cell and end alike.
    """

    starts: Places
    ends: Places
    inserts: Places
    missing: Places | None
    cells: Cells
    lines: Places | None
    unreadable: Set[int]
    rewritten: Mapping[int, bytes]
    uniform: bool

    def line_of(self, place: int) -> int:
        """The number of lines before a record."""
        return place if self.lines is None else int(self.lines[place])
