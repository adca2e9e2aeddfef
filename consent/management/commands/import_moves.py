"""Take in a file of changes of address."""

from argparse import ArgumentTypeError
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import DatabaseError

from consent.management.base import BaseCommand
from consent.management.lists import tell_unreadable
from consent.management.progress import Progress, lines_of
from consent.models import Controller
from consent.models.vocabulary import Channel
from consent.moves.importing import Imported, import_moves
from consent.moves.table import COLUMNS, Settings, read_moves


def _pair(written: str) -> tuple[str, str]:
    member, equals, column = written.partition("=")
    if not (member and equals and column):
        raise ArgumentTypeError("such as old_line1=STREET")
    return member, column


class Command(BaseCommand):
    help = (
        "Takes in changes of address (NCOALink or any CSV with old and new addresses). What was refused at an old "
        "address is refused at the new one too; nothing is ever allowed by it. Safe to repeat."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--controller", required=True, help="whose people moved, such as acme")
        parser.add_argument("--channel", default="post", choices=Channel.values, help="of the addresses (default post)")
        parser.add_argument("--region", default="US", help="country of addresses that name none (default US)")
        parser.add_argument(
            "--map",
            type=_pair,
            action="append",
            default=[],
            metavar="WHAT=COLUMN",
            help=f"a column by its name in the header; WHAT is one of {', '.join(sorted(COLUMNS))}",
        )

    def handle(self, *args: Any, file: Path, controller: str, **options: Any) -> None:
        owner = Controller.objects.filter(slug=controller).first()
        if owner is None:
            raise CommandError(f"There is no controller {controller}.")
        settings = Settings(options["channel"], options["region"], dict(options["map"]))
        bar = Progress(self.stderr, lines_of(file))
        try:
            imported = import_moves(
                read_moves(file, settings),
                owner.pk,
                lambda so_far: bar.show(so_far.rows, f"{so_far.rows:,} rows, {so_far.taken:,} taken in"),
            )
        except DatabaseError as error:
            raise CommandError("The database cannot answer. What was taken in is kept; run this again.") from error
        finally:
            bar.end()
        self._tell(file.name, imported)

    def _tell(self, name: str, imported: Imported) -> None:
        self.stdout.write(
            f"{name}: read {imported.rows:,}, taken in {imported.taken:,}, known before {imported.known:,}, "
            f"not moved {imported.still_there:,}, unreadable {len(imported.unreadable):,}"
        )
        tell_unreadable(self.stderr, imported.unreadable)
        if imported.incomplete:
            raise CommandError(f"Not read to its end: {imported.incomplete}. What was read is taken in.")
