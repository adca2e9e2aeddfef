"""Whatever a genuine gateway may send: `parse` answers with messages or with `Malformed`."""

import json
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consent.intake.contract import Account, Malformed, Request
from consent.intake.registry import PROVIDERS
from tests.consent.providers.gateways import FORM, JSON, ORIGIN
from tests.consent.providers.test_payloads import CASES, request
from tests.each import each

WORDS = sorted(
    {"type", "status", "data", "payload", "message", "results", "body", "Message", "Type", "originationNumber"}
    | {word for name in CASES for word in request(name).body.decode().replace("=", '"').split('"') if word.isalpha()}
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(WORDS),
    st.just("message.received"),
)
NAMES = st.sampled_from(WORDS)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(NAMES, inner, max_size=4)),
    max_leaves=12,
)


def survives(provider: str, sent: Request) -> None:
    try:
        messages = PROVIDERS[provider].parse(sent, Account(provider, "acme", []))
    except Malformed:
        return
    for message in messages:
        assert "\0" not in f"{message.sender}{message.recipient}{message.text}{message.external_id}"
        assert (
            f"{message.sender}{message.recipient}{message.text}{message.external_id}{message.event}".encode()
            is not None
        )


@pytest.mark.parametrize("provider", PROVIDERS)
@settings(max_examples=40, deadline=None)
@given(body=st.one_of(st.binary(max_size=80), VALUES.map(lambda value: json.dumps(value).encode())))
def test_any_body(provider: str, body: bytes) -> None:
    for content_type in (JSON, FORM):
        survives(provider, Request("POST", f"{ORIGIN}/in", {"content-type": content_type}, body))


@pytest.mark.parametrize("provider", PROVIDERS)
@settings(max_examples=25, deadline=None)
@given(fields=st.lists(st.tuples(NAMES, st.text(max_size=6)), max_size=8))
def test_any_form(provider: str, fields: list[tuple[str, str]]) -> None:
    encoded = urlencode([(name, value.encode("utf-8", "replace")) for name, value in fields])
    survives(provider, Request("POST", f"{ORIGIN}/in", {"content-type": FORM}, encoded.encode()))
    survives(provider, Request("GET", f"{ORIGIN}/in?{encoded}", {}, b""))


WRONG: tuple[object, ...] = (None, 7, True, "", "\0", [], {}, [None], [{}])


def mutations(value: object) -> Iterator[object]:
    """The sample with one place at a time taken out or made another type."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield {other: kept for other, kept in value.items() if other != name}
            yield from ({**value, name: wrong} for wrong in WRONG)
            yield from ({**value, name: changed} for changed in mutations(inner))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from ([*value[:index], other, *value[index + 1 :]] for other in mutations(inner))


@each("name", [name for name in CASES if name.endswith(".json")])
def test_a_sample_with_anything_missing_or_mistyped(name: str) -> None:
    sample = request(name)
    for changed in mutations(json.loads(sample.body)):
        body = json.dumps(changed).encode()
        survives(name.partition("/")[0], Request("POST", sample.url, sample.headers, body))
