"""Links and headers for outgoing mail: RFC 8058 (one-click), RFC 2369 (List-Unsubscribe)."""

from typing import NamedTuple
from urllib.parse import quote

from django.conf import settings

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


def opt_out_mailbox(snapshot: Snapshot, controller_id: int) -> str | None:
    """The controller's mailbox for opt-outs, if it has one."""
    for (channel, address), (owner, kind) in snapshot.senders.items():
        if (channel, owner, kind) == ("email", controller_id, SenderKind.OPT_OUT):
            return address
    return None


def make_links(topic: TopicRule, key: Key, mailbox: str | None, campaign: str = "") -> Links:
    """The links for one address. A service message's link stops all that can be stopped: the service goes on."""
    topic_id = None if topic.topic_class == TopicClass.SERVICE else topic.id
    text = make_token(Token("email", Scope(topic.controller_id, topic_id), key, campaign))
    url = f"{settings.SAYSO_PUBLIC_ORIGIN}/u/{text}"
    mailto = f"mailto:{mailbox}?subject={quote(f'unsubscribe {text}')}" if mailbox else None
    # Preferred first (RFC 2369 §2); exactly one HTTPS URI (RFC 8058 §3.1).
    uris = [f"<{url}>"] + ([f"<{mailto}>"] if mailto else [])
    headers = {"List-Unsubscribe": ", ".join(uris), "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    return Links(url, f"{settings.SAYSO_PUBLIC_ORIGIN}/preferences/{text}", mailto, headers)
