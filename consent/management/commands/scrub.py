"""Scrub a file of addresses: may we send to each of its rows?"""

import os
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
        try:
            receipt = self._scrub(request, file, out)
        except (Rejected, status.Unknown) as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}") from error
        except DatabaseError as error:
            raise CommandError("The database cannot answer. Nothing was allowed; run this again.") from error
        self.stdout.write(orjson.dumps(receipt, option=orjson.OPT_UTC_Z).decode())

    def _scrub(self, request: ScrubRequest, file: Path, out: Path) -> dict[str, Any]:
        """The result is beside its place until it is whole."""
        part = out.with_name(f"{out.name}.part")
        try:
            with file.open("rb") as opened, part.open("wb") as written:
                receipt = self._run(request, opened, written)
                written.flush()
                os.fsync(written.fileno())
            part.replace(out)
        finally:
            part.unlink(missing_ok=True)
        return receipt

    def _run(self, request: ScrubRequest, opened: BinaryIO, written: BinaryIO) -> dict[str, Any]:
        pace = Pace(self.stderr, os.fstat(opened.fileno()).st_size)
        try:
            return Direct(request, opened, written, lambda done, rows: pace.show(done, rows, "rows")).run()
        finally:
            pace.end()
