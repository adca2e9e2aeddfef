"""Builds the filter of keys of this machine, for web processes beside which no sweep runs."""

import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser

from consent.filter import building
from consent.management.base import BaseCommand


class Command(BaseCommand):
    help = "Builds this machine's filter of keys now, or keeps it current until it is stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--watch", action="store_true", help="look every five seconds whether it is due")

    def handle(self, *args: Any, watch: bool, **options: Any) -> None:
        folder = Path(settings.SAYSO_FILTER_DIR)
        place = building.place_of(folder)
        try:
            if not watch:
                made = building.build(folder, place)
                self.stdout.write(f"{made.denials.nbytes + made.grants.nbytes:,} bytes in {folder}")
            while watch:
                building.keep_current(folder, place)
                time.sleep(5)
        except OSError as error:
            raise CommandError(f"SAYSO_FILTER_DIR: {folder} cannot be written: {error.strerror}") from error
