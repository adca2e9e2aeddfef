"""One case of security for every gateway and every way in which it signs."""

from datetime import timedelta

import msgspec
import pytest

from consent.intake.contract import Account, Forbidden, Malformed, Message, Request
from consent.intake.registry import PROVIDERS
from tests.consent.providers.gateways import FOREVER, GATEWAYS, NOW, Gateway

SECRET, OTHER = "gateway:secret-0123456789-0123456789", "another:secret-0123456789-0123456789"

EVERY = pytest.mark.parametrize("gateway", GATEWAYS.values(), ids=GATEWAYS)


def those(**wanted: bool) -> pytest.MarkDecorator:
    chosen = {
        name: gateway
        for name, gateway in GATEWAYS.items()
        if all(bool(getattr(gateway, attribute)) is value for attribute, value in wanted.items())
    }
    return pytest.mark.parametrize("gateway", chosen.values(), ids=chosen)


def verify(gateway: Gateway, request: Request, *secrets: str, after: timedelta = FOREVER) -> None:
    PROVIDERS[gateway.provider].verify(request, gateway.account(*secrets), NOW + after)


def believed(gateway: Gateway, request: Request, *secrets: str, after: timedelta = FOREVER) -> bool:
    try:
        verify(gateway, request, *secrets, after=after)
    except Forbidden:
        return False
    return True


def test_every_provider_is_here() -> None:
    assert {gateway.provider for gateway in GATEWAYS.values()} == set(PROVIDERS)


@EVERY
def test_what_is_signed_is_believed_and_read(gateway: Gateway) -> None:
    request = gateway.sign(SECRET, gateway.stop)
    verify(gateway, request, SECRET)
    [message] = PROVIDERS[gateway.provider].parse(request, gateway.account(SECRET))
    assert (message.kind, message.text) == ("message", "STOP")
    assert message.sender
    assert message.recipient
    assert message.external_id


@EVERY
def test_it_calls_by_a_method_that_we_take(gateway: Gateway) -> None:
    assert gateway.sign(SECRET, gateway.stop).method in PROVIDERS[gateway.provider].METHODS


def with_content(request: Request, content: bytes) -> Request:
    """The request with other content: in its body or, of a GET, in its query."""
    if request.method != "GET":
        return msgspec.structs.replace(request, body=content)
    return msgspec.structs.replace(request, url=f"{request.url.partition('?')[0]}?{content.decode('latin-1')}")


def content_of(request: Request) -> bytes:
    return request.url.partition("?")[2].encode() if request.method == "GET" else request.body


@those(covers_body=True)
def test_changed_content_is_refused(gateway: Gateway) -> None:
    request = gateway.sign(SECRET, gateway.stop)
    changed = with_content(request, content_of(request).replace(b"STOP", b"STOQ"))
    assert changed != request
    assert not believed(gateway, changed, SECRET)


@those(covers_body=True)
def test_lengthened_content_is_refused(gateway: Gateway) -> None:
    request = gateway.sign(SECRET, gateway.stop)
    assert not believed(gateway, with_content(request, content_of(request) + b"&x=1"), SECRET)


@those(covers_body=True)
def test_a_query_signed_for_a_get_proves_no_post_with_other_fields(gateway: Gateway) -> None:
    request = gateway.sign(SECRET, gateway.stop)
    if request.method != "GET":
        return
    for content_type in ("application/x-www-form-urlencoded", "application/json"):
        headers = {**request.headers, "content-type": content_type}
        posted = msgspec.structs.replace(request, method="POST", headers=headers, body=gateway.stop + b"&x=1")
        assert not believed(gateway, posted, SECRET)


@those(proof=True)
@pytest.mark.parametrize(
    "value", [None, "", " ", "x", "=", "Basic ", "Bearer ", "Bearer a.b.c", "a.b", "é", "\0", "," * 99]
)
def test_a_missing_or_mangled_proof_is_refused(gateway: Gateway, value: str | None) -> None:
    request = gateway.sign(SECRET, gateway.stop)
    headers = {name: text for name, text in request.headers.items() if name != gateway.proof}
    if value is not None:
        headers[gateway.proof] = value
    assert not believed(gateway, msgspec.structs.replace(request, headers=headers), SECRET)


@EVERY
def test_without_any_header_nothing_is_believed(gateway: Gateway) -> None:
    assert not believed(gateway, Request("POST", "https://sayso.example/in", {}, gateway.stop), SECRET)


@EVERY
def test_secrets(gateway: Gateway) -> None:
    request = gateway.sign(SECRET, gateway.stop)
    assert not believed(gateway, request, OTHER)
    assert believed(gateway, request, OTHER, SECRET), "while it is rotated, either secret holds"
    assert not believed(gateway, request), "no secret believes nothing"
    assert not believed(gateway, request, "", OTHER)


@EVERY
def test_an_empty_secret_proves_nothing(gateway: Gateway) -> None:
    assert not believed(gateway, gateway.sign("", gateway.stop), "")


@those(lasts=True)
def test_a_replay_is_refused(gateway: Gateway) -> None:
    request, second = gateway.sign(SECRET, gateway.stop), timedelta(seconds=1)
    assert believed(gateway, request, SECRET, after=gateway.lasts - second)
    assert not believed(gateway, request, SECRET, after=gateway.lasts + 2 * second)
    assert not believed(gateway, request, SECRET, after=-timedelta(seconds=302))


MANGLED = {
    "empty": b"",
    "truncated": b'{"id": "m-1", "from": "1',
    "not an object": b"[[1, 2], 3]",
    "a number": b"7",
    "null": b"null",
    "wrong types": b'{"id": {}, "from": [], "to": 7, "text": true, "data": 1, "results": {}, "type": [], "body": {}}',
    "wrong types within": b'{"data": {"event_type": "message.received", "payload": []}, "results": [7]}',
    "a batch of nothing": b'[null, {"type": "message-received", "message": 7}]',
    "NUL": b'{"id": "\\u0000", "from": "\\u0000", "to": "\\u0000", "text": "\\u0000"}',
    "raw NUL": b'{"id": "\x00"}',
    "NUL in a form": b"From=%00&To=%00&MessageSid=%00&msisdn=%00&messageId=%00",
    "half a pair": b'{"id": "m", "from": "1", "to": "2", "text": "\\ud83d", "type": "mo_text", "body": "\\udc00"}',
    "invalid UTF-8": b'{"id": "\xff\xfe"}',
    "invalid UTF-8 in a form": b"From=%ff&To=%fe&MessageSid=%80&Body=%c3",
    "a name twice": b'{"id": "1", "id": "2", "from": "1", "to": "2", "text": "STOP"}',
    "a field twice": b"From=1&From=2&To=3&MessageSid=4&MessageUUID=5",
    "deep list": b"[" * 100_000 + b"]" * 100_000,
    "deep object": b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
    "10 MB": b'{"text": "' + b"a" * 10_000_000 + b'"}',
    "10 MB of fields": b"a=b&" * 2_500_000,
    "large number": b'{"id": ' + b"9" * 5_000 + b"}",
    "not a number": b'{"id": NaN, "from": Infinity}',
    "byte order mark": b'\xef\xbb\xbf{"id": "m"}',
    "percent signs": b"From=%&To=%2&MessageSid=%zz&%=%",
}


def outcome(gateway: Gateway, request: Request, account: Account) -> list[Message]:
    provider = PROVIDERS[gateway.provider]
    try:
        provider.verify(request, account, NOW)
        return provider.parse(request, account)
    except (Malformed, Forbidden):
        return []


@EVERY
@pytest.mark.parametrize("body", MANGLED.values(), ids=MANGLED)
def test_a_mangled_body_is_refused_or_read_but_never_crashes(gateway: Gateway, body: bytes) -> None:
    if len(body) > 1_000_000:
        request = with_content(gateway.sign(SECRET, gateway.stop), body)
    else:
        request = gateway.sign(SECRET, body)
    for content_type in ("application/json", "application/x-www-form-urlencoded; charset=utf-8", "text/plain", ""):
        typed = msgspec.structs.replace(request, headers={**request.headers, "content-type": content_type})
        for message in outcome(gateway, typed, gateway.account(SECRET)):
            assert "\0" not in message.sender + message.recipient + message.text + message.external_id
            assert msgspec.json.encode(message), "nothing that UTF-8 cannot hold"


@EVERY
def test_what_is_proven_but_too_large_is_malformed(gateway: Gateway) -> None:
    request = with_content(gateway.sign(SECRET, gateway.stop), b'{"text": "' + b"a" * 1_100_000 + b'"}')
    with pytest.raises(Malformed):
        PROVIDERS[gateway.provider].parse(request, gateway.account(SECRET))


@EVERY
def test_an_answer_is_given(gateway: Gateway) -> None:
    answer = PROVIDERS[gateway.provider].answer()
    assert answer.content_type
    assert answer.body
