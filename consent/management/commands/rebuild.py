"""Derive all state anew from the ledger: compare with `--check`, or replace."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from consent import rebuilding
from consent.management.base import BaseCommand

_SHOWN = 20


class Command(BaseCommand):
    help = "Derives every suppression and permission anew from the ledger. With --check it only compares."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing; exit non-zero on any difference")

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        if not check:
            self.stdout.write(f"{rebuilding.rebuild()} rows written from the ledger")
            return
        found = 0
        for found, difference in enumerate(rebuilding.compare(), start=1):
            if found <= _SHOWN:
                word = "lacks" if difference.missing else "has, against the ledger,"
                self.stderr.write(
                    f"{difference.table} {word} a row of key {difference.key.hex()}: {difference.row[1:]}"
                )
        if found:
            raise CommandError(f"{found} differences between the ledger and its tables")
        self.stdout.write("the tables say what the ledger says")
