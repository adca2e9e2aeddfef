"""Links and headers for outgoing mail: RFC 8058 (one-click), RFC 2369 (List-Unsubscribe)."""

from typing import NamedTuple
from urllib.parse import quote

from django.conf import settings
from django.utils import timezone

from consent.bounces.ids import HEADER, make_id, return_path
from consent.configuration import Scope, Snapshot, TopicRule
from consent.models.vocabulary import SenderKind, TopicClass
from consent.normalise.keys import Key
from consent.tokens import Token, make_token


class Links(NamedTuple):
    """What one message to one address carries."""

    unsubscribe_url: str
    preferences_url: str
    mailto: str | None
    headers: dict[str, str]
    bounce_id: str
    return_path: str | None


class Mailboxes(NamedTuple):
    """The controller's mailboxes that a message names, as far as it has them."""

    opt_out: str | None
    bounces: str | None


def mailboxes(snapshot: Snapshot, controller_id: int) -> Mailboxes:
    """The first mailbox of each kind that links need."""
    own: dict[str, str] = {}
    for (channel, address), (owner, kind) in snapshot.senders.items():
        if (channel, owner) == ("email", controller_id):
            own.setdefault(kind, address)
    return Mailboxes(own.get(SenderKind.OPT_OUT), own.get(SenderKind.BOUNCE))


def make_links(topic: TopicRule, key: Key, boxes: Mailboxes, campaign: str = "") -> Links:
    """The links for one address. A service message's link stops all that can be stopped: the service goes on.

    `bounce_id` names the address to us when the message comes back (docs/BOUNCES.md); `return_path` is the envelope
    sender that carries it.
    """
    topic_id = None if topic.topic_class == TopicClass.SERVICE else topic.id
    text = make_token(Token("email", Scope(topic.controller_id, topic_id), key, campaign))
    url = f"{settings.SAYSO_PUBLIC_ORIGIN}/u/{text}"
    mailto = f"mailto:{boxes.opt_out}?subject={quote(f'unsubscribe {text}')}" if boxes.opt_out else None
    # Preferred first (RFC 2369 §2); exactly one HTTPS URI (RFC 8058 §3.1).
    uris = [f"<{url}>"] + ([f"<{mailto}>"] if mailto else [])
    headers = {"List-Unsubscribe": ", ".join(uris), "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    own = make_id(topic.controller_id, key, timezone.now().date())
    back = return_path(boxes.bounces, own) if boxes.bounces else None
    preferences = f"{settings.SAYSO_PUBLIC_ORIGIN}/preferences/{text}"
    return Links(url, preferences, mailto, {**headers, HEADER: own}, own, back)
