"""End the permissions of numbers that were permanently disconnected, from a file."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import DatabaseError

from consent.lists.disconnected_csv import read_disconnected
from consent.lists.importing import Imported, import_disconnected, speaker_for
from consent.management.base import BaseCommand
from consent.management.lists import day, tell_unreadable
from consent.management.progress import Progress, lines_of
from consent.models import Controller


class Command(BaseCommand):
    help = (
        "Takes in numbers that were permanently disconnected (reassigned.us, or a gateway's daily list): a CSV of "
        "number and day. Permissions from before the day's end are ended; denials stay. Safe to repeat."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--controller", default="", help="whose permissions (default: those of every controller)")
        parser.add_argument("--region", default="US", help="country of numbers in national form (default US)")
        parser.add_argument("--column", default="", help="the column of the numbers, by its name in the header")
        parser.add_argument("--on", type=day, metavar="DATE", help="the day of all numbers, where the file names none")

    def handle(self, *args: Any, file: Path, controller: str, **options: Any) -> None:
        owner = _owner(controller)
        rows = read_disconnected(
            file, options["region"], everywhere=not controller, column=options["column"], on=options["on"]
        )
        bar = Progress(self.stderr, lines_of(file))
        try:
            imported = import_disconnected(
                rows, owner.pk, lambda so_far: bar.show(so_far.rows, f"{so_far.rows:,} rows, {so_far.taken:,} taken in")
            )
        except DatabaseError as error:
            raise CommandError("The database cannot answer. What was taken in is kept; run this again.") from error
        finally:
            bar.end()
        self._tell(file.name, imported)

    def _tell(self, name: str, imported: Imported) -> None:
        self.stdout.write(
            f"{name}: read {imported.rows:,}, taken in {imported.taken:,}, known before {imported.known:,}, "
            f"not disconnected {imported.not_gone:,}, unreadable {len(imported.unreadable):,}"
        )
        tell_unreadable(self.stderr, imported.unreadable)
        if imported.incomplete:
            raise CommandError(f"Not read to its end: {imported.incomplete}. What was read is taken in.")


def _owner(slug: str) -> Controller:
    owner = speaker_for(slug)
    if owner is None:
        raise CommandError(f"There is no controller {slug}." if slug else "There is no controller yet.")
    return owner
