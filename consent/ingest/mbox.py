"""mbox (RFC 4155; mboxrd and mboxo): one message at a time, in constant memory, however large the file is.

A message begins with a `From ` line. Writers of mboxrd and mboxo quote such lines within a message (`>From `), but
mboxcl and pipes do not: a line that merely begins with the word, as a letter's may, must not cut the letter in two. So
it has to look like what programs write: one word and a date, or an address alone, before a header field.
"""

import re
from collections.abc import Iterator
from typing import BinaryIO, Final

from consent.ingest.stored import CHUNK, Collector, Stored

_MONTH: Final = rb"\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\b"
DATED: Final = re.compile(
    rb"From (?:\S{1,320})?[ \t]{1,20}(?=[^\r\n]{0,80}" + _MONTH + rb")(?=[^\r\n]{0,80}\b\d{1,2}:\d\d)"
    rb"[^\r\n]{0,80}\b\d{4}\b"
)
BARE: Final = re.compile(rb"From (?:\S{1,256}@\S{1,64}|MAILER-DAEMON|-)[ \t]{0,20}[\r\n]")
QUOTED: Final = re.compile(rb">{1,50}From ")
FIELD: Final = re.compile(rb"[!-9;-~]{1,200}[ \t]*:|>From ")
BLANK: Final = (b"\n", b"\r\n", b"")


def is_mbox(first_line: bytes) -> bool:
    """Whether a file that begins so is an mbox: no header field begins with `From` and a blank."""
    return first_line.startswith(b"From ")


def read_mbox(opened: BinaryIO, name: str, limit: int, first_line: bytes) -> Iterator[Stored]:
    """The messages in their order, each cut at `limit` bytes. `first_line` was read from `opened` before."""
    reader = _Reader(opened, name, limit, first_line)
    while reader.line:
        yield reader.message()


class _Reader:
    """Reads one line ahead, for whether a line separates depends on the next one too."""

    def __init__(self, opened: BinaryIO, name: str, limit: int, first_line: bytes) -> None:
        self._opened, self._name, self._limit = opened, name, limit
        self.line = first_line
        self._next = opened.readline(CHUNK)
        self._before = b""
        self._whole = True  # whether `line` begins a line, and is no later piece of a very long one
        self._at = 0
        self._count = 0

    def message(self) -> Stored:
        """The message whose `From ` line is the current one."""
        self._count += 1
        place, from_line = f"{self._name}: message {self._count:,} at byte {self._at:,}", self.line
        collected = Collector(self._limit)
        held = b""  # a blank line before a separator belongs to the format
        self._step()
        while self.line and not self._separates():
            collected.add(held)
            held = self.line if self._whole and self.line in BLANK else b""
            if not held:
                collected.add(self.line[1:] if self._whole and QUOTED.match(self.line) else self.line)
            self._step()
        return collected.stored(place, self._at, from_line)

    def _step(self) -> None:
        self._at += len(self.line)
        self._before = self.line
        self._whole = self.line.endswith(b"\n")
        self.line, self._next = self._next, self._opened.readline(CHUNK) if self._next else b""

    def _separates(self) -> bool:
        if not self._whole or not self.line.startswith(b"From "):
            return False
        after_blank, before_field = self._before in BLANK, bool(FIELD.match(self._next))
        if DATED.match(self.line):
            return after_blank or before_field
        return after_blank and before_field and bool(BARE.match(self.line))
