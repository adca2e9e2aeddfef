"""Files and folders with mail: a message, an mbox or a Maildir, whichever it turns out to be."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from consent.ingest.mbox import is_mbox, read_mbox
from consent.ingest.stored import CHUNK, Stored, Unread, read_single

Found = Stored | Unread
FLAGS = ":2,"  # what follows it in a Maildir's name changes when somebody reads the message


def read_path(path: Path, limit: int) -> Iterator[Found]:
    """The messages at a path. What cannot be read is said and costs no other."""
    if path.is_dir():
        yield from _read_maildir(path, limit)
        return
    try:
        with path.open("rb") as opened:
            yield from read_stream(opened, str(path), limit)
    except OSError as error:
        yield Unread(str(path), error.strerror or type(error).__name__)


def read_stream(opened: BinaryIO, name: str, limit: int) -> Iterator[Found]:
    """The messages of an open file or of standard input. An empty one is an mbox without any."""
    first_line = opened.readline(CHUNK)
    if is_mbox(first_line):
        yield from read_mbox(opened, name, limit, first_line)
    elif first_line:
        yield read_single(opened, name, limit, first_line)


def _read_maildir(folder: Path, limit: int) -> Iterator[Found]:
    """First new/, then cur/: a message that moves on meanwhile is met twice rather than never."""
    parts = [folder / name for name in ("new", "cur") if (folder / name).is_dir()]
    if not parts:
        yield Unread(str(folder), "is a folder and no Maildir: it has neither new/ nor cur/")
    end = 0
    for part in parts:
        for name in _names(part):
            found = _read_one(part / name, limit)
            if isinstance(found, Stored):
                end += found.end
                found = found._replace(end=end)
            yield found


def _names(part: Path) -> list[str]:
    return sorted(name for name in os.listdir(part) if not name.startswith("."))


def _read_one(path: Path, limit: int) -> Found:
    try:
        with _open_wherever(path) as opened:
            return read_single(opened, str(path), limit)
    except OSError as error:
        return Unread(str(path), error.strerror or type(error).__name__)


def _open_wherever(path: Path) -> BinaryIO:
    """Open a Maildir's message, also where somebody has just read it and its name has changed."""
    try:
        return path.open("rb")
    except FileNotFoundError:
        unique, current = path.name.partition(FLAGS)[0], path.parent.parent / "cur"
        for name in os.listdir(current):
            if name.partition(FLAGS)[0] == unique:
                return (current / name).open("rb")
        raise


def total_bytes(paths: Iterable[Path]) -> int:
    """How much there is to read, for the bar; what cannot be looked at counts nothing."""
    return sum(_size(path) for path in paths)


def _size(path: Path) -> int:
    try:
        if path.is_dir():
            return sum(entry.stat().st_size for part in ("new", "cur") for entry in _entries(path / part))
        return path.stat().st_size
    except OSError:
        return 0


def _entries(part: Path) -> Iterator["os.DirEntry[str]"]:
    if part.is_dir():
        with os.scandir(part) as entries:
            yield from (entry for entry in entries if not entry.name.startswith("."))
