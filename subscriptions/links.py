"""Links and headers for outgoing mail: RFC 8058 (one-click), RFC 2369 (List-Unsubscribe)."""

from collections.abc import Sequence
from typing import Final, NamedTuple, TypedDict

from django.conf import settings
from django.utils import timezone

from consent.bounces.ids import HEADER, make_ids, return_paths
from consent.configuration import Scope, Snapshot, TopicRule
from consent.models.vocabulary import SenderKind, TopicClass
from consent.normalise.keys import Key
from consent.tokens import make_tokens

_POST: Final = "List-Unsubscribe=One-Click"


class Links(TypedDict):
    """What one message to one address carries.

    `bounce_id` names the address to us when the message comes back (docs/BOUNCES.md); `return_path` is the envelope
    sender that carries it.
    """

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


def scope_of_links(topic: TopicRule) -> Scope:
    """What a topic's links refuse. A service message's link stops all that can be stopped: the service goes on."""
    return Scope(topic.controller_id, None if topic.topic_class == TopicClass.SERVICE else topic.id)


def make_links(topic: TopicRule, keys: Sequence[Key], boxes: Mailboxes, campaign: str = "") -> list[Links]:
    """The links for addresses, in order."""
    tokens = make_tokens("email", scope_of_links(topic), keys, campaign)
    ids = make_ids(topic.controller_id, keys, timezone.now().date())
    unsubscribe, preferences = (f"{settings.SAYSO_PUBLIC_ORIGIN}/{page}/" for page in ("u", "preferences"))
    mail = f"mailto:{boxes.opt_out}?subject=unsubscribe%20" if boxes.opt_out else None
    made: list[Links] = []
    for token, own, back in zip(tokens, ids, return_paths(boxes.bounces, ids), strict=True):
        url, mailto = unsubscribe + token, mail + token if mail else None
        made.append(
            {
                "unsubscribe_url": url,
                "preferences_url": preferences + token,
                "mailto": mailto,
                "headers": {
                    # Preferred first (RFC 2369 §2); exactly one HTTPS URI (RFC 8058 §3.1).
                    "List-Unsubscribe": f"<{url}>, <{mailto}>" if mailto else f"<{url}>",
                    "List-Unsubscribe-Post": _POST,
                    HEADER: own,
                },
                "bounce_id": own,
                "return_path": back,
            }
        )
    return made
