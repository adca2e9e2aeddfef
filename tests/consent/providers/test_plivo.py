"""Plivo: our reading of its signatures agrees with Plivo's own library."""

import json
from typing import Any
from urllib.parse import urlencode

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plivo.utils import validate_signature
from plivo.utils.signature_v3 import construct_get_url, construct_post_url, get_signature_v3, validate_v3_signature

from consent.intake.contract import Account, Forbidden, Request
from consent.intake.providers import plivo
from tests.consent.providers.gateways import FORM, NOW, b64, mac, plivo_v2, plivo_v3, post

TOKEN = "my_auth_token"
ACCOUNT = Account("plivo", "acme", [TOKEN])
NAME = st.text("abcXYZ01", min_size=1, max_size=4)
ASCII = st.text(st.characters(codec="ascii", exclude_characters="\0"), max_size=6)  # all that Plivo's library can read
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=6)


def believed(request: Request, account: Account = ACCOUNT) -> bool:
    try:
        plivo.verify(request, account, NOW)
    except Forbidden:
        return False
    return True


def signed(url: str, signature: str, body: bytes = b"", method: str = "POST") -> Request:
    headers = {"content-type": FORM, "x-plivo-signature-v3": signature, "x-plivo-signature-v3-nonce": "n"}
    return Request(method, url, headers, body)


@settings(max_examples=50, deadline=None)
@given(
    st.dictionaries(NAME, ASCII, max_size=4),
    st.dictionaries(NAME, st.one_of(TEXT, st.lists(TEXT, min_size=2, max_size=3)), max_size=4),
)
def test_any_post_is_signed_as_plivo_signs_it(query: dict[str, str], form: dict[str, str | list[str]]) -> None:
    url = f"https://sayso.example/in/?{urlencode(query)}" if query else "https://sayso.example/in/"
    signature = get_signature_v3(TOKEN, construct_post_url(url, dict(form)).decode(), "n").decode()
    assert believed(signed(url, signature, urlencode(form, doseq=True).encode()))


@settings(max_examples=50, deadline=None)
@given(st.dictionaries(NAME, ASCII, max_size=4))
def test_any_get_is_signed_as_plivo_signs_it(query: dict[str, str]) -> None:
    url = f"https://sayso.example/in?{urlencode(query)}" if query else "https://sayso.example/in"
    signature = get_signature_v3(TOKEN, construct_get_url(url, {}).decode(), "n").decode()
    assert believed(signed(url, signature, method="GET"))


def test_plivos_library_believes_what_we_believe() -> None:
    request = plivo_v3(TOKEN, b"From=1&Text=STOP")
    headers = request.headers
    assert validate_v3_signature(
        "POST",
        request.url,
        headers["x-plivo-signature-v3-nonce"],
        TOKEN,
        headers["x-plivo-signature-v3"],
        {"From": "1", "Text": "STOP"},
    )
    second = plivo_v2(TOKEN, b"").headers["x-plivo-signature-v2"]
    assert validate_signature("https://sayso.example/in?x=1", "nonce-1", second, TOKEN)


def test_the_newest_signature_that_is_there_decides() -> None:
    request = plivo_v2(TOKEN, b"From=1")
    headers = {**request.headers, "x-plivo-signature-v3": "d3Jvbmc=", "x-plivo-signature-v3-nonce": "n"}
    assert not believed(Request("POST", request.url, headers, request.body))


@pytest.mark.parametrize(("accepted", "expected"), [("v3,v2,v1", True), ("v2", True), ("v3", False), ("", False)])
def test_an_account_may_demand_a_signed_body(accepted: str, expected: bool) -> None:
    account = Account("plivo", "acme", [TOKEN], {"signature": accepted})
    assert believed(plivo_v2(TOKEN, b"From=1"), account) is expected


def test_the_main_accounts_signature_counts_too() -> None:
    request = plivo_v3(TOKEN, b"From=1")
    headers = {**request.headers, "x-plivo-signature-ma-v3": request.headers["x-plivo-signature-v3"]}
    headers["x-plivo-signature-v3"] = "c3ViYWNjb3VudA=="
    assert believed(Request("POST", request.url, headers, request.body))


def test_the_retired_signature_covers_the_form() -> None:
    url = "https://sayso.example/in"
    signature = b64(mac(TOKEN, f"{url}From1TextSTOP".encode(), "sha1"))
    assert believed(post(b"Text=STOP&From=1", {"x-plivo-signature": signature}, FORM, url))
    assert not believed(post(b"Text=STOQ&From=1", {"x-plivo-signature": signature}, FORM, url))


@pytest.mark.parametrize("body", [b'{"From": "1", "MessageUUID": "m"}', b'["From"]', b'{"From": null}', b"{", b"7"])
def test_a_body_that_is_no_form_is_not_covered_by_what_was_signed_without_it(body: bytes) -> None:
    request = plivo_v3(TOKEN, b"")
    headers = {**request.headers, "content-type": "application/json"}
    assert not believed(Request("POST", request.url, headers, body))


MEMBERS = st.dictionaries(NAME, st.one_of(TEXT, st.integers(), st.booleans(), st.lists(TEXT, max_size=3)), max_size=4)


@settings(max_examples=50, deadline=None)
@given(st.dictionaries(NAME, st.one_of(TEXT, MEMBERS), max_size=4))
def test_any_json_is_signed_as_plivos_library_signs_it(members: dict[str, Any]) -> None:
    url = "https://sayso.example/in"
    signature = get_signature_v3(TOKEN, construct_post_url(url, dict(members)).decode(), "n").decode()
    request = signed(url, signature, json.dumps(members).encode())
    assert believed(msgspec.structs.replace(request, headers={**request.headers, "content-type": "application/json"}))
