"""Speaking SMTP and LMTP word by word, and a listener of one's own beside the running instance."""

import os
import secrets
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from config.local import ports, processes
from tests.instance import ROOT, Instance, until

MAILBOX = "unsubscribe@acme.example"


class Talk:
    """One connection. `say` sends a line and gives the answer, all its lines."""

    def __init__(self, address: str, timeout: float = 20.0) -> None:
        host, _, port = address.rpartition(":")
        self.socket = socket.create_connection((host, int(port)), timeout=timeout)
        self.read = self.socket.makefile("rb")

    def __enter__(self) -> "Talk":
        return self

    def __exit__(self, *_: object) -> None:
        self.read.close()
        self.socket.close()

    def answer(self) -> str:
        """The next answer; empty when the other side has hung up."""
        lines: list[str] = []
        while not lines or lines[-1][3:4] == "-":
            line = self.read.readline()
            if not line:
                break
            lines.append(line.decode().rstrip("\r\n"))
        return "\n".join(lines)

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def say(self, *lines: str) -> str:
        """Send commands one by one; give the last one's answer."""
        answer = ""
        for line in lines:
            self.send(line.encode() + b"\r\n")
            answer = self.answer()
        return answer

    def begin(self, sender: str, *recipients: str, greeting: str = "EHLO") -> str:
        """Greet, and go as far as DATA's answer."""
        self.answer()
        return self.say(
            f"{greeting} me.example", f"MAIL FROM:<{sender}>", *(f"RCPT TO:<{one}>" for one in recipients), "DATA"
        )


def letter(sender: str, subject: str = "unsubscribe", more: bytes = b"") -> bytes:
    """A request with an id of its own, as it goes over the wire."""
    head = (
        f"From: {sender}\r\nMessage-ID: <{secrets.token_hex(8)}@x.example>\r\nSubject: {subject}\r\n\r\nThank you\r\n"
    )
    return head.encode() + more + b".\r\n"


@contextmanager
def listener(running: Instance, **values: str) -> Iterator["subprocess.Popen[bytes]"]:
    """A listener with settings of its own, on the database of the running instance. Its standard error is a pipe."""
    address = values["SAYSO_SMTP"]
    command = (sys.executable, "manage.py", "smtp_listener")
    given = {**os.environ, **running.values, "SAYSO_LMTP": "", **values}
    process = subprocess.Popen(command, cwd=ROOT, env=given, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        host, _, port = address.rpartition(":")
        until(lambda: processes.listens(host, int(port)) or process.poll() is not None, seconds=60.0)
        assert process.poll() is None, process.stderr and process.stderr.read()
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)


def free_address() -> str:
    return f"{ports.HOST}:{ports.anywhere()}"
