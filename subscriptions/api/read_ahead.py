"""Reading a request's body while its answers are written, for clients that send it all before they read an answer.

The server's `read(n)` returns only when n bytes are there or the body ended, and cannot tell how many are. So whoever
waits for an answer before sending the next line would wait for ever for a read of more than that line. We read byte by
byte until a client has shown that it sends on without waiting, and never ask for more than that has proved.

What nobody has taken yet lies in memory; what is too much for that in a file without a name, under a key that nobody
keeps. Where that is full too, nothing is read, and the client must wait.
"""

import tempfile
import threading
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

IN_MEMORY = 1_000_000  # bytes
MOST_AT_ONCE = 65_536
_LEAST_LINE = 2  # bytes of which we may be sure for each line that a client sends ahead
_NONCE_BYTES = 12


class _Spilt(NamedTuple):
    """Where in the file a part lies. The nonce is its offset among all that was ever spilt."""

    offset: int
    length: int
    nonce: bytes


class _Store:
    """Parts in their order."""

    def __init__(self) -> None:
        self._parts: deque[bytes | _Spilt] = deque()
        self._file = tempfile.TemporaryFile()  # noqa: SIM115  (closed by `close`)
        self._cipher = AESGCM(AESGCM.generate_key(256))
        self._in_memory = self._end = self._spilt = self._sealed = 0
        self.size = 0

    def put(self, data: bytes) -> None:
        """Raises `OSError` for a full disk."""
        self.size += len(data)
        if not self._spilt and self._in_memory + len(data) <= IN_MEMORY:
            self._in_memory += len(data)
            self._parts.append(data)
            return
        self._sealed += 1
        nonce = self._sealed.to_bytes(_NONCE_BYTES, "big")
        sealed = self._cipher.encrypt(nonce, data, None)
        self._file.seek(self._end)
        self._file.write(sealed)
        self._parts.append(_Spilt(self._end, len(sealed), nonce))
        self._end += len(sealed)
        self._spilt += 1

    def get(self) -> bytes:
        """The first part; b"" where there is none."""
        part = self._parts.popleft() if self._parts else b""
        if isinstance(part, bytes):
            self._in_memory -= len(part)
            data = part
        else:
            self._file.seek(part.offset)
            data = self._cipher.decrypt(part.nonce, self._file.read(part.length), None)
            self._spilt -= 1
            if not self._spilt:
                self._end = 0
                self._file.truncate(0)
        self.size -= len(data)
        return data

    def close(self) -> None:
        self._parts.clear()
        self._file.close()


class Idle(Exception):
    """The client sent nothing for too long."""


class ReadAhead:
    """Lines of a body, read by a thread of its own.

    `is_whole` says that the client has all of the body and so waits for no answer; `waits` that it does.
    """

    def __init__(self, read: Callable[[int], bytes], most: int, *, is_whole: bool = False, waits: bool = False) -> None:
        self._read = read
        self._most = most
        self._is_whole = is_whole
        self._waits = waits
        self._store = _Store()
        self._changed = threading.Condition()
        self._received = self._answered = self._untaken = self._ahead = 0  # lines
        self._is_over = self._is_closed = False
        self._error: Exception | None = None
        threading.Thread(target=self._fill, name="read-ahead", daemon=True).start()

    def take(self, seconds: float) -> bytes:
        """Bytes with the end of a line in them, or the last ones; b"" at the end.

        Raise `Idle` where nothing came for so long, and `OSError` where there was no room on the disk.
        """
        with self._changed:
            if not self._changed.wait_for(self._has_some, seconds):
                raise Idle
            if self._error:
                raise self._error
            data = self._store.get()
            while self._store.size and len(data) < MOST_AT_ONCE:
                data += self._store.get()
            self._untaken -= data.count(b"\n")
            self._changed.notify_all()
            return data

    def _has_some(self) -> bool:
        return bool(self._untaken or self._is_over or self._store.size >= MOST_AT_ONCE)

    def answered(self, lines: int) -> None:
        """The answers to so many more lines are about to be sent."""
        with self._changed:
            self._answered += lines

    def close(self) -> None:
        """Forget what was not taken. The thread ends with what it is reading."""
        with self._changed:
            self._is_closed = True
            self._store.close()
            self._changed.notify_all()

    def _fill(self) -> None:
        try:
            while data := self._read(self._size()):
                if not self._keep(data):
                    return
        except Exception as error:  # whoever takes must hear of it
            self._error = error
        with self._changed:
            self._is_over = True
            self._changed.notify_all()

    def _size(self) -> int:
        if self._waits or not self._received:
            return 1
        return MOST_AT_ONCE if self._is_whole else min(max(self._ahead * _LEAST_LINE, 1), MOST_AT_ONCE)

    def _keep(self, data: bytes) -> bool:
        lines = data.count(b"\n")
        with self._changed:
            self._changed.wait_for(lambda: self._is_closed or self._store.size < self._most)
            if self._is_closed:
                return False
            self._store.put(data)
            self._received += lines
            self._untaken += lines
            self._ahead = max(self._ahead, self._received - self._answered - 1)
            if lines or self._store.size >= MOST_AT_ONCE:
                self._changed.notify_all()
        return True
