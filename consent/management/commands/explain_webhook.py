"""Why did Sayso believe, or refuse, this webhook?"""

from argparse import FileType
from base64 import b64encode
from typing import Any

from django.core.management.base import CommandParser

from consent.intake.mail_signatures.registry import SCHEMES
from consent.intake.registry import PROVIDERS
from consent.intake.webhook_explain import explain_webhook
from consent.mail_explain import explain_mail_webhook, reads
from consent.management.json_lines import Item, JsonLinesCommand


class Command(JsonLinesCommand):
    help = "Verify and read a gateway's webhook, or verify a mail provider's, with the intake's code; write nothing."

    def add_person_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--provider", choices=sorted({*PROVIDERS, *SCHEMES}), help="who called")
        parser.add_argument(
            "--secret",
            action="append",
            default=[],
            help="a secret, or a public key, of the account; several may be given",
        )
        parser.add_argument("--url", help="the public address that was called")
        parser.add_argument("--method", default="POST")
        parser.add_argument("--header", action="append", default=[], metavar="NAME:VALUE")
        parser.add_argument(
            "--option", action="append", default=[], metavar="NAME:VALUE", help="an option of the account"
        )
        parser.add_argument(
            "--certificate", type=FileType("r"), help="a file with the signing certificate (PEM) of SNS"
        )
        parser.add_argument("--body", type=FileType("rb"), help="a file with the raw body")
        parser.add_argument("--now", help="seconds since 1970 or RFC 3339; else the moment that the webhook names")

    def item_from_options(self, options: dict[str, Any]) -> Item:
        item = {name: options[name] for name in ("provider", "secret", "url", "method", "now") if options[name]}
        item["headers"] = dict(named(text) for text in options["header"])
        item["options"] = dict(named(text) for text in options["option"])
        if options["certificate"]:
            with options["certificate"] as file:
                item["certificate_pem"] = file.read()
        if options["body"]:
            with options["body"] as file:
                item["body_b64"] = b64encode(file.read()).decode()
        return item

    def explain(self, item: Item) -> Item:
        return explain_mail_webhook(item) if reads(item) else explain_webhook(item)


def named(text: str) -> tuple[str, str]:
    name, _, value = text.partition(":")
    return name.strip(), value.strip()
