"""`manage.py link_key`: what a controller's own system needs to mint links (docs/LINKS.md)."""

import json
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser

from consent import configuration
from consent.configuration import Snapshot
from consent.management.base import BaseCommand
from consent.token_keys import LinkKey, RevokedKey, link_keys, newest_link_key
from subscriptions.links import mailboxes, scope_of_links

_WARNING = "Whoever has this key can do what a link can, for any address of {slug}: keep it as you keep a password."


class Command(BaseCommand):
    help = "Prints a controller's link key and what belongs to it. Whoever has it can mint links for that controller."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("controller", help="the controller's slug, such as acme")
        parser.add_argument("--json", action="store_true", help="the configuration alone, for docs/examples")

    def handle(self, *args: Any, controller: str, json: bool, **options: Any) -> None:
        snapshot = configuration.current()
        try:
            number = snapshot.controller_id(controller)
            key = newest_link_key(number)
        except KeyError as error:
            raise CommandError(f"there is no controller {controller!r}") from error
        except RevokedKey as error:
            raise CommandError("the newest key is revoked: put a new one in front of SAYSO_LINK_KEYS") from error
        self.stdout.write(_written(_config(snapshot, number, key)))
        if not json:
            self.stdout.write(_WARNING.format(slug=controller))
            self.stdout.write(f"Keys whose links are accepted: {', '.join(one.id for one in link_keys(number))}")


def _config(snapshot: Snapshot, controller_id: int, key: LinkKey) -> dict[str, Any]:
    """What docs/examples/sayso_links.py reads."""
    topics = [
        topic
        for topic in snapshot.topics.values()
        if topic.controller_id == controller_id and "email" in topic.channels
    ]
    return {
        "origin": settings.SAYSO_PUBLIC_ORIGIN,
        "controller": controller_id,
        "key_id": key.id,
        "key": key.key.hex(),
        "mailbox": mailboxes(snapshot, controller_id).opt_out,
        "topics": {topic.slug: scope_of_links(topic).topic_id or 0 for topic in topics},
    }


def _written(config: dict[str, Any]) -> str:
    return json.dumps(config, indent=2, ensure_ascii=False)
