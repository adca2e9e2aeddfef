"""One folder at an IMAP server (RFC 3501, 9051): what is there, a message's bytes, and what becomes of it then.

Only `mark` and `move` change anything there, one message at a time. imap-tools' own flag() and move() also expunge what
somebody else marked as deleted, so they are not used.
"""

import imaplib
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

from imap_tools import BaseMailBox, MailBox, MailBoxUnencrypted
from imap_tools.errors import ImapToolsError
from imap_tools.utils import encode_folder

from consent.ingest.imap_account import ImapAccount
from consent.ingest.stored import Collector, Stored

PIECE: Final = 1_000_000  # bytes asked for at once
TIMEOUT_SECONDS: Final = 60.0
KEPT: Final = "SaysoKept"  # a keyword of ours: \Seen alone also says that a person has looked
TROUBLE: Final = (ImapToolsError, imaplib.IMAP4.error, OSError)
_UIDVALIDITY: Final = re.compile(rb"\d{1,10}")


class Folder:
    """A selected folder. Every method may raise one of `TROUBLE`: the connection is then of no more use."""

    def __init__(self, box: BaseMailBox, account: ImapAccount) -> None:
        self.box, self.name = box, account.name
        login = box.login if (account.user + account.password).isascii() else box.login_utf8
        login(account.user, account.password, None)
        self.abilities = set(_texts(box.client.capability()[1])[0].upper().split())
        box.folder.set(account.folder)
        self.validity = _uidvalidity(box.client)

    def waiting(self) -> list[int]:
        """The UIDs of what lies here and was not marked by us, oldest first."""
        self._done(self.box.client.noop())  # lets the server tell of what came since
        return sorted(map(int, self.box.uids(f"UNDELETED UNKEYWORD {KEPT}", None)))

    def read(self, uid: int, limit: int) -> Stored | None:
        """A message, not marked as seen by it, fetched in pieces; none when it is gone meanwhile."""
        collected, at = Collector(limit), 0
        while True:
            piece = self._piece(uid, at)
            if piece is None and not at:
                return None
            collected.add(piece or b"")
            at += PIECE
            if len(piece or b"") != PIECE:
                return collected.stored(f"{self.name}: UID {uid}", collected.size)

    def _piece(self, uid: int, at: int) -> bytes | None:
        _, data = self._done(self.box.client.uid("FETCH", str(uid), f"(UID BODY.PEEK[]<{at}.{PIECE}>)"))
        parts = [part for part in data or [] if isinstance(part, tuple)]
        if parts:
            return bytes(parts[0][1])
        # An empty piece may come as a quoted string, which is no literal: the message ends here.
        return b"" if any(b"BODY[" in part.upper() for part in data or [] if isinstance(part, bytes)) else None

    def mark(self, uid: int) -> None:
        """Flag a message as seen, and as kept by us where the folder lets us."""
        answer, _ = self._store(uid, f"(\\Seen {KEPT})")
        if answer != "OK":
            self._done(self._store(uid, "(\\Seen)"))

    def move(self, uid: int, folder: str) -> None:
        """Move one message; where the server cannot, copy it and remove that one alone."""
        where = encode_folder(folder).decode("ascii")
        if "MOVE" in self.abilities:
            self._done(self.box.client.uid("MOVE", str(uid), where))
            return
        self._done(self.box.client.uid("COPY", str(uid), where))
        self._done(self._store(uid, "(\\Deleted)"))
        if "UIDPLUS" in self.abilities:
            self._done(self.box.client.uid("EXPUNGE", str(uid)))

    def make(self, folder: str) -> None:
        """Make a folder unless it is there."""
        if not self.box.folder.exists(folder):
            self.box.folder.create(folder)

    def wait(self, seconds: float) -> None:
        """Return when the server says that something came (IDLE, RFC 2177), or after the time."""
        self.box.idle.wait(timeout=min(seconds, 28 * 60.0))

    def _store(self, uid: int, flags: str) -> tuple[str, Any]:
        typ, data = self.box.client.uid("STORE", str(uid), "+FLAGS.SILENT", flags)
        return typ, data

    def _done(self, answer: tuple[str, Any]) -> tuple[str, Any]:
        if answer[0] != "OK":
            raise imaplib.IMAP4.error(f"refused: {' '.join(_texts(answer[1]))[:200]}")
        return answer


@contextmanager
def opened(account: ImapAccount, tls: ssl.SSLContext | None = None) -> Iterator[Folder]:
    """Connect, log in, select. The server's certificate is verified against `tls`, the machine's by default."""
    context = tls or ssl.create_default_context()
    box = _connected(account, context)
    try:
        if account.starttls:
            box.client.starttls(context)
        yield Folder(box, account)
    finally:
        with suppress(*TROUBLE):
            box.logout()
        with suppress(*TROUBLE):
            box.client.shutdown()  # a connection that broke could not say goodbye, and stays open until it is closed


def _connected(account: ImapAccount, context: ssl.SSLContext) -> BaseMailBox:
    if account.starttls:
        return MailBoxUnencrypted(account.host, account.port, timeout=TIMEOUT_SECONDS)
    return MailBox(account.host, account.port, timeout=TIMEOUT_SECONDS, ssl_context=context)


def _uidvalidity(client: imaplib.IMAP4) -> int:
    found = _UIDVALIDITY.search(b" ".join(part for part in client.response("UIDVALIDITY")[1] if part))
    return int(found[0]) if found else 0


def _texts(data: Any) -> list[str]:
    return [part.decode("utf-8", "replace") if isinstance(part, bytes) else "" for part in data or [b""]]
