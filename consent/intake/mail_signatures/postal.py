"""Postal, the open-source mail server: RSA (PKCS #1 v1.5) over the raw body, base64; the secrets are public keys.

`X-Postal-Signature-256` is over SHA-256; `X-Postal-Signature`, all that older servers send, over SHA-1. A post that has
both must prove the better one (postalserver/postal, lib/postal/signer.rb and pull request 2874).
"""

from datetime import datetime

from cryptography.hazmat.primitives.hashes import SHA1, SHA256

from consent.intake.contract import Account, Request
from consent.intake.providers import proof, public_keys

SIGNATURE, LEGACY = "x-postal-signature-256", "x-postal-signature"


def verify(request: Request, account: Account, now: datetime) -> None:
    name = SIGNATURE if SIGNATURE in request.headers else LEGACY
    signature = proof.from_base64(proof.header(request, name))
    digest = SHA256() if name == SIGNATURE else SHA1()  # noqa: S303 - all that older servers sign with
    public_keys.require(account, lambda key: public_keys.rsa(key, signature, request.body, digest))
