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
    if cut.uniform:
        return _uniform(block, cut, codes, texts)
    return b"".join(_one_by_one(block, cut, dialect, codes, texts))


def _uniform(block: bytes, cut: Cut, codes: Codes, texts: Sequence[bytes]) -> bytes:
    """The text that most have goes into all at once; then the others get theirs in its stead."""
    most = int(np.bincount(codes).argmax())
    text, line_end = texts[most], block[cut.inserts[-1] : cut.ends[-1]]
    rendered = block.replace(line_end, text + line_end)
    others = np.flatnonzero(codes != most)
    if not len(others):
        return rendered
    begins = cut.inserts[others] + len(text) * others
    parts: list[bytes] = []
    done = 0
    for code, begin, end in zip(codes[others].tolist(), begins.tolist(), (begins + len(text)).tolist(), strict=True):
        parts += (rendered[done:begin], texts[code])
        done = end
    return b"".join([*parts, rendered[done:]])


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
