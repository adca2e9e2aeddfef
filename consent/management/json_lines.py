"""The base of the `explain_*` commands: JSON lines in, JSON lines out, or arguments for a person."""

import json
import sys
from abc import ABC, abstractmethod
from typing import Any, TextIO

from django.core.management.base import BaseCommand, CommandParser

Item = dict[str, Any]


class JsonLinesCommand(BaseCommand, ABC):
    """Decide about each item with the very code of the pipeline, and write nothing.

    With `--json`, each line of standard input is an object and each line of standard output its answer, in the same
    order. A line that cannot be read is answered `{"error": …}` in its place, so that nothing else is lost with it.
    """

    requires_system_checks: list[str] = []  # it decides by tables alone and needs no server

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="read JSON lines on standard input, write JSON lines")
        self.add_person_arguments(parser)

    @abstractmethod
    def add_person_arguments(self, parser: CommandParser) -> None:
        """Add the arguments with which a person asks about one item."""

    @abstractmethod
    def item_from_options(self, options: dict[str, Any]) -> Item:
        """Build the item from a person's arguments."""

    @abstractmethod
    def explain(self, item: Item) -> Item:
        """Decide about one item. Raise `ValueError` (or `KeyError` for a missing field) where it cannot be read."""

    def handle(self, *args: Any, **options: Any) -> None:
        if options["json"]:
            self.answer_lines(sys.stdin)
            return
        for name, value in self.answer(self.item_from_options(options)).items():
            self.stdout.write(f"{name}: {value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}")

    def answer_lines(self, lines: TextIO) -> None:
        for line in lines:
            if line.strip():
                self.stdout.write(json.dumps(self.answer_line(line), ensure_ascii=False))

    def answer_line(self, line: str) -> Item:
        try:
            item = json.loads(line)
        except (ValueError, RecursionError) as error:
            return {"error": f"not JSON: {error}"}
        if not isinstance(item, dict):
            return {"error": "not an object"}
        return self.answer(item)

    def answer(self, item: Item) -> Item:
        try:
            return self.explain(item)
        except KeyError as error:
            return {"error": f"{error.args[0]}: missing"}
        except ValueError as error:
            return {"error": str(error)}
