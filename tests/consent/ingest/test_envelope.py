"""To whom a stored message was sent, and by whom."""

import pytest

from consent.ingest.envelope import has_header, recipients, return_path
from tests.each import each


@each(
    ("head", "expected"),
    [
        ("To: a@x.example, B <b@x.example>\nCc: c@x.example", ("a@x.example", "b@x.example", "c@x.example")),
        ("Delivered-To: a@x.example\nTo: list@y.example", ("a@x.example", "list@y.example")),
        ("X-Original-To: a@x.example", ("a@x.example",)),
        ("Envelope-To: a@x.example", ("a@x.example",)),
        ("TO:\n A\n <a@x.example>", ("a@x.example",)),
        ("X-To: a@x.example\nSubject: To: b@x.example", ()),
        ('To: "a@x.example" <b@x.example>', ("b@x.example",)),
        (f"To: {'(' * 90} a@x.example", ("a@x.example",)),
        (f"X-Large: {'x' * 100_000}\nTo: a@x.example", ("a@x.example",)),
        (f"Cc: {'c@y.example, ' * 9_000}\nTo: a@x.example", ("c@y.example", "a@x.example")),
        ("Subject: x\n\nTo: a@x.example", ()),
        ("\n\nTo: a@x.example", ("a@x.example",)),
    ],
)
@each("line_end", ["\n", "\r\n"])
def test_recipients(head: str, expected: tuple[str, ...], line_end: str) -> None:
    found = recipients(f"{head}\n\nbody".replace("\n", line_end).encode())
    assert tuple(dict.fromkeys(found)) == expected


@pytest.mark.parametrize(
    ("head", "from_line", "expected"),
    [
        ("Return-Path: <a@x.example>", "From b@x.example Tue Mar", "a@x.example"),
        ("Return-Path: <>", "", ""),
        ("From: a@x.example", "From b@x.example Tue Mar", "b@x.example"),
        ("From: a@x.example", "From MAILER-DAEMON Tue Mar", ""),
        ("From: a@x.example", "", ""),
    ],
)
def test_return_path(head: str, from_line: str, expected: str) -> None:
    assert return_path(f"{head}\n\n".encode(), from_line.encode()) == expected


def test_what_is_no_message() -> None:
    assert has_header(b"Subject: x\n\n")
    assert has_header(b"\xef\xbb\xbfSubject: x\nFrom: y\n\n")
    assert not has_header(b"\x1f\x8b\x08\x00\x00\x00")
    assert not has_header(b"hello\nthere\n\nSubject: x\n")
    assert not has_header(b"")
