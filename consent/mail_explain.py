"""Would this post of a mail provider be believed, and what does it tell of? Decided by the code of the intake."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec
from anymail.webhooks.base import AnymailBaseWebhookView

from consent import anymail_events, anymail_views
from consent.intake.contract import Account, Forbidden, Malformed, Request
from consent.intake.webhook_explain import documents_of, moment_of, request_of, texts_of

Item = Mapping[str, Any]


def explain_mail_webhook(item: Item) -> dict[str, Any]:
    """Verify and read one post about events, and write nothing. Items as in `explain_webhook`.

    Without a secret the question is only what the post tells of: `valid` is then null. Without `now` it is taken as
    arriving at this moment.
    """
    provider = str(item["provider"])
    request = request_of({**item, "headers": _headers(item)}, provider)
    given = item.get("secret")
    secrets = [str(secret) for secret in (given if isinstance(given, list) else [given]) if secret]
    account = Account(provider, "explain", secrets, texts_of(item, "options"), documents_of(item, request))
    try:
        view = _verified(request, account, item) if secrets else _any_view(provider)
    except Forbidden as error:
        return {"valid": False, "status": 403, "events": [], "reason": str(error)}
    valid = True if secrets else None
    try:
        events = anymail_events.read(request, account, view)
    except Malformed as error:
        return {"valid": valid, "status": 400, "events": [], "reason": str(error)}
    return {"valid": valid, "status": 200, "events": [msgspec.to_builtins(event) for event in events]}


def _headers(item: Item) -> dict[str, str]:
    headers = texts_of(item, "headers")
    kind = item.get("content_type")
    return {**headers, "content-type": str(kind)} if kind else headers


def _verified(request: Request, account: Account, item: Item) -> AnymailBaseWebhookView:
    now = moment_of(item, request) if item.get("now") is not None else datetime.now(UTC)
    return anymail_views.verify(request, account, now)


def _any_view(provider: str) -> AnymailBaseWebhookView:
    builders = anymail_views.BASIC if provider in anymail_views.BASIC else anymail_views.SIGNED
    return builders[provider]("none", "")
