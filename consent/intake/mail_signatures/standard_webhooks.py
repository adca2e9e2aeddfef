"""Standard Webhooks (https://www.standardwebhooks.com, specification 1.0.0), as Svix, Resend and others sign.

`webhook-id`, `webhook-timestamp` (seconds) and `webhook-signature`, or the same names with `svix-`. The last is a list,
divided by spaces, of `v1,` base64 HMAC-SHA256(key, id.timestamp.body), or of `v1a,` Ed25519 over the same. One that
holds is enough; what other versions say proves nothing. Five minutes either way.

A secret is `whsec_` and the key in base64, with or without its padding; of Ed25519, `whpk_` and the public key.
"""

import base64
from datetime import datetime

from consent.intake.contract import Account, Forbidden, Request
from consent.intake.providers import proof, public_keys

SECRET, PUBLIC = b"whsec_", b"whpk_"
MAX_SIGNATURES = 16  # more than a rotation of keys needs


def verify(request: Request, account: Account, now: datetime) -> None:
    content, given = signed_content(request), signatures(request)
    symmetric = [proof.hmac_base64(key, content) for key in keys_of(account)]
    proven = [proof.is_one_of(code, symmetric) for version, code in given if version == "v1"]
    proven += [asymmetric(account, code, content) for version, code in given if version == "v1a"]
    if not any(proven):
        raise Forbidden("the signature does not match")
    proof.require_fresh(made_at(request), now)


def made_at(request: Request) -> datetime:
    return proof.moment(header(request, "timestamp"))


def header(request: Request, name: str) -> str:
    return proof.header(request, ("svix-" if "svix-signature" in request.headers else "webhook-") + name)


def signed_content(request: Request) -> bytes:
    named = f"{header(request, 'id')}.{header(request, 'timestamp')}."
    return named.encode("utf-8", "replace") + request.body


def signatures(request: Request) -> list[tuple[str, str]]:
    """Pairs of version and signature."""
    parts = header(request, "signature").split(" ", MAX_SIGNATURES)[:MAX_SIGNATURES]
    return [(version, code) for version, _, code in (part.partition(",") for part in parts)]


def keys_of(account: Account) -> list[bytes]:
    """The keys of HMAC. One that is empty once decoded proves nothing, as an empty secret."""
    secrets = [secret.removeprefix(SECRET) for secret in proof.secrets_of(account) if not secret.startswith(PUBLIC)]
    return [key for key in map(key_in, secrets) if key or (account.hypothetical and key is not None)]


def key_in(secret: bytes) -> bytes | None:
    try:
        return base64.b64decode(secret + b"=" * (-len(secret) % 4), validate=True)
    except ValueError:
        return None


def asymmetric(account: Account, code: str, content: bytes) -> bool:
    keys = [secret.removeprefix(PUBLIC) for secret in proof.secrets_of(account) if secret.startswith(PUBLIC)]
    try:
        signature = proof.from_base64(code)
    except Forbidden:
        return False
    return any([public_keys.ed25519(key, signature, content) for key in keys])  # noqa: C419 - try them all
