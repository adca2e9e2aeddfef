"""Scrub a file of addresses: may we send to each of its rows?"""

import fcntl
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import orjson
from django.core.management.base import CommandError, CommandParser
from django.db import DatabaseError

from consent import status
from consent.lists.importing import speaker_for
from consent.management.base import BaseCommand
from consent.management.columns import mapping_of
from consent.management.pace import Pace
from consent.scrubs.creating import ScrubRequest
from consent.scrubs.direct import Direct
from consent.statement import Rejected

ACTOR = "command:scrub"
CANCELLED = 130  # the exit status of whoever was told to end


class Command(BaseCommand):
    help = (
        "Writes the rows of a file, in the same order, with the columns allowed, reason and checked_at "
        "(docs/SCRUB.md). Prints the receipt as JSON."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="IN", help="CSV in any dialect, plain, .gz or .zip; or .xlsx")
        parser.add_argument("out", type=Path, metavar="OUT", help="where the result goes, as CSV")
        parser.add_argument("--channel", required=True, choices=("email", "sms", "post"))
        parser.add_argument("--topic", required=True)
        parser.add_argument("--column", default="", help="the header, or the number from 1, of the addresses' column")
        parser.add_argument("--controller", default="", help="whose topic it is (default: our own organisation's)")
        parser.add_argument("--country", default="", help="country of numbers and addresses that name none")
        parser.add_argument("--sender", default="", help="the number of ours that would send")
        parser.add_argument(
            "--map",
            action="append",
            default=[],
            metavar="PART=HEADER",
            help="for post: the column of a part of the address, by its name in the header; again for more",
        )

    def handle(self, *args: Any, file: Path, out: Path, **options: Any) -> None:
        owner = speaker_for(options["controller"])
        if owner is None:
            raise CommandError("There is no such controller.")
        request = ScrubRequest(
            controller_id=owner.pk,
            channel=options["channel"],
            topic=options["topic"],
            created_by=ACTOR,
            column=options["column"],
            mapping=mapping_of(options["map"]),
            country=options["country"].upper(),
            sender=options["sender"],
        )
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # to end in the same way as by Ctrl-C
        try:
            receipt = self._scrub(request, file, out)
        except KeyboardInterrupt as error:
            raise CommandError("Cancelled. Nothing was written.", returncode=CANCELLED) from error
        except (Rejected, status.Unknown) as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}") from error
        except DatabaseError as error:
            raise CommandError("The database cannot answer. Nothing was allowed; run this again.") from error
        self.stdout.write(orjson.dumps(receipt, option=orjson.OPT_UTC_Z).decode())

    def _scrub(self, request: ScrubRequest, file: Path, out: Path) -> dict[str, Any]:
        """The result is beside its place until it is whole. What a command that was killed has left is done anew: no
        verdict is older than the command."""
        with file.open("rb") as opened, _beside(out) as written:
            receipt = self._run(request, opened, written)
            written.flush()
            os.fsync(written.fileno())
            os.replace(written.name, out)
        return receipt

    def _run(self, request: ScrubRequest, opened: BinaryIO, written: BinaryIO) -> dict[str, Any]:
        pace = Pace(self.stderr, os.fstat(opened.fileno()).st_size)
        try:
            return Direct(request, opened, written, lambda done, rows: pace.show(done, rows, "rows")).run()
        finally:
            pace.end()


@contextmanager
def _beside(out: Path) -> Iterator[BinaryIO]:
    """An empty file beside a place, for whom is to be written there; whatever is left of it at the end goes.

    Raise `CommandError` where another command is writing there: each would spoil the other's result.
    """
    part = out.with_name(f"{out.name}.part")
    with part.open("ab") as written:
        if not (_is_locked(written) and _is_at(written, part)):
            raise CommandError(f"Another command is writing {out} just now.")
        try:
            written.truncate(0)
            yield written
        finally:
            if _is_at(written, part):
                part.unlink()


def _is_locked(written: BinaryIO) -> bool:
    """Lock a file until it is closed, unless somebody else has."""
    try:
        fcntl.flock(written, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_at(written: BinaryIO, path: Path) -> bool:
    """Whether an open file is still the one in a place: another command may have ended just now, and renamed it."""
    try:
        return os.path.samestat(os.fstat(written.fileno()), path.stat())
    except FileNotFoundError:
        return False
