"""The keys of a file's addresses, made by a second process, so that both cores of a machine have something to do.

Run by itself it is that process: without Django and the database, told of the secret on its standard input, and at its
end when that ends. One block is on its way at a time: who sends one has taken the keys of the one before.
"""

import os
import struct
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import IO, Protocol

import msgspec

from consent.normalise.keys import KeyMaker
from consent.normalise.packed import normals_of

WORTH_BYTES = 8_000_000  # of a table: for less, starting it takes longer than it saves
_LENGTH = struct.Struct(">I")


class Wanted(msgspec.Struct, array_like=True):
    """Addresses whose keys are wanted."""

    channel: str
    country: str
    cells: list[bytes]


class Keyed(msgspec.Struct, array_like=True):
    """Keys one behind the other, and the places of what is no address."""

    packed: bytes
    invalid: list[int]


class Keying(Protocol):
    """Who makes keys: here, or beside."""

    def send(self, wanted: Wanted) -> None: ...
    def take(self) -> Keyed: ...
    def close(self) -> None: ...


def keyed(wanted: Wanted, maker: KeyMaker) -> Keyed:
    """The keys of addresses."""
    normals = normals_of(wanted.channel, wanted.cells, wanted.country or None)
    invalid = [place for place, normal in enumerate(normals) if normal is None] if None in normals else []
    return Keyed(maker.packed(wanted.channel, normals), invalid)


class Here:
    """Keys made by this process, when they are taken."""

    def __init__(self, maker: KeyMaker) -> None:
        self._maker = maker
        self._wanted: list[Wanted] = []

    def send(self, wanted: Wanted) -> None:
        self._wanted.append(wanted)

    def take(self) -> Keyed:
        return keyed(self._wanted.pop(0), self._maker)

    def close(self) -> None:
        pass


class Beside:
    """Keys made by another process. Should it die, they are made here."""

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
        self._sent: Wanted | None = None
        self._write(secret)

    def send(self, wanted: Wanted) -> None:
        self._sent = wanted
        self._write(msgspec.msgpack.encode(wanted))

    def take(self) -> Keyed:
        wanted, self._sent = self._sent, None
        answer = _read(self._process.stdout)
        if answer is not None:
            return msgspec.msgpack.decode(answer, type=Keyed)
        if wanted is None:
            raise RuntimeError("nothing was sent")
        self._here.send(wanted)
        return self._here.take()

    def _write(self, content: bytes) -> None:
        with suppress(BrokenPipeError):  # `take` finds that nothing comes
            _write(self._process.stdin, content)

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()


def _write(stream: IO[bytes] | None, content: bytes) -> None:
    if stream is not None:
        stream.write(_LENGTH.pack(len(content)))
        stream.write(content)
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
    while (content := _read(source)) is not None:
        _write(out, msgspec.msgpack.encode(keyed(msgspec.msgpack.decode(content, type=Wanted), maker)))


if __name__ == "__main__":
    main(sys.stdin.buffer, sys.stdout.buffer)
