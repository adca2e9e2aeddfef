"""The keys of a file's addresses, made by a second process, so that both cores of a machine have something to do.

Run by itself it is that process: without Django, the database, or anything that takes long to load, told of the secret
on its standard input, and at its end when that ends. One block is on its way at a time: who sends one has taken the
keys of the one before.

On the way are frames: a length, and so many bytes. A block is `channel country count`, a line end, and its cells, each
with a line end behind it. The answer is its keys. Blocks with a line end within a cell are not sent.
"""

import fcntl
import os
import struct
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import IO, NamedTuple, Protocol

from consent.normalise.keys import DIGEST_BYTES, KeyMaker
from consent.normalise.packed import normals_of, normals_of_lines
from consent.tables.cells import Cells

WORTH_BYTES = 8_000_000  # of a table: for less, starting it takes longer than it saves
_PIPE_BYTES = 1 << 20  # as many as anybody may have: a block goes in at once, and nobody waits for its halves
_LENGTH = struct.Struct(">I")


class Wanted(NamedTuple):
    """Addresses whose keys are wanted. `country` is that of numbers that name none, "" for none."""

    channel: str
    country: str
    cells: Cells


class Keying(Protocol):
    """Who makes keys: here, or beside. They are taken one behind the other, zeros for what is no address."""

    def send(self, wanted: Wanted) -> None: ...
    def take(self) -> bytes: ...
    def close(self) -> None: ...


class Here:
    """Keys made by this process, when they are taken."""

    def __init__(self, maker: KeyMaker) -> None:
        self._maker = maker
        self._wanted: list[Wanted] = []

    def send(self, wanted: Wanted) -> None:
        self._wanted.append(wanted)

    def take(self) -> bytes:
        channel, country, cells = self._wanted.pop(0)
        normals = None if cells.apart else normals_of_lines(channel, cells.lines, cells.total, country or None)
        if normals is None:
            normals = normals_of(channel, cells.listed(), country or None)
        return self._maker.packed(channel, normals)

    def close(self) -> None:
        pass


class Beside:
    """Keys made by another process. Should it die, they are made here, as are those that it leaves to us."""

    def __init__(self, secret: bytes, maker: KeyMaker) -> None:
        self._here = Here(maker)
        self._process = subprocess.Popen(  # noqa: S603  (our own interpreter, and this file)
            (sys.executable, "-m", __name__),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=Path(__file__).parents[2],
            start_new_session=True,  # it ends with its input, and not with somebody's Ctrl-C
            env={name: value for name, value in os.environ.items() if name in ("PATH", "LD_LIBRARY_PATH")},
        )
        _widen(self._process.stdin)
        _widen(self._process.stdout)
        self._sent: Wanted | None = None
        self._write(secret)

    def send(self, wanted: Wanted) -> None:
        self._sent = wanted
        if not wanted.cells.apart:
            self._write(f"{wanted.channel} {wanted.country} {wanted.cells.total}\n".encode(), wanted.cells.lines)

    def take(self) -> bytes:
        wanted, self._sent = self._sent, None
        if wanted is None:
            raise RuntimeError("nothing was sent")
        answer = None if wanted.cells.apart else _read(self._process.stdout)
        if answer is not None and len(answer) == DIGEST_BYTES * wanted.cells.total:
            return answer
        self._here.send(wanted)
        return self._here.take()

    def _write(self, *content: bytes) -> None:
        with suppress(BrokenPipeError):  # `take` finds that nothing comes
            _write(self._process.stdin, *content)

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()


def _widen(pipe: IO[bytes] | None) -> None:
    if pipe is not None:
        with suppress(OSError):  # somebody has too many of them: it goes in small pieces
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)


def _write(stream: IO[bytes] | None, *content: bytes) -> None:
    if stream is not None:
        stream.write(_LENGTH.pack(sum(map(len, content))))
        for part in content:
            stream.write(part)
        stream.flush()


def _read(stream: IO[bytes] | None) -> bytes | None:
    """What was written; None at the end."""
    head = stream.read(_LENGTH.size) if stream else b""
    if stream is None or len(head) < _LENGTH.size:
        return None
    [size] = _LENGTH.unpack(head)
    content = stream.read(size)
    return content if len(content) == size else None


def main(source: IO[bytes], out: IO[bytes]) -> None:
    """Make keys until nobody wants any."""
    secret = _read(source)
    if secret is None:
        return
    maker = KeyMaker(secret)
    while (frame := _read(source)) is not None:
        head, _, cells = frame.partition(b"\n")
        channel, country, count = head.decode().split(" ")
        normals = normals_of_lines(channel, cells, int(count), country or None)
        _write(out, b"" if normals is None else maker.packed(channel, normals))


if __name__ == "__main__":
    main(sys.stdin.buffer, sys.stdout.buffer)
