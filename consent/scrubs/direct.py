"""A file scrubbed here and now, into another file: nothing of it is kept. `manage.py scrub` is its only caller."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import IO, Any

import numpy as np
from django.utils import timezone

from consent import configuration, db
from consent.scrubs.checking import Checked, checked_blocks
from consent.scrubs.creating import ScrubRequest, read_file, topic_id_of, unreadable
from consent.scrubs.cuttings import Question
from consent.scrubs.files import digest_of
from consent.scrubs.layout import Layout
from consent.scrubs.reasons import ALLOWED, INVALID, counts_of
from consent.scrubs.receipts import added, signed
from consent.scrubs.results import header_of, rendered_rows, without_line_end
from consent.scrubs.working import BLOCK_BYTES, MAX_UNREADABLE
from consent.tables.cutting import whole_blocks
from consent.tables.packing import BadTable

Progress = Callable[[int, int], None]


class Direct:
    """A file on its way. `progress` is told of bytes of the table and rows that are done."""

    def __init__(self, request: ScrubRequest, file: IO[bytes], out: IO[bytes], progress: Progress) -> None:
        topic_id_of(request)
        self._request, self._out, self._progress = request, out, progress
        self._size, self._file_digest = digest_of(file)
        self._source, self._layout = read_file(request, file)
        self._digest, self._written, self._done, self._lines = hashlib.sha256(), 0, 0, 0
        self.rows, self.counts, self.unreadable = 0, dict[str, Any](), list[int]()

    def run(self) -> dict[str, Any]:
        """Scrub the file and return the receipt. Raise `Rejected`, `status.Unknown`, `OSError` or a database error."""
        asked, layout = self._request, self._layout
        question = Question(asked.controller_id, asked.topic, asked.channel, asked.country, asked.sender)
        [[line]] = db.fetch("SELECT seq FROM consent_ledgerhead")
        version, began = configuration.current_version(), timezone.now()
        try:
            stream = self._source.blocks()
            before, rest = _split(stream, layout.body)
            self._write(header_of(before, layout))
            self._done, self._lines = layout.body, layout.body_lines
            blocks = whole_blocks(rest, layout.dialect, BLOCK_BYTES[asked.channel])
            with closing(checked_blocks(blocks, layout, question, self._size)) as checked:
                for one in checked:
                    self._take(one, layout)
        except BadTable as error:
            raise unreadable(error) from error
        position = {"ledger_line": line, "configuration_version": version, "checked_at": began}
        return self._receipt(position)

    def _take(self, checked: Checked, layout: Layout) -> None:
        block, whole, found, _ = checked.cutting
        rendered = rendered_rows(whole, found, layout, checked.codes, checked.at)
        self._write(without_line_end(rendered, whole == block, layout))
        self.counts = added(self.counts, counts_of(checked.codes), int(ALLOWED[checked.codes].sum()))
        bad = np.flatnonzero(checked.codes == INVALID)[: MAX_UNREADABLE - len(self.unreadable)].tolist()
        self.unreadable += [self._lines + 1 + found.line_of(place) for place in bad]
        self.rows += len(checked.codes)
        self._done += len(block)
        self._lines += whole.count(layout.dialect.newline.encode())
        self._progress(self._done, self.rows)

    def _write(self, result: bytes) -> None:
        self._out.write(result)
        self._digest.update(result)
        self._written += len(result)

    def _receipt(self, position: dict[str, Any]) -> dict[str, Any]:
        members = {
            "channel": self._request.channel,
            "topic": self._request.topic,
            "file_sha256": self._file_digest.hex(),
            "file_bytes": self._size,
            "result_sha256": self._digest.hexdigest(),
            "result_bytes": self._written,
            "rows": self.rows,
            "counts": {"allowed": 0, "denied": 0, "by_reason": {}} | self.counts,
            "unreadable_lines": self.unreadable,
            "position": position,
            "finished_at": timezone.now(),
        }
        return signed(members)


def _split(stream: Iterator[bytes], size: int) -> tuple[bytes, Iterator[bytes]]:
    """The first bytes of a stream, and what follows them."""
    before = bytearray()
    while len(before) < size:
        before += next(stream)
    return bytes(before[:size]), _after(bytes(before[size:]), stream)


def _after(first: bytes, stream: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from stream
