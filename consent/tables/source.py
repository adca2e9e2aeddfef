"""A file of any kind that a table comes in → the bytes of that table, as often as they are wanted."""

from collections.abc import Iterator
from typing import IO, NamedTuple

from consent.tables.packing import encoding_in, is_workbook, table_blocks
from consent.tables.workbook import workbook_blocks


class Source(NamedTuple):
    """An open file, which can be read from its beginning again. `encoding` is a UTF-16 that is taken away, or ""."""

    file: IO[bytes]
    workbook: bool
    encoding: str
    most: int

    def blocks(self) -> Iterator[bytes]:
        """The table's bytes, at most `most` of them. Raise `BadTable` or `TooLarge`."""
        self.file.seek(0)
        return (workbook_blocks if self.workbook else table_blocks)(self.file, self.most)


def source_of(file: IO[bytes], most: int) -> Source:
    """What a file is. Raise `BadTable`."""
    file.seek(0)
    workbook = is_workbook(file)
    return Source(file, workbook, "" if workbook else encoding_in(file), most)
