"""`manage.py explain_quiet`: whether it is quiet where a number is, until when, and by which rule."""

from datetime import UTC, datetime
from typing import Any

from django.core.management.base import CommandParser

from consent.management.json_lines import Item, JsonLinesCommand
from consent.quiet.explain import explain_quiet


class Command(JsonLinesCommand):
    help = "Tell whether a text to a number must wait for the end of quiet hours, and which rule says so."

    def add_person_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("number", nargs="?", help="a number with its calling code, such as +12145550123")
        parser.add_argument("--at", help="the moment, such as 2026-01-31T12:00:00Z, instead of now")

    def item_from_options(self, options: dict[str, Any]) -> Item:
        return {name: options[name] for name in ("number", "at") if options[name] is not None}

    def explain(self, item: Item) -> Item:
        return explain_quiet(item, datetime.now(UTC))
