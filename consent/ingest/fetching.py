"""Mail at an IMAP server → the inbox: first kept and committed, only then marked or moved there."""

import threading
from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple

from django.conf import settings
from django.db import DatabaseError, connection

from consent.ingest.imap_account import ImapAccount
from consent.ingest.imap_folder import TROUBLE, Folder, opened
from consent.ingest.taking import Fate, Sent, Tally, take

LONGEST_REST = 300.0  # seconds between attempts to reach a server that is away
OBEYED = (Fate.TAKEN, Fate.KNOWN)


class Then(StrEnum):
    """What becomes of a message at the server once we have it."""

    SEEN = "seen"
    MOVE = "move"
    LEAVE = "leave"


class Afterwards(NamedTuple):
    """`folder` is where a message moves to."""

    then: Then = Then.SEEN
    folder: str = ""


class Memory:
    """Which UIDs were dealt with, so that they are not fetched again. UIDs count only under the same UIDVALIDITY.

    It may be forgotten: the inbox knows the messages.
    """

    def __init__(self) -> None:
        self._validity = 0
        self._uids: set[int] = set()

    def new(self, folder: Folder, uids: list[int]) -> list[int]:
        """Those of `uids` that were not dealt with."""
        if folder.validity != self._validity:
            self._validity, self._uids = folder.validity, set()
        self._uids &= set(uids)
        return [uid for uid in uids if uid not in self._uids]

    def add(self, uid: int) -> None:
        self._uids.add(uid)


class Fetcher:
    """Fetches from one account, again and again if asked to. `told` hears after each message."""

    def __init__(self, account: ImapAccount, afterwards: Afterwards, told: Callable[[Tally, int], None]) -> None:
        self.account = account
        self._afterwards, self._told = afterwards, told
        self._sent = Sent([account.mailbox] if account.mailbox else [])
        self._memory = Memory()

    def once(self, tally: Tally) -> None:
        """One pass. Raises a database error, or one of `TROUBLE` with the server; the next pass goes on from there."""
        with opened(self.account) as folder:
            self._prepare(folder)
            self._pass(folder, tally)

    def watch(self, interval: float, stop: threading.Event, report: Callable[[Tally, str], None]) -> None:
        """Pass after pass until `stop`: when the server says that something came, and after `interval` seconds."""
        rest = 1.0
        while not stop.wait(0 if rest == 1.0 else rest):
            tally = Tally()
            try:
                with opened(self.account) as folder:
                    self._prepare(folder)
                    while not stop.is_set():
                        tally = Tally()
                        self._pass(folder, tally)
                        report(tally, "")
                        rest = 1.0
                        # Something may have come during a pass that was busy, and nobody would tell us of it again.
                        if tally.seen == tally.counts[Fate.FAILED]:
                            self._wait(folder, interval, stop)
            except (*TROUBLE, DatabaseError) as error:
                report(tally, explain(error))
                rest = min(rest * 2, LONGEST_REST)

    def _prepare(self, folder: Folder) -> None:
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()
        if self._afterwards.then is Then.MOVE:
            folder.make(self._afterwards.folder)

    def _pass(self, folder: Folder, tally: Tally) -> None:
        uids = self._memory.new(folder, folder.waiting())
        for uid in uids:
            self._take(folder, uid, tally)
            self._told(tally, len(uids))

    def _take(self, folder: Folder, uid: int, tally: Tally) -> None:
        found = folder.read(uid, settings.SAYSO_MAX_MAIL_BYTES)
        if found is None:
            return
        fate = take(found, self._sent, tally)
        if fate in OBEYED:
            self._let_go(folder, uid)
        if fate is not Fate.FAILED:
            self._memory.add(uid)

    def _let_go(self, folder: Folder, uid: int) -> None:
        if self._afterwards.then is Then.SEEN:
            folder.mark(uid)
        elif self._afterwards.then is Then.MOVE:
            folder.move(uid, self._afterwards.folder)

    def _wait(self, folder: Folder, interval: float, stop: threading.Event) -> None:
        if "IDLE" in folder.abilities:
            folder.wait(interval)
        else:
            stop.wait(interval)


def explain(error: Exception) -> str:
    """What a person should know of it, without what the server or the database said at length."""
    if isinstance(error, DatabaseError):
        return "the database cannot answer; what was taken in is kept"
    return f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
