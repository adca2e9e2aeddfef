"""JSON Web Tokens of MessageBird and Vonage, made by PyJWT and judged beside MessageBird's own library."""

import hashlib
from datetime import timedelta

import jwt
import pytest
from messagebird.error import ValidationError
from messagebird.request_validator import RequestValidator
from time_machine import travel

from consent.intake.contract import Account, Forbidden, Request
from consent.intake.providers import messagebird, vonage
from tests.consent.providers.gateways import NOW, ORIGIN, SECONDS, messagebird_claims, post, vonage_token
from tests.each import each

SECRET = "0123456789abcdef" * 4
URL = f"{ORIGIN}/in"
BODY = b'{"id": "1"}'
GOOD = messagebird_claims(URL, BODY)
START = int(SECONDS)


def without(*names: str) -> dict[str, object]:
    return {name: value for name, value in GOOD.items() if name not in names}


CLAIMS: dict[str, tuple[dict[str, object], bytes, bool]] = {
    "good": (GOOD, BODY, True),
    "no body": (messagebird_claims(URL, b""), b"", True),
    "expired": ({**GOOD, "nbf": START - 120, "exp": START - 60}, BODY, False),
    "expired a moment ago": ({**GOOD, "nbf": START - 60, "exp": START}, BODY, True),
    "not yet": ({**GOOD, "nbf": START + 60, "exp": START + 120}, BODY, False),
    "another issuer": ({**GOOD, "iss": "Somebody"}, BODY, False),
    "no issuer": (without("iss"), BODY, False),
    "no nbf": (without("nbf"), BODY, False),
    "no exp": (without("exp"), BODY, False),
    "another url": (messagebird_claims(f"{URL}?a=1", BODY), BODY, False),
    "another body": (messagebird_claims(URL, b"{}"), BODY, False),
    "body taken away": (GOOD, b"", False),
    "body added": (messagebird_claims(URL, b""), BODY, False),
}


def believed(token: str, body: bytes, secret: str = SECRET) -> bool:
    request = post(body, {"messagebird-signature-jwt": token})
    try:
        messagebird.verify(request, Account("messagebird", "acme", [secret]), NOW)
    except Forbidden:
        return False
    return True


def believed_by_messagebird(token: str, body: bytes) -> bool:
    try:
        with travel(NOW, tick=False):
            RequestValidator(SECRET).validate_signature(token, URL, body)
    except ValidationError:
        return False
    return True


@each(("claims", "body", "expected"), CLAIMS.values())
def test_messagebird_claims(claims: dict[str, object], body: bytes, expected: bool) -> None:
    token = jwt.encode(claims, SECRET, "HS256")
    assert believed(token, body) is expected
    assert believed_by_messagebird(token, body) is expected


@each("odd", [{"exp": "soon"}, {"exp": True}, {"nbf": [1]}, {"nbf": 1e400}, {"url_hash": 7}, {"exp": 10**15}])
def test_claims_of_another_type_prove_nothing(odd: dict[str, object]) -> None:
    assert not believed(jwt.encode({**GOOD, **odd}, SECRET, "HS256"), BODY)


@pytest.mark.parametrize(
    ("algorithm", "expected"), [("HS256", True), ("HS384", True), ("HS512", True), ("none", False)]
)
def test_algorithms(algorithm: str, expected: bool) -> None:
    token = jwt.encode(GOOD, SECRET if expected else "", algorithm)
    assert believed(token, BODY) is expected


@each("token", ["", ".", "..", "a.b.c", "....", "e30.e30.", "é.é.é", "bnVsbA.bnVsbA.", "eyJhbGciOjF9.e30.x"])
def test_what_is_no_token(token: str) -> None:
    assert not believed(token, BODY)


def test_a_token_names_no_field_twice() -> None:
    head, _, signature = jwt.encode(GOOD, SECRET, "HS256").split(".")
    doubled = "eyJhbGciOiJIUzI1NiIsImFsZyI6Im5vbmUifQ"  # {"alg":"HS256","alg":"none"}
    assert head != doubled
    assert not believed(f"{doubled}.{_}.{signature}", BODY)


def vonage_claims(**changed: object) -> dict[str, object]:
    return {"iss": "Vonage", "iat": START, "jti": "1", "payload_hash": hashlib.sha256(BODY).hexdigest(), **changed}


@each(
    ("claims", "algorithm", "expected"),
    [
        (vonage_claims(), "HS256", True),
        (vonage_claims(), "HS512", False),
        (vonage_claims(iss="Somebody"), "HS256", False),
        (vonage_claims(iat=START - 301), "HS256", False),
        (vonage_claims(iat=START + 301), "HS256", False),
        (vonage_claims(payload_hash=""), "HS256", False),
        (vonage_claims(payload_hash=hashlib.sha256(b"{}").hexdigest()), "HS256", False),
    ],
)
def test_vonage_claims(claims: dict[str, object], algorithm: str, expected: bool) -> None:
    request = post(BODY, {"authorization": f"Bearer {jwt.encode(claims, SECRET, algorithm)}"})
    if expected:
        vonage.verify(request, Account("vonage", "acme", [SECRET]), NOW)
    else:
        with pytest.raises(Forbidden):
            vonage.verify(request, Account("vonage", "acme", [SECRET]), NOW)


def test_beside_a_token_only_the_body_is_read() -> None:
    """The query is not covered by it: a token that was overheard must not carry another's number."""
    body = b'{"message_uuid": "m-1", "from": "1", "to": "2", "text": "hello"}'
    signed = vonage_token(SECRET, body)
    forged = Request("GET", f"{URL}?msisdn=9&to=2&messageId=x&text=STOP", signed.headers, body)
    vonage.verify(forged, Account("vonage", "acme", [SECRET]), NOW + timedelta(seconds=1))
    [message] = vonage.parse(forged, Account("vonage", "acme", [SECRET]))
    assert (message.sender, message.text) == ("1", "hello")
