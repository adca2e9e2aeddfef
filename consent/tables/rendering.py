"""Records with new cells: each keeps its own bytes, and the new cells stand behind its last column."""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from consent.tables.dialect import Dialect
from consent.tables.records import Cut

Codes = npt.NDArray[np.uint8]


def new_cells(dialect: Dialect, cells: Sequence[str]) -> bytes:
    """Cells that need no quotes, with the delimiter before each."""
    return "".join(f"{dialect.delimiter}{cell}" for cell in cells).encode()


def render(block: bytes, cut: Cut, dialect: Dialect, codes: Codes, texts: Sequence[bytes]) -> bytes:
    """The block with `texts[code]` (of `new_cells`) in each record."""
    if not len(codes):
        return block
    parts = _uniform(block, cut, codes, texts) if cut.uniform else _one_by_one(block, cut, dialect, codes, texts)
    return b"".join(parts)


def _uniform(block: bytes, cut: Cut, codes: Codes, texts: Sequence[bytes]) -> Iterator[bytes]:
    """Neighbours with the same text together."""
    last = len(codes) - 1
    line_end = block[cut.inserts[last] : cut.ends[last]]
    changes = np.flatnonzero(codes[1:] != codes[:-1])
    begin = 0
    for code, end in zip(codes[[*changes, last]].tolist(), cut.ends[[*changes, last]].tolist(), strict=True):
        yield block[begin:end].replace(line_end, texts[code] + line_end)
        begin = end


def _one_by_one(block: bytes, cut: Cut, dialect: Dialect, codes: Codes, texts: Sequence[bytes]) -> Iterator[bytes]:
    empty = dialect.delimiter.encode()
    missing = cut.missing if cut.missing is not None else np.zeros(len(codes), np.int64)
    columns = (part.tolist() for part in (cut.starts, cut.inserts, cut.ends, missing, codes))
    done = 0
    for place, (start, insert, end, lacks, code) in enumerate(zip(*columns, strict=True)):
        yield block[done:start]
        yield cut.rewritten.get(place) or block[start:insert]
        yield empty * lacks + texts[code]
        yield block[insert:end]
        done = end
    yield block[done:]
