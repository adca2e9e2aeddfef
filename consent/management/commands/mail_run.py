"""Make a mail run of a file, scrub it here and now, and write the result."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, BinaryIO

import orjson
from django.core.management.base import CommandError, CommandParser
from django.db import DatabaseError

from consent.lists.importing import speaker_for
from consent.management.base import BaseCommand
from consent.management.columns import mapping_of
from consent.management.lists import day
from consent.management.pace import Pace
from consent.models import MailRun
from consent.models.mail_run import RunState
from consent.runs.creating import RunRequest, create_run
from consent.runs.files import result_parts
from consent.runs.scrub import scrub_now
from consent.runs.stamp import stamp_of
from consent.statement import Rejected

ACTOR = "command:mail_run"


class Command(BaseCommand):
    help = (
        "Makes a mail run of a CSV of addresses: scrubs it, stamps it, and keeps which pieces may arrive, so that "
        "later requests are told of them and can be recalled (docs/MAIL_RUNS.md)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--topic", required=True, help="what is sent: a topic that post carries")
        parser.add_argument("--drop", type=day, required=True, metavar="DATE", help="the day it is handed to the post")
        parser.add_argument("--name", default="", help="as people are told of it (default: the name of the file)")
        parser.add_argument("--cut-off", type=day, metavar="DATE", help="last day of the data (default: today)")
        parser.add_argument("--arrives-until", type=day, metavar="DATE", help="default: SAYSO_MAIL_DAYS after the drop")
        parser.add_argument("--controller", default="", help="whose run it is (default: our own organisation's)")
        parser.add_argument("--country", default="US", help="country of addresses that name none (default US)")
        parser.add_argument(
            "--map",
            action="append",
            default=[],
            metavar="PART=HEADER",
            help="the column of a part of the address, by its name in the header; again for more",
        )
        parser.add_argument("--out", type=Path, metavar="FILE", help="where the scrubbed rows go")

    def handle(self, *args: Any, file: Path, out: Path | None, **options: Any) -> None:
        try:
            with file.open("rb") as opened:
                run = self._make(opened, file, options)
            self._scrub(run)
            run.refresh_from_db()
            if run.state != RunState.READY:
                raise CommandError(f"The run {run.pk} is {run.state} ({run.error}). Nothing of it may be printed.")
            if out is not None:
                _write(run, out)
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}") from error
        except DatabaseError as error:
            raise CommandError("The database cannot answer. Nothing was allowed; run this again.") from error
        self.stdout.write(orjson.dumps(stamp_of(run), option=orjson.OPT_UTC_Z).decode())

    def _make(self, opened: BinaryIO, file: Path, options: dict[str, Any]) -> MailRun:
        owner = speaker_for(options["controller"])
        if owner is None:
            raise CommandError("There is no such controller.")
        request = RunRequest(
            controller_id=owner.pk,
            name=options["name"] or file.stem,
            topic=options["topic"],
            cut_off=_end_of(options["cut_off"] or datetime.now(UTC).date()),
            drop_on=options["drop"],
            created_by=ACTOR,
            arrives_until=options["arrives_until"],
            mapping=mapping_of(options["map"]),
            country=options["country"].upper(),
            here=True,
        )
        try:
            return create_run(request, opened).run
        except Rejected as error:
            raise CommandError(str(error)) from error

    def _scrub(self, run: MailRun) -> None:
        pace = Pace(self.stderr, run.file_bytes)
        try:
            scrub_now(run.pk, lambda so_far: pace.show(so_far.done_bytes, so_far.done_rows, "rows"))
        finally:
            pace.end()


def _end_of(last: date) -> datetime:
    return datetime.combine(last + timedelta(days=1), time(), UTC)


def _write(run: MailRun, out: Path) -> None:
    with out.open("wb") as file:
        for part in result_parts(run.pk):
            file.write(part)
