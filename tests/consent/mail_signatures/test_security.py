"""One case of security for every mail provider and every way in which it signs."""

from contextlib import suppress
from datetime import datetime, timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consent.intake import registry
from consent.intake.contract import Account, Forbidden, Malformed, Request
from consent.intake.mail_signatures.registry import SCHEMES
from tests.consent.mail_signatures.senders import SENDERS
from tests.consent.providers.gateways import FOREVER, NOW, Gateway
from tests.consent.providers.test_security import MANGLED, OTHER, SECRET

EVERY = pytest.mark.parametrize("sender", SENDERS.values(), ids=SENDERS)
CHANGES = {
    "a word": (b"STOP", b"STOQ"),
    "a word in percent signs": (b"%53%54%4f%50", b"%53%54%4f%51"),
}


def those(**wanted: bool) -> pytest.MarkDecorator:
    chosen = {
        name: sender
        for name, sender in SENDERS.items()
        if all(bool(getattr(sender, attribute)) is value for attribute, value in wanted.items())
    }
    return pytest.mark.parametrize("sender", chosen.values(), ids=chosen)


def believed(sender: Gateway, request: Request, *secrets: str, after: timedelta = FOREVER) -> bool:
    try:
        SCHEMES[sender.provider].verify(request, sender.account(*secrets), NOW + after)
    except (Forbidden, Malformed):
        return False
    return True


def with_body(request: Request, body: bytes) -> Request:
    return msgspec.structs.replace(request, body=body)


def with_headers(request: Request, **headers: str) -> Request:
    return msgspec.structs.replace(request, headers={**request.headers, **headers})


def test_every_scheme_is_here_and_none_is_an_sms_gateway() -> None:
    assert {sender.provider for sender in SENDERS.values()} == set(SCHEMES)
    assert not SCHEMES.keys() & registry.PROVIDERS.keys()


@EVERY
def test_what_is_signed_is_believed(sender: Gateway) -> None:
    assert believed(sender, sender.sign(SECRET, sender.stop), SECRET)


@EVERY
def test_the_moment_that_is_named(sender: Gateway) -> None:
    made_at = SCHEMES[sender.provider].made_at
    assert bool(made_at) is bool(sender.lasts)
    if made_at:
        at: datetime = made_at(sender.sign(SECRET, sender.stop))
        assert at.replace(microsecond=0) == NOW


@those(covers_body=True)
def test_changed_content_is_refused(sender: Gateway) -> None:
    request = sender.sign(SECRET, sender.stop)
    changed = request.body
    for old, new in CHANGES.values():
        changed = changed.replace(old, new)
    assert changed != request.body
    assert not believed(sender, with_body(request, changed), SECRET)


@those(covers_body=True)
@pytest.mark.parametrize("tail", [b"&x=1", b" ", b"\n", b"\x80\0\0", b"}"])
def test_lengthened_content_is_refused(sender: Gateway, tail: bytes) -> None:
    if sender.provider == "amazon-ses" and not tail.strip():
        return  # SNS signs fields: white space after them is no change
    request = sender.sign(SECRET, sender.stop)
    assert not believed(sender, with_body(request, request.body + tail), SECRET)


@those(covers_body=True)
def test_shortened_content_is_refused(sender: Gateway) -> None:
    request = sender.sign(SECRET, sender.stop)
    assert not believed(sender, with_body(request, request.body[:-1]), SECRET)


@those(proof=True)
@pytest.mark.parametrize(
    "value", [None, "", " ", "x", "=", "Basic ", "Bearer ", "v1,", "v1a,", "t=,v1=", "t=x", "é", "\0", "," * 99]
)
def test_a_missing_or_mangled_proof_is_refused(sender: Gateway, value: str | None) -> None:
    request = sender.sign(SECRET, sender.stop)
    headers = {name: text for name, text in request.headers.items() if name != sender.proof}
    if value is not None:
        headers[sender.proof] = value
    elif sender.proof == "x-postal-signature-256":
        del headers["x-postal-signature"]
    assert not believed(sender, msgspec.structs.replace(request, headers=headers), SECRET)


@EVERY
def test_without_any_header_nothing_is_believed(sender: Gateway) -> None:
    assert not believed(sender, Request("POST", "https://sayso.example/in", {}, sender.stop), SECRET)


@EVERY
def test_secrets(sender: Gateway) -> None:
    request = sender.sign(SECRET, sender.stop)
    assert not believed(sender, request, OTHER)
    assert believed(sender, request, OTHER, SECRET), "while it is rotated, either secret holds"
    assert not believed(sender, request), "no secret believes nothing"
    assert not believed(sender, request, "", OTHER)


@EVERY
def test_an_empty_secret_proves_nothing(sender: Gateway) -> None:
    assert not believed(sender, sender.sign("", sender.stop), "")


@those(lasts=True)
def test_a_replay_is_refused(sender: Gateway) -> None:
    request, second = sender.sign(SECRET, sender.stop), timedelta(seconds=1)
    assert believed(sender, request, SECRET, after=sender.lasts - second)
    assert not believed(sender, request, SECRET, after=sender.lasts + 2 * second)
    assert not believed(sender, request, SECRET, after=-timedelta(seconds=302))


@EVERY
@pytest.mark.parametrize("body", MANGLED.values(), ids=MANGLED)
@pytest.mark.parametrize("content_type", ["application/json", "application/x-www-form-urlencoded", "text/plain", ""])
def test_a_mangled_body_is_refused_but_never_crashes(sender: Gateway, body: bytes, content_type: str) -> None:
    request = with_headers(with_body(sender.sign(SECRET, sender.stop), body), **{"content-type": content_type})
    assert not (sender.covers_body and believed(sender, request, SECRET))


@pytest.mark.parametrize(
    "key", ["x", "====", "é", "-----BEGIN PUBLIC KEY-----", "whsec_", "whsec_é", "whpk_", "whpk_x"]
)
@EVERY
def test_a_key_that_cannot_be_read_proves_nothing(sender: Gateway, key: str) -> None:
    account = msgspec.structs.replace(sender.account(), secrets=[key])
    with pytest.raises(Forbidden):
        SCHEMES[sender.provider].verify(sender.sign("", sender.stop), account, NOW)


HEADERS = sorted({name for sender in SENDERS.values() for name in sender.sign(SECRET, sender.stop).headers})
TEXTS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(["v1,x", "v1a,", "t=1,v1=", "Bearer x", "Basic eA==", "1769846400", "application/json", "=" * 8]),
    st.sampled_from(["multipart/form-data; boundary=b", "application/x-www-form-urlencoded"]),
)
BODIES = st.one_of(
    st.binary(max_size=60),
    st.sampled_from([b'{"signature": 7}', b'{"auth": null}', b'{"signature": {"token": {}}}', b"token&signature=%"]),
    st.just(b'--b\r\nContent-Disposition: form-data; name="token"\r\n\r\n\xff\r\n--b--'),
)


@pytest.mark.parametrize("provider", SCHEMES)
@settings(max_examples=80, deadline=None)
@given(headers=st.dictionaries(st.sampled_from(HEADERS), TEXTS, max_size=6), body=BODIES, secret=TEXTS)
def test_whatever_is_posted_is_refused(provider: str, headers: dict[str, str], body: bytes, secret: str) -> None:
    scheme, request = SCHEMES[provider], Request("POST", "https://sayso.example/in", headers, body)
    account = Account(provider, "acme", [secret + "another:secret"])
    with pytest.raises((Forbidden, Malformed)):
        scheme.verify(request, account, NOW)
    if scheme.made_at:
        with suppress(Forbidden, Malformed):
            scheme.made_at(request)
