"""A client of streams, byte by byte: what HTTP libraries hide, a stream's tests must see."""

import json
import socket
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from tests.instance import PATIENCE, Instance

OFFERS = "/v1/check/stream?channel=email&topic=offers"


class Wire:
    """One request with a body in chunks, and its answer as it comes."""

    def __init__(self, running: Instance, path: str = OFFERS, method: str = "POST") -> None:
        host, _, port = running.url.removeprefix("http://").partition(":")
        self._socket = socket.create_connection((host, int(port)), timeout=PATIENCE)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._file = self._socket.makefile("rb")
        key = running.values["SAYSO_API_KEY"]
        head = f"{method} {path} HTTP/1.1\r\nHost: {host}:{port}\r\nAuthorization: Bearer {key}\r\n"
        self._socket.sendall(f"{head}Transfer-Encoding: chunked\r\n\r\n".encode())
        self._status = 0

    def send(self, data: bytes) -> None:
        self._socket.sendall(b"%x\r\n%b\r\n" % (len(data), data))

    def end(self) -> None:
        self._socket.sendall(b"0\r\n\r\n")

    def send_all(self, parts: Iterable[bytes]) -> threading.Thread:
        """Send from a thread of its own, as one does who reads meanwhile."""
        sender = threading.Thread(target=self._send_and_end, args=(parts,))
        sender.start()
        return sender

    def _send_and_end(self, parts: Iterable[bytes]) -> None:
        for part in parts:
            self.send(part)
        self.end()

    def status(self) -> int:
        if not self._status:
            self._status = int(self._file.readline().split()[1])
            while self._file.readline().strip():
                pass
        return self._status

    def chunks(self) -> Iterator[bytes]:
        self.status()
        while size := int(self._file.readline(), 16):
            yield self._file.read(size)
            self._file.readline()
        self._file.readline()

    def lines(self) -> Iterator[Any]:
        """The lines of the answer, each as soon as it is there."""
        rest = b""
        for chunk in self.chunks():
            *whole, rest = (rest + chunk).split(b"\n")
            yield from map(json.loads, whole)
        assert not rest

    def hang_up(self) -> None:
        self._file.close()
        self._socket.close()


def most_memory(running: Instance) -> int:
    """The most bytes that a process of the web ever had at once."""
    pid = running.supervisor.pid("web")
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return max(_most(child) for child in children)


def _most(pid: str) -> int:
    [line] = [one for one in Path(f"/proc/{pid}/status").read_text().splitlines() if one.startswith("VmHWM")]
    return int(line.split()[1]) * 1024
