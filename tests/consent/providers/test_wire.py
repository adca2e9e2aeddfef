"""Reading forms, JSON and the texts of the network."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consent.intake.contract import Account, Forbidden, Malformed, Request
from consent.intake.providers import generic, proof, udh, wire
from tests.consent.providers.gateways import NOW, post
from tests.each import each


@each(
    ("encoded", "expected"),
    [
        (b"", []),
        (b"a=1&b=2", [(b"a", b"1"), (b"b", b"2")]),
        (b"b=2&a=1&b=1", [(b"b", b"2"), (b"a", b"1"), (b"b", b"1")]),
        (b"a=&b&=c&&", [(b"a", b""), (b"b", b""), (b"", b"c")]),
        (b"a+b=c+d%2B%26%3d", [(b"a b", b"c d+&=")]),
        (b"a=1=2;b=3", [(b"a", b"1=2;b=3")]),
        (b"a=%zz%", [(b"a", b"%zz%")]),
    ],
)
def test_forms(encoded: bytes, expected: wire.Pairs) -> None:
    assert wire.pairs(encoded) == expected


def test_a_field_given_several_times() -> None:
    fields = wire.form(wire.pairs(b"same=1&same=1&other=1&other=2"))
    assert fields.text("same") == "1"
    with pytest.raises(Malformed, match="other: given several times"):
        fields.text("other")


@each(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'"x"',
        b'{"a": 1, "a": 1}',
        b'{"a": {"b": 1, "b": 2}}',
        b'[{"a": 1, "a": 2}]',
        b'{"a": NaN}',
        b'{"a": -Infinity}',
        b'{"a": "\xff"}',
        b'{"a": ' + b"[" * 40 + b"]" * 40 + b"}",
        b'{"a":' * 2_000 + b"1" + b"}" * 2_000,
        b'{"a": ' + b"1" * 5_000 + b"}",
        b'{"a": "' + b"x" * wire.MAX_BODY + b'"}',
    ],
)
def test_json_that_is_refused(body: bytes) -> None:
    with pytest.raises(Malformed):
        wire.json_object(body)


@pytest.mark.parametrize("depth", [1, 29])
def test_json_that_is_deep_enough(depth: int) -> None:
    assert "a" in wire.json_object(b'{"a": ' + b"[" * depth + b"]" * depth + b"}")


@each(
    ("value", "text"),
    [("x", "x"), (7, "7"), (1.5, "1.5"), ("a\0b", "ab"), ("S\0T\0O\0P\0", "STOP"), ("\ud83d", "\ufffd"), ("🛑", "🛑")],
)
def test_texts(value: object, text: str) -> None:
    assert wire.Fields({"a": value}).text("a") == text


@each("value", [None, "", True, [], {}, ["x"]])
def test_what_is_no_text(value: object) -> None:
    with pytest.raises(Malformed, match=r"outer\.a"):
        wire.Fields({"a": value}, "outer.").text("a")


@each(
    ("text", "expected"),
    [
        ("2026-01-31T08:00:00Z", NOW),
        ("2026-01-31T09:00:00+01:00", NOW),
        ("2026-01-31T08:00:00.000+0000", NOW),
        ("2026-01-31 08:00:00", NOW),
        ("20260131T080000Z", NOW),
        ("0001-01-01T00:00:00+23:59", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_times(text: str, expected: datetime | None) -> None:
    assert wire.moment(text) == expected


@each(
    ("authorization", "expected"),
    [
        ("Basic dTpw", True),
        ("basic  dTpw ", True),
        ("Bearer dTpw", False),
        ("dTpw", False),
        ("Basic dTpwMg==", False),
        ("Basic u:p", False),
    ],
)
def test_basic_credentials(authorization: str, expected: bool) -> None:
    try:
        proof.basic(post(b"", {"authorization": authorization}), Account("bandwidth", "acme", ["u:p"]))
        believed = True
    except Forbidden:
        believed = False
    assert believed is expected


@pytest.mark.parametrize(
    ("seconds", "valid"), [("1769846400", True), ("-1", False), ("1.5", False), ("٣", False), ("9" * 12, False)]
)
def test_seconds(seconds: str, valid: bool) -> None:
    if valid:
        assert proof.moment(seconds) == datetime(2026, 1, 31, 8, 0, tzinfo=UTC)
    else:
        with pytest.raises(Forbidden):
            proof.moment(seconds)


@each(
    ("header", "expected"),
    [
        ("050003CC0301", udh.Concatenation(1, 3, "204")),
        ("050003cc0302", udh.Concatenation(2, 3, "204")),
        ("06080412340201", udh.Concatenation(1, 2, "4660")),
        ("0A0504158115810003010202", udh.Concatenation(2, 2, "1")),
        ("", udh.Concatenation()),
        ("0500", udh.Concatenation()),
        ("050003CC", udh.Concatenation()),
        ("not hex", udh.Concatenation()),
        ("00" * 5_000, udh.Concatenation()),
    ],
)
def test_user_data_headers(header: str, expected: udh.Concatenation) -> None:
    assert udh.concatenation(header) == expected


@each(
    ("data", "text"),
    [
        (b"STOP", "STOP"),
        ("STOP".encode("utf-16-be"), "STOP"),
        ("ARRÊT".encode("utf-16-be"), "ARRÊT"),
        ("СТОП".encode("utf-16-be"), "СТОП"),
        ("ARRÊT".encode(), "ARRÊT"),
        (b"", ""),
    ],
)
def test_texts_of_unknown_coding(data: bytes, text: str) -> None:
    assert udh.text_of(data) == text


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=60))
def test_no_bytes_crash_the_readers(data: bytes) -> None:
    udh.concatenation(data.hex())
    udh.text_of(data).encode()
    wire.form(wire.pairs(data))


@each(
    ("body", "field"),
    [
        (b'{"from": "1", "to": "2", "text": "x"}', "id"),
        (b'{"id": "1", "to": "2", "text": "x"}', "from"),
        (b'{"id": "1", "from": "1", "text": "x"}', "to"),
        (b'{"id": "1", "from": "1", "to": "2"}', "text"),
        (b'{"id": "1", "from": "1", "to": "2", "text": "x", "received_at": "soon"}', "received_at"),
        (b'{"id": "1", "from": "1", "to": "2", "text": "x", "received_at": 7}', "received_at"),
        (b"nonsense", "body"),
    ],
)
def test_the_generic_gateway_names_the_field_at_fault(body: bytes, field: str) -> None:
    with pytest.raises(Malformed) as refused:
        generic.parse(post(body, {}), Account("generic", "acme", []))
    assert refused.value.field == field


def test_a_request_without_a_body_is_read_from_its_query() -> None:
    assert wire.fields(Request("POST", "https://sayso.example/in?a=1", {}, b"")).text("a") == "1"
