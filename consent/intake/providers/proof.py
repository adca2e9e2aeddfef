"""Proving where a request comes from: keys, keyed hashes, tokens, comparison in constant time, and freshness."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from consent.intake.contract import Account, Forbidden, Malformed, Request
from consent.intake.providers import wire

Digest = Callable[..., Any]  # a constructor of hashlib
JWT_DIGESTS: dict[str, Digest] = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}

WINDOW = timedelta(seconds=300)  # Standard Webhooks, Telnyx, Sinch: five minutes either way


def secrets_of(account: Account) -> list[bytes]:
    """The secrets that may prove a request. An empty one proves nothing: anyone could sign with it."""
    secrets = [secret.encode() for secret in account.secrets if secret or account.hypothetical]
    if not secrets:
        raise Forbidden("no secret is configured")
    return secrets


def header(request: Request, name: str) -> str:
    """A header that the proof needs; `name` in lower case."""
    value = request.headers.get(name, "").strip()
    if not value:
        raise Forbidden(f"no {name} header")
    return value


def same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode())


def is_one_of(given: str, expected: Iterable[str]) -> bool:
    """Whether one of the expected signatures was given. All are compared: time tells nothing."""
    return any([same(given, signature) for signature in expected])  # noqa: C419 - a generator would stop at the first


def require(given: str, expected: Iterable[str]) -> None:
    """Raise `Forbidden` unless one of the expected signatures was given."""
    if not is_one_of(given, expected):
        raise Forbidden("the signature does not match")


def hmac_base64(key: bytes, content: bytes, digest: Digest = hashlib.sha256) -> str:
    return base64.b64encode(hmac.digest(key, content, digest)).decode()


def hmac_hex(key: bytes, content: bytes, digest: Digest = hashlib.sha256) -> str:
    return hmac.digest(key, content, digest).hex()


def from_base64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Forbidden("not base64") from error


def basic(request: Request, account: Account) -> None:
    """HTTP Basic (RFC 7617), where each of the account's secrets is `user:password`."""
    scheme, _, credentials = header(request, "authorization").partition(" ")
    expected = [base64.b64encode(secret).decode() for secret in secrets_of(account)]
    if scheme.lower() != "basic":
        raise Forbidden("no HTTP Basic credentials")
    require(credentials.strip(), expected)


def jwt_claims(token: str, keys: list[bytes], algorithms: Iterable[str]) -> wire.Fields:
    """The claims of a JSON Web Token (RFC 7519) under HMAC, once its signature holds. `none` is no algorithm."""
    signed, _, signature = token.rpartition(".")
    header_part, _, claims_part = signed.partition(".")
    algorithm = claim(jwt_part(header_part), "alg")
    if algorithm not in algorithms:
        raise Forbidden("the token's algorithm is not allowed")
    digest = JWT_DIGESTS[algorithm]
    expected = [hmac.digest(key, signed.encode("ascii", "replace"), digest) for key in keys]
    require(signature, [base64.urlsafe_b64encode(code).rstrip(b"=").decode() for code in expected])
    return jwt_part(claims_part)


def jwt_part(part: str) -> wire.Fields:
    try:
        return wire.json_object(base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True))
    except (ValueError, Malformed) as error:
        raise Forbidden("not a token") from error


def claim(claims: wire.Fields, name: str) -> str:
    """A claim that is not a text or number proves nothing, just as one that is missing."""
    try:
        return claims.text(name, "")
    except Malformed as error:
        raise Forbidden(f"claim {name}") from error


def require_hash(claimed: str, content: bytes) -> None:
    """Raise `Forbidden` unless the claim is the hex SHA-256 of the content."""
    require(claimed.lower(), [hashlib.sha256(content).hexdigest()])


def moment(seconds: str) -> datetime:
    """Seconds since 1970, as gateways write them into a header. Raise `Forbidden` for anything else."""
    if not (seconds.isascii() and seconds.isdigit() and len(seconds) <= 11):
        raise Forbidden("no timestamp")
    return datetime.fromtimestamp(int(seconds), UTC)


def require_fresh(at: datetime, now: datetime, past: timedelta = WINDOW, future: timedelta = WINDOW) -> None:
    """Raise `Forbidden` for a request made too long before `now`, or after it by more than clocks may differ."""
    if not now - past <= at <= now + future:
        raise Forbidden("outside of the time window")
