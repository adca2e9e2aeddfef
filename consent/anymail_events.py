"""A verified post of a mail provider → its events, by Anymail's own reading of each."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from anymail.exceptions import AnymailConfigurationError
from anymail.webhooks.base import AnymailBaseWebhookView
from django.core.handlers.wsgi import WSGIRequest

from consent.anymail_views import as_django
from consent.classify.provider_events import fails_for_a_while, is_unclear, meaning_of
from consent.intake.contract import Account, Malformed, Request
from consent.intake.mail_batches import split
from consent.intake.mail_event import MailEvent
from consent.intake.mail_providers import MAIL_PROVIDERS
from consent.intake.providers import sns, wire


def read(request: Request, account: Account, view: AnymailBaseWebhookView) -> list[MailEvent]:
    """The events of a verified post. One that cannot be read is kept for a person; `Malformed` where none is one."""
    provider = account.provider
    if provider == "amazon_ses" and (other := subscription(request)):
        return [other]
    bodies = split(request, MAIL_PROVIDERS[provider].batch, form_of(request))
    form = "application/x-www-form-urlencoded" if MAIL_PROVIDERS[provider].batch == "form" else ""
    events: list[MailEvent] = []
    for body in bodies:
        events += _one(provider, view, as_django(request, body, form))
    return events


def form_of(request: Request) -> Mapping[str, str]:
    """The fields of a form, the last value of each."""
    if "form" not in wire.media_type(request):
        return {}
    try:
        return as_django(request).POST.dict()
    except Exception as error:
        raise Malformed("body", "not a form") from error


def subscription(request: Request) -> MailEvent | None:
    """SNS asks whether we want a topic: confirmed by an errand, never in the request."""
    fields = wire.json_object(request.body)
    if fields.text("Type") == "Notification":
        return None
    asked = sns.subscription(fields)
    return MailEvent(
        "unknown", asked.event, event_id=asked.external_id, same=asked.event, confirm_url=asked.confirm_url
    )


def _one(provider: str, view: AnymailBaseWebhookView, post: WSGIRequest) -> list[MailEvent]:
    try:
        found = view.parse_events(post)
        return [_event(provider, event) for event in found] or [_nothing(post)]
    except AnymailConfigurationError as error:
        raise Malformed("url", "this is the address of the tracking webhook, and the post is one of mail") from error
    except Exception as error:  # genuine, and of a shape that Anymail does not know: a person looks at it
        return [unreadable(post, error)]


def _event(provider: str, event: Any) -> MailEvent:
    if not hasattr(event, "recipient"):
        raise ValueError("a message, no event")
    raw = _plain(event.esp_event)
    kind, reason = str(event.event_type), event.reject_reason
    response = str(event.mta_response or "")
    meaning = meaning_of(provider, kind, reason, raw, response)
    several = is_unclear(provider, raw)
    recipient = event.recipient if isinstance(event.recipient, str) else ""
    return MailEvent(
        kind=kind,
        name=_name(raw),
        meaning=meaning,
        recipients=(meaning and several) or tuple(filter(None, [recipient[:1_000]])),
        unclear=bool(several),
        event_id=str(event.event_id or "")[:200],
        same=_same(raw, recipient),
        occurred_at=_time(event.timestamp),
        reason=str(reason or ""),
        fails=not meaning and fails_for_a_while(provider, kind, reason, raw, response),
        token=_token(event.metadata, raw),
    )


def _plain(raw: Any) -> dict[str, Any]:
    """The event as a dictionary; a form's fields by their first values."""
    if hasattr(raw, "lists"):
        return {name: values[0] if values else "" for name, values in raw.lists()}
    return raw if isinstance(raw, dict) else {}


_NAMES = ("event", "type", "eventType", "notificationType", "RecordType", "event_name", "status")


def _name(raw: Mapping[str, Any]) -> str:
    for level in _levels(raw):
        for name in _NAMES:
            if isinstance(level.get(name), str):
                return str(level[name])[:60]
    return ""


def _levels(raw: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The event, and the one object that some providers wrap it in, twice at most."""
    yield raw
    for inner in [value for value in raw.values() if isinstance(value, dict)][:10]:
        yield inner
        yield from [value for value in inner.values() if isinstance(value, dict)][:10]


_OF_THE_POST = ("signature", "token", "auth")  # what another delivery of the same event has anew


def _same(raw: Mapping[str, Any], recipient: str) -> str:
    content = {name: value for name, value in raw.items() if name not in _OF_THE_POST}
    text = json.dumps([content, recipient], sort_keys=True, default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _time(at: Any) -> datetime | None:
    if not isinstance(at, datetime):
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _token(metadata: Any, raw: Mapping[str, Any]) -> str:
    """The token of our link, where the sender gave it along as `sayso_token`, or a header of the message is told."""
    if isinstance(metadata, dict) and isinstance(metadata.get("sayso_token"), str):
        return str(metadata["sayso_token"])[:400]
    for outer in ("mail", "data"):
        headers = raw[outer].get("headers") if isinstance(raw.get(outer), dict) else None
        for header in headers if isinstance(headers, list) else []:
            if isinstance(header, dict) and str(header.get("name", "")).casefold() == "list-unsubscribe":
                return str(header.get("value", ""))[:2_000].partition("/u/")[2].partition(">")[0]
    return ""


def _nothing(post: WSGIRequest) -> MailEvent:
    """A post without an event of a message: a ping, or another kind of event."""
    return MailEvent("unknown", "no event", same=hashlib.sha256(post.body).hexdigest())


def unreadable(post: WSGIRequest, error: Exception) -> MailEvent:
    """What a person must look at, its recipient held if one can be found."""
    written = post.POST.get("mandrill_events", "").encode() or post.body
    return MailEvent(
        kind="unreadable",
        name=type(error).__name__,
        recipients=_addresses(written),
        text=wire.clean(written.decode("utf-8", "replace")[: wire.MAX_UNREAD]),
        same=hashlib.sha256(post.body).hexdigest(),
    )


_ADDRESS_FIELDS = ("email", "recipient", "Email", "Recipient", "emailAddress", "rcpt_to", "raw_rcpt_to")


def _addresses(body: bytes) -> tuple[str, ...]:
    """The address in an event that may be its recipient's, so that it is held until a person has looked."""
    try:
        level: list[Any] = [json.loads(body)]
    except (ValueError, RecursionError):
        return ()
    for _ in range(wire.MAX_DEPTH):
        for value in level:
            found = [value.get(name) for name in _ADDRESS_FIELDS] if isinstance(value, dict) else []
            if texts := tuple(one[:1_000] for one in found if isinstance(one, str) and "@" in one):
                return texts[:1]
        level = [inner for outer in level for inner in wire.inside(outer)]
    return ()
