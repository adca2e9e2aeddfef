"""`manage.py explain_text`: why a text would be decided so."""

from typing import Any

from django.core.management.base import CommandParser

from consent.classify.text_explain import explain_text
from consent.management.json_lines import Item, JsonLinesCommand


class Command(JsonLinesCommand):
    help = "Explain what a text asks of us: which row of the table decides, and for which scope."

    def add_person_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("text", nargs="?", default="", help="the text as it was received")
        parser.add_argument("--language", help="its language where that is known (ISO 639-1)")
        parser.add_argument("--reply-to-us", action="store_true", help="it answers a message of ours")

    def item_from_options(self, options: dict[str, Any]) -> Item:
        return {"text": options["text"], "language": options["language"], "reply_to_us": options["reply_to_us"]}

    def explain(self, item: Item) -> Item:
        return explain_text(item)
