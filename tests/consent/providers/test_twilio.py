"""Twilio: our reading of its signature agrees with Twilio's own library."""

from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from consent.intake.contract import Account, Forbidden, Message, Request, Verdict
from consent.intake.providers import twilio
from tests.consent.providers.gateways import FORM, NOW, MultiDict, post
from tests.each import each

TOKEN = "12345"
ACCOUNT = Account("twilio", "acme", [TOKEN])
VALIDATOR = RequestValidator(TOKEN)
TEXT = st.text(st.characters(codec="utf-8"), max_size=8)


def believed(request: Request, account: Account = ACCOUNT) -> bool:
    try:
        twilio.verify(request, account, NOW)
    except Forbidden:
        return False
    return True


@settings(max_examples=50, deadline=None)
@given(st.dictionaries(TEXT, st.lists(TEXT, min_size=1, max_size=3), max_size=5))
def test_any_form_is_signed_as_twilio_signs_it(params: dict[str, list[str]]) -> None:
    url = "https://sayso.example/in?foo=1&bar=2"
    body = urlencode(params, doseq=True).encode()
    signature = VALIDATOR.compute_signature(url, MultiDict(params))
    assert believed(post(body, {"x-twilio-signature": signature}, FORM, url))


PLAIN, WITH_PORT = "https://sayso.example/in?a=1", "https://sayso.example:443/in?a=1"


@each(
    ("signed", "seen"),
    [
        (PLAIN, PLAIN),
        (WITH_PORT, PLAIN),
        (PLAIN, WITH_PORT),
        (WITH_PORT, WITH_PORT),
        ("http://sayso.example:80/in", "http://sayso.example/in"),
        ("https://sayso.example/in", "https://sayso.example:8443/in"),
        ("https://user:pass@sayso.example:443/in", "https://user:pass@sayso.example/in"),
        ("https://Sayso.Example//in", "https://Sayso.Example//in"),
        ("https://sayso.example/désabonner?à=1", "https://sayso.example/désabonner?à=1"),
        ("https://[2001:db8::1]:443/in", "https://[2001:db8::1]/in"),
    ],
)
def test_the_port_may_be_there_or_not(signed: str, seen: str) -> None:
    signature = VALIDATOR.compute_signature(signed, {"From": "1"})
    assert believed(post(b"From=1", {"x-twilio-signature": signature}, FORM, seen))


@pytest.mark.parametrize(
    "seen", ["https://sayso.example/in?a=2", "http://sayso.example/in?a=1", "https://sayso/in?a=1"]
)
def test_another_url_is_refused(seen: str) -> None:
    signature = VALIDATOR.compute_signature(PLAIN, {"From": "1"})
    assert not believed(post(b"From=1", {"x-twilio-signature": signature}, FORM, seen))


@each(
    ("settings_header", "signed_with", "expected"),
    [
        ("", "HMAC_SHA1", True),
        ("key=webhooks_sharedkey_1,algorithm=HMAC_SHA256", "HMAC_SHA256", True),
        ("key=webhooks_sharedkey_1,algorithm=hmac_sha1", "HMAC_SHA1", True),
        ("algorithm=HMAC_SHA256", "HMAC_SHA1", False),
        ("algorithm=NONE", "HMAC_SHA1", False),
        ("algorithm=", "HMAC_SHA1", True),
    ],
)
def test_the_algorithm_that_the_header_names(settings_header: str, signed_with: str, expected: bool) -> None:
    signature = VALIDATOR.compute_signature(PLAIN, {"From": "1"}, signed_with)
    headers = {"x-twilio-signature": signature, "x-twilio-webhooks-signature-settings": settings_header}
    assert believed(post(b"From=1", headers, FORM, PLAIN)) is expected


@pytest.mark.parametrize(
    "digest", ["", "0" * 64, "é", "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"]
)
def test_json_needs_its_digest_in_the_query(digest: str) -> None:
    url = f"https://sayso.example/in?bodySHA256={digest}"
    signature = VALIDATOR.compute_signature(url, {})
    assert believed(post(b"{}", {"x-twilio-signature": signature}, url=url)) is digest.startswith("4413")
    assert not believed(post(b'{"a": 1}', {"x-twilio-signature": signature}, url=url))


def test_json_without_any_digest_is_refused() -> None:
    signature = VALIDATOR.compute_signature(PLAIN, {})
    assert not believed(post(b"{}", {"x-twilio-signature": signature}, url=PLAIN))


@pytest.mark.parametrize(
    ("opt_out_type", "verdict"),
    [("STOP", "opt_out"), ("START", "opt_in"), ("HELP", "help"), ("stop", "opt_out"), ("?", None)],
)
def test_twilios_own_verdict(opt_out_type: str, verdict: Verdict | None) -> None:
    body = f"MessageSid=SM1&From=1&To=2&Body=x&OptOutType={opt_out_type}".encode()
    [message] = twilio.parse(post(body, {}, FORM), ACCOUNT)
    assert message.verdict == verdict


def test_a_picture_without_a_text_is_a_message() -> None:
    [message] = twilio.parse(post(b"MessageSid=SM1&From=1&To=2&NumMedia=1", {}, FORM), ACCOUNT)
    assert message == Message("message", "1", "2", "", "SM1")
