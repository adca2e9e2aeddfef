"""MailPace: Ed25519 over the raw body, base64, in `X-MailPace-Signature`; the secrets are public keys, base64.

https://docs.mailpace.com/guide/webhooks#verifying-webhooks. Its posts of received mail are not signed.
"""

from datetime import datetime

from consent.intake.contract import Account, Request
from consent.intake.providers import proof, public_keys


def verify(request: Request, account: Account, now: datetime) -> None:
    signature = proof.from_base64(proof.header(request, "x-mailpace-signature"))
    public_keys.require(account, lambda key: public_keys.ed25519(key, signature, request.body))
