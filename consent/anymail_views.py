"""Anymail's webhook views, built for one account each: they verify a post, then read its events (`anymail_events.py`).

Nothing is taken from Django's settings, and no view is served: what Anymail's `post` does besides (signals, calls to a
provider's API) never happens.
"""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
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
from anymail.webhooks.resend import ResendTrackingWebhookView
from anymail.webhooks.sendgrid import SendGridTrackingWebhookView
from anymail.webhooks.sparkpost import SparkPostTrackingWebhookView
from anymail.webhooks.unisender_go import UnisenderGoTrackingWebhookView
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from django.core.exceptions import RequestDataTooBig
from django.core.handlers.wsgi import WSGIRequest

from consent.intake.contract import Account, Forbidden, Malformed, Request
from consent.intake.mail_providers import MAIL_PROVIDERS
from consent.intake.providers import proof, sns, wire

PAST, FUTURE = timedelta(hours=26), timedelta(minutes=5)
"""How old a signed time may be: providers repeat a post for up to a day, some with the signature of its first time."""
Build = Callable[[str, str], AnymailBaseWebhookView]  # a secret and the URL → the view that takes posts signed with it


class _SesView(AmazonSESTrackingWebhookView):  # type: ignore[misc]
    """Reads; Amazon's signature is proved apart (`sns`), and boto3 is not needed for it."""

    auto_confirm_enabled = False
    warn_if_no_basic_auth = False

    def __init__(self, **kwargs: Any) -> None:
        super(AmazonSESTrackingWebhookView.__base__, self).__init__(**kwargs)


class _SendGridView(SendGridTrackingWebhookView):  # type: ignore[misc]
    """Anymail warns with each view that SendGrid left it without an account to test with."""

    warn_if_no_basic_auth = False

    def __init__(self, key: str = "", **kwargs: Any) -> None:
        if key:
            self.webhook_verification_key = _public_key(key)
        super(SendGridTrackingWebhookView.__base__, self).__init__(**kwargs)


def _public_key(key: str) -> EllipticCurvePublicKey:
    read = load_pem_public_key(f"-----BEGIN PUBLIC KEY-----\n{key}\n-----END PUBLIC KEY-----".encode())
    if not isinstance(read, EllipticCurvePublicKey):
        raise Forbidden("not a key of an elliptic curve")
    return read


_NOT_BASIC: dict[str, Any] = {"webhook_secret": []}
SIGNED: dict[str, Build] = {
    "amazon_ses": lambda _secret, _url: _SesView(**_NOT_BASIC),
    "mailersend": lambda secret, _url: MailerSendTrackingWebhookView(signing_secret=secret, **_NOT_BASIC),
    "mailgun": lambda secret, _url: MailgunTrackingWebhookView(
        webhook_signing_key=secret, api_key=secret, **_NOT_BASIC
    ),
    "mailtrap": lambda secret, _url: MailtrapTrackingWebhookView(tracking_secret=secret, **_NOT_BASIC),
    # Mandrill signs the URL: ours, never what a header says.
    "mandrill": lambda secret, url: MandrillCombinedWebhookView(webhook_key=secret, webhook_url=url, **_NOT_BASIC),
    "postal": lambda secret, _url: PostalTrackingWebhookView(webhook_key=secret, **_NOT_BASIC),
    "resend": lambda secret, _url: ResendTrackingWebhookView(signing_secret=secret, **_NOT_BASIC),
    "sendgrid": lambda secret, _url: _SendGridView(secret, **_NOT_BASIC),
    "unisender_go": lambda secret, _url: UnisenderGoTrackingWebhookView(api_key=secret, **_NOT_BASIC),
}
BASIC: dict[str, Build] = {
    "brevo": lambda secret, _url: BrevoTrackingWebhookView(webhook_secret=[secret]),
    "mailjet": lambda secret, _url: MailjetTrackingWebhookView(webhook_secret=[secret]),
    "mailtrap": lambda secret, _url: MailtrapTrackingWebhookView(tracking_secret=None, webhook_secret=[secret]),
    "postmark": lambda secret, _url: PostmarkTrackingWebhookView(webhook_secret=[secret]),
    "resend": lambda secret, _url: ResendTrackingWebhookView(signing_secret=None, webhook_secret=[secret]),
    "sendgrid": lambda secret, _url: _SendGridView(webhook_secret=[secret]),
    "sparkpost": lambda secret, _url: SparkPostTrackingWebhookView(
        track_initial_open_as_opened=False, webhook_secret=[secret]
    ),
}


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


def verify(request: Request, account: Account, now: datetime) -> AnymailBaseWebhookView:
    """The view of the secret that the post proves. Raise `Forbidden` where it proves none; an empty one proves nothing.

    Amazon's signatures need a certificate: `Needed` tells where it is, as for texts.
    """
    secrets = [secret.decode() for secret in proof.secrets_of(account)]
    method = account.options.get("authentication", MAIL_PROVIDERS[account.provider].proofs[0])
    if method == "topic":
        sns.verify(request, account, now)
        return SIGNED[account.provider]("", request.url)
    builders = BASIC if method == "basic" else SIGNED
    if account.provider == "unisender_go":
        _require_plain_hash(request)
    for secret in secrets:
        view = _proved(builders[account.provider], secret, request)
        if view is not None:
            _require_fresh(account.provider, method, request, now)
            return view
    raise Forbidden("the signature does not match")


def _proved(build: Build, secret: str, request: Request) -> AnymailBaseWebhookView | None:
    try:
        view = build(secret, request.url)
        view.run_validators(as_django(request))
    except RequestDataTooBig:
        raise
    except Exception:  # whatever a stranger's bytes, or a key that is none, do to the code that reads them: no proof
        return None
    return view


def _require_plain_hash(request: Request) -> None:
    """Anymail replaces this value wherever it stands in the body; an empty one stands everywhere."""
    try:
        value = wire.json_object(request.body).values.get("auth")
    except Malformed as error:
        raise Forbidden("no post of Unisender Go") from error
    if not (isinstance(value, str) and len(value) == 32 and value.isalnum()):
        raise Forbidden("no hash")


def _require_fresh(provider: str, method: str, request: Request, now: datetime) -> None:
    """Where the provider signs the time (Svix's own library does so for Resend), an old post is a replay."""
    if method != "signature" or provider not in ("mailgun", "sendgrid"):
        return
    if provider == "sendgrid":
        written = proof.header(request, "x-twilio-email-event-webhook-timestamp")
    else:
        written = _mailgun_time(request)
    proof.require_fresh(proof.moment(written), now, past=PAST, future=FUTURE)


def _mailgun_time(request: Request) -> str:
    read = as_django(request)
    if read.content_type == "application/json":
        return str(json.loads(request.body)["signature"]["timestamp"])
    return str(read.POST["timestamp"])
