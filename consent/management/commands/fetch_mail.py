"""Fetch mail for our mailboxes from IMAP servers: one pass, or for as long as it is let."""

import argparse
import os
import signal
import threading
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser, OutputWrapper
from django.db import DatabaseError

from consent.ingest.fetching import Afterwards, Fetcher, Then, explain
from consent.ingest.imap_account import BadAccount, ImapAccount, read_account
from consent.ingest.imap_folder import TROUBLE
from consent.ingest.taking import Tally
from consent.management.base import BaseCommand
from consent.management.mail import DATABASE_DOWN, end_with, exit_status, tell
from consent.management.pace import Pace


class Command(BaseCommand):
    help = (
        "Takes in mail from the IMAP accounts of SAYSO_IMAP. A message is marked or moved there only when it is kept "
        "here. Safe to repeat."
    )
    _broken = ""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--then",
            type=_afterwards,
            default=Afterwards(),
            metavar="seen|move:FOLDER|leave",
            help="what becomes of a message there (default: it is flagged as seen)",
        )
        parser.add_argument("--watch", action="store_true", help="go on, by IDLE where the server has it")
        parser.add_argument(
            "--interval", type=_seconds, default=60.0, metavar="SECONDS", help="look again at least so often (60)"
        )

    def handle(self, *args: Any, then: Afterwards, **options: Any) -> None:
        accounts = _accounts()
        if options["watch"]:
            self._watch(accounts, then, options["interval"])
            return
        tally, broken = Tally(), False
        for account in accounts:
            broken |= not self._once(account, then, tally)
        tell(self.stdout, self.stderr, tally)
        end_with(os.EX_TEMPFAIL if broken else exit_status(tally))

    def _once(self, account: ImapAccount, then: Afterwards, tally: Tally) -> bool:
        line = _Line(self.stderr, tally.seen)
        try:
            Fetcher(account, then, line.told).once(tally)
        except DatabaseError as error:
            tell(self.stdout, self.stderr, tally)
            raise CommandError(DATABASE_DOWN, returncode=os.EX_TEMPFAIL) from error
        except TROUBLE as error:
            self.stderr.write(f"{account.name}: {explain(error)}")
            return False
        finally:
            line.end()
        return True

    def _watch(self, accounts: list[ImapAccount], then: Afterwards, interval: float) -> None:
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        for account in accounts:
            # A daemon: wherever it is ended, what it took in is committed and the rest still lies at the server.
            arguments = (account, then, interval, stop)
            threading.Thread(target=self._watch_one, args=arguments, name=account.name, daemon=True).start()
            self.stdout.write(f"watching {account.name}")
        stop.wait()
        if self._broken:
            raise CommandError(f"stopped watching: {self._broken}", returncode=os.EX_SOFTWARE)

    def _watch_one(self, account: ImapAccount, then: Afterwards, interval: float, stop: threading.Event) -> None:
        fetcher = Fetcher(account, then, lambda *_: None)
        try:
            fetcher.watch(interval, stop, lambda tally, trouble: self._report(account, tally, trouble))
        except Exception as error:  # a fault of ours: better the whole process ends than that it watches nothing
            self._broken = f"{account.name}: {type(error).__name__}"
            stop.set()

    def _report(self, account: ImapAccount, tally: Tally, trouble: str) -> None:
        if trouble:
            self.stderr.write(f"{account.name}: {trouble}")
        if tally.seen:
            self.stdout.write(f"{account.name}:")
            tell(self.stdout, self.stderr, tally)
            self.stdout.flush()


class _Line:
    """The line of progress of one account: how much there is to do, the server tells only when it is asked."""

    def __init__(self, stream: OutputWrapper, before: int) -> None:
        self._stream, self._before = stream, before
        self._pace: Pace | None = None

    def told(self, tally: Tally, total: int) -> None:
        self._pace = self._pace or Pace(self._stream, total)
        done = tally.seen - self._before
        self._pace.show(done, done, "messages")

    def end(self) -> None:
        if self._pace:
            self._pace.end()


def _accounts() -> list[ImapAccount]:
    if not settings.SAYSO_IMAP:
        raise CommandError("SAYSO_IMAP names no account: imaps://user%40acme.example@imap.acme.example/INBOX")
    try:
        return [read_account(written, os.environ) for written in settings.SAYSO_IMAP]
    except BadAccount as error:
        raise CommandError(f"SAYSO_IMAP: {error}") from error


def _afterwards(written: str) -> Afterwards:
    then, colon, folder = written.partition(":")
    if then not in list(Then) or (then == Then.MOVE) != bool(folder) or (colon and not folder):
        raise argparse.ArgumentTypeError("seen, leave or move:FOLDER")
    return Afterwards(Then(then), folder)


def _seconds(written: str) -> float:
    try:
        seconds = float(written)
    except ValueError as error:
        raise argparse.ArgumentTypeError("a number of seconds") from error
    if not 1 <= seconds <= 86_400:
        raise argparse.ArgumentTypeError("between 1 and 86400 seconds")
    return seconds
