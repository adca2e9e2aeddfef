"""Take in mail from files, or a message on standard input: as a person, a script or Postfix's pipe calls it."""

import os
import sys
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser, SystemCheckError
from django.db import DatabaseError

from consent.ingest.files import Found, read_path, read_stream, total_bytes
from consent.ingest.stored import Stored
from consent.ingest.taking import Sent, Tally, take
from consent.mailbox import owner_of
from consent.management.base import BaseCommand
from consent.management.mail import DATABASE_DOWN, end_with, exit_status, tell
from consent.management.pace import Pace

STDIN = "standard input"


class Command(BaseCommand):
    help = (
        "Takes in mail to our mailboxes: a message or mbox on standard input, or files: messages, mboxes, Maildirs. "
        "Safe to repeat. Exit status as sysexits: 0 kept, 65 unreadable, 67 to none of our mailboxes, 75 try again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help="a message, mbox or Maildir")
        parser.add_argument(
            "--mailbox",
            action="append",
            default=[],
            metavar="ADDRESS",
            help="the mailbox of ours that it was sent to (default: as its header says)",
        )
        parser.add_argument("--mail-from", metavar="ADDRESS", help="the envelope's sender (default: its Return-Path)")

    def check(self, *args: Any, **options: Any) -> Any:
        """Settings of ours that are wrong must not make a mail system give up on a message."""
        try:
            return super().check(*args, **options)
        except SystemCheckError as error:
            raise CommandError(str(error), returncode=os.EX_TEMPFAIL) from error

    def handle(self, *args: Any, files: Sequence[Path], **options: Any) -> None:
        sent, tally = Sent(options["mailbox"], options["mail_from"]), Tally()
        if not files and sys.stdin.isatty():
            raise CommandError("Name files, or give a message on standard input.", returncode=os.EX_USAGE)
        try:
            self._refuse_strangers(sent)
            self._take_all(files, sent, tally)
        except CommandError:
            raise
        except Exception as error:  # whatever it was: not kept, so the mail system is to keep it and try again
            tell(self.stdout, self.stderr, tally)
            raise CommandError(_trouble(error), returncode=os.EX_TEMPFAIL) from error
        tell(self.stdout, self.stderr, tally)
        if not files and not tally.seen:
            raise CommandError("There was nothing on standard input.", returncode=os.EX_DATAERR)
        end_with(exit_status(tally))

    def _refuse_strangers(self, sent: Sent) -> None:
        if sent.mailboxes and not any(owner_of(address) for address in sent.mailboxes):
            raise CommandError(f"{', '.join(sent.mailboxes)}: none of our mailboxes.", returncode=os.EX_NOUSER)

    def _take_all(self, files: Sequence[Path], sent: Sent, tally: Tally) -> None:
        pace, done = Pace(self.stderr, total_bytes(files)), 0
        try:
            for one in _sources(files):
                last = 0
                for found in one:
                    take(found, sent, tally)
                    last = found.end if isinstance(found, Stored) else last
                    pace.show(done + last, tally.seen, "messages")
                done += last
        finally:
            pace.end()


def _trouble(error: Exception) -> str:
    if isinstance(error, DatabaseError):
        return DATABASE_DOWN
    return f"Stopped by {type(error).__name__}. What was taken in is kept; run this again."


def _sources(files: Sequence[Path]) -> Iterator[Iterator[Found]]:
    limit = settings.SAYSO_MAX_MAIL_BYTES
    if not files:
        return chain([read_stream(sys.stdin.buffer, STDIN, limit)])
    return (read_path(path, limit) for path in files)
