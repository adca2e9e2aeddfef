"""Why did we decide so about a message? `explain_mail FILE`, or JSON lines on standard input with `--json`."""

import base64
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from consent.classify.mail_explain import explain_mail
from consent.management.json_lines import Item, JsonLinesCommand


class Command(JsonLinesCommand):
    help = "Explain what a message of e-mail asks of us, and by which rule. Writes nothing."

    def add_person_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, help="a message as it was received (RFC 5322)")

    def item_from_options(self, options: dict[str, Any]) -> Item:
        path: Path | None = options["file"]
        if path is None:
            raise CommandError("name the file of a message, or give --json")
        try:
            raw = path.read_bytes()
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}") from error
        return {"id": path.name, "raw_b64": base64.b64encode(raw).decode()}

    def explain(self, item: Item) -> Item:
        return explain_mail(item)
