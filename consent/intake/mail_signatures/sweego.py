"""Sweego: the content of Standard Webhooks, its signature alone in `X-Sweego-Signature` or `Webhook-Signature`.

Without a version before it, and with the secret in plain base64 (read in django-anymail, anymail/webhooks/sweego.py).
"""

from datetime import datetime

from consent.intake.contract import Account, Request
from consent.intake.mail_signatures import standard_webhooks
from consent.intake.mail_signatures.standard_webhooks import made_at
from consent.intake.providers import proof

__all__ = ["made_at", "verify"]

OWN = "x-sweego-signature"


def verify(request: Request, account: Account, now: datetime) -> None:
    given = proof.header(request, OWN if OWN in request.headers else "webhook-signature")
    content = standard_webhooks.signed_content(request)
    proof.require(given, [proof.hmac_base64(key, content) for key in standard_webhooks.keys_of(account)])
    proof.require_fresh(made_at(request), now)
