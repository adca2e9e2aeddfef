"""`manage.py explain_address`: the normal form of an address, or whether two addresses are one."""

from typing import Any

from django.core.management.base import CommandParser

from consent.management.json_lines import Item, JsonLinesCommand
from consent.normalise.explain import CHANNELS, explain_address


class Command(JsonLinesCommand):
    help = "Tell the normal form of an address, or whether two addresses are the same one."

    def add_person_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--channel", choices=list(CHANNELS), default="email")
        parser.add_argument("--region", default="", help="ISO 3166 country where the address names none")
        parser.add_argument("--allow-short", action="store_true", help="let a short code pass as an SMS number")
        parser.add_argument("address", nargs="*", help="one address, or two to compare")

    def item_from_options(self, options: dict[str, Any]) -> Item:
        item: Item = {name: options[name] for name in ("channel", "region", "allow_short")}
        addresses = options["address"]
        if len(addresses) == 2:
            return {**item, "a": addresses[0], "b": addresses[1]}
        return {**item, "address": addresses[0]} if addresses else item

    def explain(self, item: Item) -> Item:
        return explain_address(item)
