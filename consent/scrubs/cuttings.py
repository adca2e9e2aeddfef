"""The blocks of a table, cut, with the keys of their addresses: those of the next block are made meanwhile."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from consent.keys import address_secret, key_maker
from consent.scrubs.keying import WORTH_BYTES, Beside, Here, Keying, Wanted
from consent.scrubs.layout import Layout, with_line_end
from consent.tables.cells import NO_CELLS
from consent.tables.cutting import cut
from consent.tables.records import Cut


class Question(NamedTuple):
    """What is asked about each row. `country` is that of numbers and addresses that name none, "" for none."""

    controller_id: int
    topic: str
    channel: str
    country: str = ""
    sender: str = ""


class Cutting(NamedTuple):
    """A block that was cut. `whole` is the block with a line end behind its last record.

    `keys` stand one behind the other, zeros for what is no address; for post there are none.
    """

    block: bytes
    whole: bytes
    cut: Cut
    keys: bytes | None


@contextmanager
def keying(channel: str, size: int) -> Iterator[Keying | None]:
    """Who makes the keys of a table of so many bytes: this process, or one beside it.

    Nobody for post, whose addresses have several each.
    """
    maker = key_maker()
    beside = size >= WORTH_BYTES and (os.cpu_count() or 1) > 1
    maker_of_keys: Keying = Beside(address_secret(), maker) if beside and channel != "post" else Here(maker)
    try:
        yield None if channel == "post" else maker_of_keys
    finally:
        maker_of_keys.close()


def cut_blocks(blocks: Iterable[bytes], layout: Layout, question: Question, keys: Keying | None) -> Iterator[Cutting]:
    """The blocks, cut, with their keys: those of the next block are being made while one is worked on."""
    ahead: Cutting | None = None
    for block in blocks:
        whole = with_line_end(block, layout)
        found = cut(whole, layout.dialect, layout.width, layout.column)
        before = ahead._replace(keys=keys.take()) if ahead and keys else ahead
        if keys:
            keys.send(Wanted(question.channel, question.country, found.cells))
        ahead = Cutting(block, whole, found._replace(cells=NO_CELLS), None)
        if before:
            yield before
    if ahead:
        yield ahead._replace(keys=keys.take()) if keys else ahead
