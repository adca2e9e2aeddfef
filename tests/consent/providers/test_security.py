"""What gateways post is read, or refused; it never crashes."""

import msgspec
import pytest

from consent.intake.contract import Account, Forbidden, Malformed, Message, Request
from consent.intake.registry import PROVIDERS
from tests.consent.providers.gateways import GATEWAYS, NOW, Gateway
from tests.consent.signatures.proofs import CONTENT_TYPES, MANGLED, SECRET, verify, with_content, with_headers
from tests.each import each

EVERY = each("gateway", GATEWAYS.values())


@EVERY
def test_what_is_signed_is_read(gateway: Gateway) -> None:
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


def outcome(gateway: Gateway, request: Request, account: Account) -> list[Message]:
    provider = PROVIDERS[gateway.provider]
    try:
        provider.verify(request, account, NOW)
        return provider.parse(request, account)
    except (Malformed, Forbidden):
        return []


@EVERY
def test_a_mangled_body_is_refused_or_read_but_never_crashes(gateway: Gateway) -> None:
    for body in MANGLED.values():
        large = len(body) > 1_000_000
        request = with_content(gateway.sign(SECRET, gateway.stop), body) if large else gateway.sign(SECRET, body)
        for content_type in CONTENT_TYPES:
            typed = with_headers(request, **{"content-type": content_type})
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
