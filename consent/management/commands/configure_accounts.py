"""Accounts at gateways from a file, for those who keep their configuration in one."""

from argparse import RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from consent import account_file
from consent.management.base import BaseCommand


class Command(BaseCommand):
    help = "Make the accounts at SMS gateways as a TOML file has them, all or none. Running it again changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.epilog = account_file.__doc__
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--check", action="store_true", help="say what is wrong with it, and change nothing")
        parser.add_argument("--prune", action="store_true", help="remove the accounts that are not in the file")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            wanted = account_file.read(options["file"])
        except account_file.Wrong as wrong:
            raise CommandError(str(wrong)) from wrong
        if options["check"]:
            self.stdout.write(f"{len(wanted)} accounts, nothing wrong with them.")
            return
        for name, what in account_file.apply(wanted, prune=options["prune"]):
            self.stdout.write(f"{name}: {what}")
