"""MIME bombs: little time, and `TooComplex` where a message exceeds what we read. That they take little memory is shown
by test_attacks.py.
"""

import time

import pytest

from consent.classify.mail_explain import explain_raw
from consent.intake.mail import TooComplex, parse_mail
from tests.each import each

HEAD = b"From: a@x.example\nTo: unsubscribe@x.example\n"
HTML = HEAD + b"Content-Type: text/html\n\n"
SECONDS = 4  # of the processor; each takes a fraction of it


def nested(levels: int) -> bytes:
    opening = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (i, i) for i in range(levels))
    return HEAD + opening + b"\nhello" + b"".join(b"\n--b%d--\n" % i for i in reversed(range(levels)))


REFUSED = {
    "encoded words": HEAD + b"Subject: " + b"=?utf-8?q?a?= " * 400 + b"\n\nx",
    "112 KB encoded word subject": HEAD + b"Subject: " + b"=?utf-8?q?a?= " * 8_000 + b"\n\nx",
    "nested parts": nested(1_000),
    "nested messages": HEAD + b"Content-Type: message/rfc822\n\n" * 1_000,
    "parentheses": b"From: " + b"(" * 500 + b"a@b.example\n\nx",
    "groups": b"To: " + b"a:" * 500 + b"\n\nx",
    "header bomb": b"X-A: b\n" * 100_000 + b"\nx",
    "short header bomb": b"X: b\n" * 2_000 + b"\nx",
    "header of 10 MB": b"Subject: " + b"a" * 10_000_000,
    "many parts": HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\n" * 500_000,
    "false boundaries": HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--bx\n" * 500_000,
    "recipients": HEAD + b"Content-Type: message/delivery-status\n\n" + b"Final-Recipient: x;a@b.c\n\n" * 20_000,
}
READ = {
    "line of 10 MB": HEAD + b"\n" + b"a" * 10_000_000,
    "blank lines": HEAD + b"\n" + b"\n" * 5_000_000,
    "quoted lines": HEAD + b"\n" + b"> a\n" * 1_000_000,
    "blank delivery status": HEAD + b"Content-Type: message/delivery-status\n\n" + b"\n" * 5_000_000,
    "deep HTML": HTML + b"<div><blockquote>" * 300_000 + b"x",
    "open tags": HTML + b"<" * 3_000_000,
    "open scripts": HTML + b"<script" * 300_000,
    "false heads": HTML + b"<header" * 50_000,
    "entities": HTML + b"&#" + b"9" * 300_000,
    "base64": HEAD + b"Content-Transfer-Encoding: base64\n\n" + b"QUFB" * 2_000_000,
    "punycode": HEAD + b"Content-Type: text/plain; charset=punycode\n\n" + b"a-b" * 100_000,
    "content type": HEAD + b"Content-Type: text/plain;" + b'";' * 30_000 + b"\n\nx",
    "quotes in an address": b"From: " + b'"\\' * 30_000 + b"\n\nx",
    "addresses": b"To: " + b"a@b," * 15_000 + b"\n\nx",
    "attributions": HEAD + b"\n" + b"On Mon wrote:\n" * 100_000,
    "requests": HEAD + b"\n" + b"remove take no stop from " * 10_000,
    "postal addresses": HEAD + b"Subject: NO SNAIL MAIL\n\n" + b"Jane Roe\n102 Main St\nReno NV 89501\n" * 3_000,
    "labels": HEAD + b"Subject: NO SNAIL MAIL\n\n" + b"Name: Address: ZIP: " * 5_000,
    "bounce": b"From: MAILER-DAEMON\nSubject: Undelivered\n\nThe following addresses failed:\n" + b"a@b.c\n" * 200_000,
}


def measure(raw: bytes) -> str:
    explain_raw(HEAD + b"\nWhat is first read loads and compiles things.")
    start = time.thread_time()
    row = str(explain_raw(raw)["row"])
    assert time.thread_time() - start < SECONDS
    return row


@each("raw", REFUSED.values())
def test_refused(raw: bytes) -> None:
    assert measure(raw).startswith("too_complex.")
    with pytest.raises(TooComplex):
        parse_mail(raw)


@each("raw", READ.values())
def test_read(raw: bytes) -> None:
    assert not measure(raw).startswith("too_complex.")


def test_ordinary_structure_is_within_the_limits() -> None:
    assert parse_mail(nested(15)).text == "hello"
    people = b", ".join(b"person%d@some.example" % number for number in range(1_000))
    assert len(parse_mail(b"To: " + people + b"\n\nx").to) == 1_000


def test_what_is_refused_goes_to_a_person() -> None:
    answer = explain_raw(nested(1_000))
    assert (answer["email"], answer["post"], answer["row"]) == ("review", "review", "too_complex.nesting_of_parts")


def test_a_text_that_is_cut_goes_to_a_person() -> None:
    assert explain_raw(b"To: hello@acme.example\n\n" + b"some words " * 20_000)["row"] == "text.cut"
