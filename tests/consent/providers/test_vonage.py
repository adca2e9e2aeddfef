"""Vonage's signed fields: every algorithm, every shape, and what is ambiguous."""

import hashlib
import json
from urllib.parse import urlencode

import pytest

from consent.intake.contract import Account, Forbidden, Request
from consent.intake.providers import vonage
from tests.consent.providers.gateways import FORM, NOW, ORIGIN, SECONDS, mac, post
from tests.each import each

SECRET = "signature_secret"
FIELDS = {"msisdn": "1", "to": "2", "messageId": "m", "text": "a=b&c é", "empty": "", "timestamp": SECONDS}
SIGNED = f"&empty=&messageId=m&msisdn=1&text=a_b_c é&timestamp={SECONDS}&to=2".encode()
SIGNATURES = {
    **{name: mac(SECRET, SIGNED, name).hex() for name in ("md5", "sha1", "sha256", "sha512")},
    "md5hash": hashlib.md5(SIGNED + SECRET.encode()).hexdigest(),
}
SHAPES = {
    "form": lambda fields: post(urlencode(fields).encode(), {}, FORM),
    "json": lambda fields: post(json.dumps(fields).encode(), {}),
    "query": lambda fields: Request("GET", f"{ORIGIN}/in?{urlencode(fields)}", {}, b""),
}


def believed(request: Request, algorithm: str = "") -> bool:
    options = {"algorithm": algorithm} if algorithm else {}
    try:
        vonage.verify(request, Account("vonage", "acme", [SECRET], options), NOW)
    except Forbidden:
        return False
    return True


@each("shape", SHAPES)
@each(("algorithm", "signature"), SIGNATURES.items())
def test_algorithms_and_shapes(shape: str, algorithm: str, signature: str) -> None:
    for written in (signature, signature.upper()):
        request = SHAPES[shape]({**FIELDS, "sig": written})
        assert believed(request, algorithm)
        assert believed(request, f"sha512, {algorithm}")
        assert believed(request) is (algorithm in {"sha256", "sha512"}), "weak ones only where they were chosen"
    assert not believed(SHAPES[shape]({**FIELDS, "text": "x", "sig": signature}), algorithm)


@pytest.mark.parametrize("algorithm", ["none", "plain", ","])
def test_an_unknown_algorithm_proves_nothing(algorithm: str) -> None:
    assert not believed(SHAPES["form"]({**FIELDS, "sig": SIGNATURES["sha256"]}), algorithm)


def test_a_field_given_twice_is_refused() -> None:
    body = urlencode({**FIELDS, "sig": SIGNATURES["sha256"]}).encode()
    assert not believed(post(body + b"&msisdn=9", {}, FORM))
    assert not believed(post(body + b"&msisdn=1", {}, FORM))


def test_without_a_timestamp_nothing_is_fresh() -> None:
    signature = mac(SECRET, b"&msisdn=1").hex()
    assert not believed(post(f"msisdn=1&sig={signature}".encode(), {}, FORM))


def test_a_nested_value_is_not_signed() -> None:
    assert not believed(post(json.dumps({**FIELDS, "x": {"a": 1}, "sig": SIGNATURES["sha256"]}).encode(), {}))
