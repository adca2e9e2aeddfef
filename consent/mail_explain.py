"""What does this post of a mail provider tell of? Read by the code of the intake, and judged as every webhook is."""

from collections.abc import Mapping
from typing import Any

import msgspec

from consent import anymail_events, anymail_views
from consent.intake import mail_notice
from consent.intake.contract import Account, Malformed, Request
from consent.intake.mail_providers import MAIL_PROVIDERS
from consent.intake.webhook_explain import explain_webhook, name_of, request_of, texts_of

Item = Mapping[str, Any]


def reads(item: Item) -> bool:
    """Whether the webhook is of a provider whose events we read."""
    try:
        return _provider(item) in MAIL_PROVIDERS
    except ValueError:
        return False


def explain_mail_webhook(item: Item) -> dict[str, Any]:
    """Verify and read one post about events, and write nothing. Items as in `explain_webhook`.

    Without a secret the question is only what the post tells of: `valid` is then null.
    """
    asked = {**item, "headers": _headers(item)}
    given = [name for name in ("secret", "public_key", "topics", "certificate_pem") if item.get(name)]
    judged = explain_webhook(asked) if given else {"valid": None, "status": 200, "events": []}
    if judged["valid"] is False:
        return judged
    provider = _provider(item)
    account = Account(provider, "explain", [], texts_of(item, "options"))
    request = request_of(asked, name_of(item))
    if letters := _told_of(provider, request):
        return {**judged, "events": letters}
    try:
        events = anymail_events.read(request, account, anymail_views.reader_of(provider))
    except Malformed as error:
        return {**judged, "status": 400, "reason": str(error)}
    return {**judged, "events": [msgspec.to_builtins(event) for event in events]}


def _told_of(provider: str, request: Request) -> list[dict[str, Any]]:
    """The letters that a post to the inbound webhook tells of."""
    try:
        found = mail_notice.told(provider, request) or []
    except Malformed:
        return []
    notices = [one for one in found if isinstance(one, mail_notice.MailNotice)]
    return [{"kind": "letter", **msgspec.to_builtins(one), "head": dict(one.head)} for one in notices]


def _provider(item: Item) -> str:
    return name_of(item).replace("-", "_")


def _headers(item: Item) -> dict[str, str]:
    headers = texts_of(item, "headers")
    kind = item.get("content_type")
    return {**headers, "content-type": str(kind)} if kind else headers
