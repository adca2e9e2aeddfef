"""Anymail's webhook views as readers of events (`anymail_events.py`). What is read was proved by `mail_signatures`.

Nothing is taken from Django's settings, and no view is served: what Anymail's `post` does besides (signals, calls to a
provider's API) never happens.
"""

from collections.abc import Callable
from io import BytesIO
from typing import Any

from anymail.webhooks.amazon_ses import AmazonSESTrackingWebhookView
from anymail.webhooks.base import AnymailBaseWebhookView
from anymail.webhooks.brevo import BrevoTrackingWebhookView
from anymail.webhooks.mailersend import MailerSendTrackingWebhookView
from anymail.webhooks.mailgun import MailgunTrackingWebhookView
from anymail.webhooks.mailjet import MailjetTrackingWebhookView
from anymail.webhooks.mailtrap import MailtrapTrackingWebhookView
from anymail.webhooks.mandrill import MandrillCombinedWebhookView
from anymail.webhooks.postal import PostalTrackingWebhookView
from anymail.webhooks.postmark import PostmarkTrackingWebhookView
from anymail.webhooks.sendgrid import SendGridTrackingWebhookView
from anymail.webhooks.sparkpost import SparkPostTrackingWebhookView
from anymail.webhooks.unisender_go import UnisenderGoTrackingWebhookView
from django.core.handlers.wsgi import WSGIRequest

from consent.intake.contract import Request


class _SesView(AmazonSESTrackingWebhookView):  # type: ignore[misc]
    """Reads; Amazon's signature is proved apart (`sns`), and boto3 is not needed for it."""

    auto_confirm_enabled = False
    warn_if_no_basic_auth = False

    def __init__(self, **kwargs: Any) -> None:
        super(AmazonSESTrackingWebhookView.__base__, self).__init__(**kwargs)


class _SendGridView(SendGridTrackingWebhookView):  # type: ignore[misc]
    """Anymail warns with each view that SendGrid left it without an account to test with."""

    warn_if_no_basic_auth = False

    def __init__(self, **kwargs: Any) -> None:
        super(SendGridTrackingWebhookView.__base__, self).__init__(**kwargs)


def _resend() -> AnymailBaseWebhookView:
    """Imported only for who has this provider: it brings another library along, and with that 10 MB a process."""
    from anymail.webhooks.resend import ResendTrackingWebhookView

    return ResendTrackingWebhookView(signing_secret=None, **_PLAIN)


_UNUSED = "no secret"  # views demand one where they are made; they are asked to prove nothing
_PLAIN: dict[str, Any] = {"webhook_secret": [_UNUSED]}
_VIEWS: dict[str, Callable[[], AnymailBaseWebhookView]] = {
    "amazon_ses": lambda: _SesView(**_PLAIN),
    "brevo": lambda: BrevoTrackingWebhookView(**_PLAIN),
    "mailersend": lambda: MailerSendTrackingWebhookView(signing_secret=_UNUSED, **_PLAIN),
    "mailgun": lambda: MailgunTrackingWebhookView(webhook_signing_key=_UNUSED, api_key=_UNUSED, **_PLAIN),
    "mailjet": lambda: MailjetTrackingWebhookView(**_PLAIN),
    "mailtrap": lambda: MailtrapTrackingWebhookView(tracking_secret=None, **_PLAIN),
    "mandrill": lambda: MandrillCombinedWebhookView(webhook_key=_UNUSED, webhook_url=None, **_PLAIN),
    "postal": lambda: PostalTrackingWebhookView(webhook_key=_UNUSED, **_PLAIN),
    "postmark": lambda: PostmarkTrackingWebhookView(**_PLAIN),
    "resend": _resend,
    "sendgrid": lambda: _SendGridView(**_PLAIN),
    "sparkpost": lambda: SparkPostTrackingWebhookView(track_initial_open_as_opened=False, **_PLAIN),
    "unisender_go": lambda: UnisenderGoTrackingWebhookView(api_key=_UNUSED, **_PLAIN),
}


def reader_of(provider: str) -> AnymailBaseWebhookView:
    """The view that reads a provider's events from a post that was proved."""
    return _VIEWS[provider]()


def as_django(request: Request, body: bytes | None = None, content_type: str = "") -> WSGIRequest:
    """The request as Anymail's views read it, with its own body or one of its events."""
    body = request.body if body is None else body
    headers = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in request.headers.items()}
    read = WSGIRequest(
        {
            **headers,
            "REQUEST_METHOD": "POST",
            "PATH_INFO": "/",
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "CONTENT_TYPE": content_type or request.headers.get("content-type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.input": BytesIO(body),
            "wsgi.url_scheme": "https",
        }
    )
    _ = read.body  # a form is then read from it, and the bytes are still there to be verified
    return read
