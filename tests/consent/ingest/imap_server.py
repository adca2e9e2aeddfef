"""A real IMAP server (pymap) on this machine, behind TLS with an authority of our own."""

import contextlib
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from cryptography.hazmat.primitives import serialization
from imap_tools import BaseMailBox, MailBoxUnencrypted

from config.local import ports
from tests.consent.providers.test_certificates_https import PEM, issue

USER, PASSWORD = "unsubscribe@acme.example", "the password"
# pymap's own half a million rounds for each sign-in prove nothing about who signs in.
PYMAP = """
from pysasl.hashing import BuiltinHash
BuiltinHash.__init__.__kwdefaults__["rounds"] = 1
from pymap.main import main
main()
"""


class Gate:
    """TLS in front of a port. `cut_after` breaks a connection once so many bytes came from behind."""

    def __init__(self, certificate: Path, behind: int) -> None:
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate)
        self.behind, self.cut_after = behind, 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self.listener.getsockname()[1])
        self.connections = 0
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                threading.Thread(target=self._join, args=(client,), daemon=True).start()

    def _join(self, client: socket.socket) -> None:
        with client, contextlib.suppress(OSError), self.context.wrap_socket(client, server_side=True) as outer:
            self.connections += 1
            with socket.create_connection(("127.0.0.1", self.behind)) as inner:
                upwards = threading.Thread(target=self._pass_on, args=(outer, inner), daemon=True)
                upwards.start()
                self._pass_on(inner, outer, self.cut_after)
                upwards.join()

    def _pass_on(self, source: socket.socket, target: socket.socket, at_most: int = 0) -> None:
        passed = 0
        with contextlib.suppress(OSError, ValueError):  # the latter of TLS that was closed meanwhile
            while piece := source.recv(65_536):
                passed += len(piece)
                if at_most and passed > at_most:
                    break
                target.sendall(piece)
        for one in (source, target):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.listener.close()


class Server:
    """pymap with one user, and the gate before it."""

    def __init__(self, port: int, gate: Gate, authority: Path) -> None:
        self.port, self.gate, self.authority = port, gate, authority
        self.url = f"imaps://{USER.replace('@', '%40')}@127.0.0.1:{gate.port}/INBOX"

    def owner(self) -> BaseMailBox:
        """The mailbox's owner, at home: no TLS."""
        return MailBoxUnencrypted("127.0.0.1", self.port, timeout=20).login(USER, PASSWORD)

    def deliver(self, *messages: bytes) -> None:
        with self.owner() as box:
            for raw in messages:
                box.append(raw, "INBOX")

    def lying(self, folder: str = "INBOX") -> list[tuple[str, bool]]:
        """Subject and whether it is seen, of all that lies in a folder."""
        with self.owner() as box:
            box.folder.set(folder)
            return [(one.subject, "\\Seen" in one.flags) for one in box.fetch(mark_seen=False)]


@contextmanager
def serving(folder: Path) -> Iterator[Server]:
    """Start the server, and stop it."""
    certificate, authority = write_certificates(folder)
    port = ports.anywhere()
    command = [
        sys.executable,
        "-c",
        PYMAP,
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        "--no-tls",
    ]
    command += ["dict", "--demo-user", USER, "--demo-password", PASSWORD]
    running = subprocess.Popen(command, stderr=subprocess.PIPE)
    try:
        wait_for(port)
        with Gate(certificate, port) as gate:
            yield Server(port, gate, authority)
    finally:
        running.kill()
        running.communicate()


def write_certificates(folder: Path) -> tuple[Path, Path]:
    """A certificate of 127.0.0.1 with its key, and the authority that issued it."""
    authority = issue("authority", None, datetime.now(UTC))
    certificate, key = issue("host", authority, datetime.now(UTC))
    plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / "host.pem").write_bytes(certificate.public_bytes(PEM) + key.private_bytes(PEM, *plain))
    (folder / "authority.pem").write_bytes(authority[0].public_bytes(PEM))
    return folder / "host.pem", folder / "authority.pem"


def wait_for(port: int) -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=2).close()
            return
        except OSError:
            assert time.monotonic() < deadline, "the IMAP server did not start"
            time.sleep(0.05)
