"""Providers that sign nothing: HTTP Basic, a bearer token, or a fixed header, over TLS. The body is not covered.

Basic (a secret is `user:password`) or `Bearer` (a secret is the token), as the post has it; with the account option
`header`, that header's whole value must be a secret.

Brevo https://developers.brevo.com/docs/secured-webhooks, Mailjet https://dev.mailjet.com/email/guides/webhooks/,
Postmark https://postmarkapp.com/developer/webhooks/webhooks-overview#protecting-your-webhook, SMTP2GO, SparkPost
https://developers.sparkpost.com/api/webhooks/ (its OAuth 2.0 ends in a bearer token, which we must have given out).
"""

from datetime import datetime

from consent.intake.contract import Account, Request
from consent.intake.providers import proof


def verify(request: Request, account: Account, now: datetime) -> None:
    if name := account.options.get("header", "").lower():
        require(proof.header(request, name), account)
        return
    scheme, _, token = proof.header(request, "authorization").partition(" ")
    if scheme.lower() == "bearer":
        require(token.strip(), account)
    else:
        proof.basic(request, account)


def require(given: str, account: Account) -> None:
    proof.require(given, [secret.decode() for secret in proof.secrets_of(account)])
