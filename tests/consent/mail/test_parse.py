"""A message turned into a value: addresses, subject, words, and whatever is broken."""

from datetime import UTC, datetime

import pytest

from consent.intake.mail import parse_mail
from tests.consent.mail.letters import letter
from tests.each import each


def test_addresses_are_as_written_but_the_sender_in_normal_form() -> None:
    mail = parse_mail(
        letter(
            to="Un <Unsubscribe+AbC@acme.example>, b@c.example", headers="Cc: d@e.example\nDelivered-To: x@y.example\n"
        )
    )
    assert mail.from_address == "jane@home.example"
    assert mail.to == ("Unsubscribe+AbC@acme.example", "b@c.example")
    assert mail.recipients == ("x@y.example", "Unsubscribe+AbC@acme.example", "b@c.example", "d@e.example")


@each(
    ("sender", "address"),
    [
        ("=?utf-8?q?J=C3=A4ne?= <jane@home.example>", "jane@home.example"),
        ('"victim@other.example" <jane@home.example>', "jane@home.example"),
        ("jane@home.example (Jane)", "jane@home.example"),
        ("undisclosed", None),
        ("", None),
        ("<>", None),
    ],
)
def test_sender(sender: str, address: str | None) -> None:
    assert parse_mail(letter(sender=sender)).from_address == address


def test_sender_field_where_from_is_missing() -> None:
    assert parse_mail(b"Sender: jane@home.example\n\nhi").from_address == "jane@home.example"


@each(
    ("raw", "subject"),
    [
        ("=?utf-8?q?=C3=BCber?= =?utf-8?q?_uns?=", "über uns"),
        ("=?utf-8?b?w7w=?=\n =?utf-8?b?w7w=?=", "üü"),
        ("=?utf-8?q?=C3?= =?utf-8?q?=BC?=", "ü"),  # one letter cut in two, which RFC 2047 forbids and programs do
        ("plain =?utf-8?q?and?= coded", "plain and coded"),
        ("=?utf-8?q?a=0D=0ABcc:_x=00?=", "a Bcc: x"),
        ("=?x-unknown?q?=C3=BC?=", "ü"),
        ("=?iso-8859-1*de?q?=FCber?=", "über"),
        ("=?utf-8?q?broken", "=?utf-8?q?broken"),
        ("=?utf-8?b?!!!?=", ""),
        ("folded\n\tover\n lines", "folded over lines"),
    ],
)
def test_subject(raw: str, subject: str) -> None:
    assert parse_mail(letter(subject=raw)).subject == subject


def test_subject_of_raw_eight_bit() -> None:
    assert parse_mail("Subject: über\n\n".encode("latin-1")).subject == "über"
    assert parse_mail("Subject: über\n\n".encode()).subject == "über"


@each(
    ("charset", "data", "text"),
    [
        ("utf-8", "größe".encode(), "größe"),
        ("iso-8859-1", "größe €".encode("cp1252"), "größe €"),
        ("us-ascii", "größe".encode("latin-1"), "größe"),
        ("no-such-charset", "größe".encode(), "größe"),
        ("punycode", b"plain", "plain"),
        ("iso-2022-jp", "日本".encode("iso-2022-jp"), "日本"),
        ("utf-8", b"a\x00b", "ab"),
    ],
)
def test_charset(charset: str, data: bytes, text: str) -> None:
    assert parse_mail(f"Content-Type: text/plain; charset={charset}\n\n".encode() + data).text == text


@pytest.mark.parametrize(
    ("encoding", "body", "text"),
    [
        ("quoted-printable", b"gr=C3=B6=\n=C3=9Fe =3D", "größe ="),
        ("base64", b"Z3LD\n9nv9", None),
        ("base64", b"aGVsbG8", "hello"),
        ("8bit", b"hello", "hello"),
        ("nonsense", b"hello", "hello"),
    ],
)
def test_transfer_encoding(encoding: str, body: bytes, text: str | None) -> None:
    raw = f"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: {encoding}\n\n".encode() + body
    assert text is None or parse_mail(raw).text == text


def _alternative(plain: str, rich: str) -> bytes:
    parts = f"--b\nContent-Type: text/plain\n\n{plain}\n--b\nContent-Type: text/html\n\n{rich}\n--b--\n"
    return f"Content-Type: multipart/alternative; boundary=b\n\n{parts}".encode()


@pytest.mark.parametrize(
    ("plain", "rich", "text"),
    [
        ("words", "<p>other</p>", "words"),
        ("<see html>", "<p>words</p>", "words"),
        ("", "<p>words</p>", "words"),
        ("Your mail program does not support HTML.", "words", "words"),
    ],
)
def test_plain_before_html(plain: str, rich: str, text: str) -> None:
    assert parse_mail(_alternative(plain, rich)).text == text


def test_attachments_and_forwarded_messages_are_not_the_persons_words() -> None:
    parts = (
        "--b\n\nwords\n--b\nContent-Type: text/plain\nContent-Disposition: attachment\n\nSTOP\n"
        "--b\nContent-Type: message/rfc822\n\nSubject: x\n\nSTOP\n--b--"
    )
    mail = parse_mail(f"Content-Type: multipart/mixed; boundary=b\n\n{parts}".encode())
    assert (mail.text, mail.attachments, mail.returned) == ("words", 1, ({"subject": "x"},))


def test_flowed_lines_are_joined() -> None:
    raw = b"Content-Type: text/plain; format=flowed\n\nplease take me \noff your list\n-- \nme"
    assert parse_mail(raw).text == "please take me off your list"


@pytest.mark.parametrize(
    ("raw", "date"),
    [
        ("Tue, 06 Oct 2026 10:00:00 -0500", datetime(2026, 10, 6, 15, tzinfo=UTC)),
        ("Tue, 06 Oct 2026 10:00:00 -0000", datetime(2026, 10, 6, 10, tzinfo=UTC)),
        ("yesterday", None),
        ("Tue, 99 Oct 99999 10:00:00 +9999", None),
        ("", None),
    ],
)
def test_date(raw: str, date: datetime | None) -> None:
    assert parse_mail(f"Date: {raw}\n\n".encode()).date == date


@each(
    "raw",
    [
        b"",
        b"\n\n\n",
        b"\x00\xff\xfe" * 50,
        b"no header at all",
        b"From jane Mon Jan  1\nSubject: mbox\n\nbody",
        b"Subject: x\nbroken line\nTo: a@b.example\n\nbody",
        b"Content-Type: multipart/mixed; boundary=\n\n--\nx",
        b"Content-Type: multipart/mixed; boundary=b\n\n--b",
        b"Content-Type: multipart/mixed\n\n--b\n\nx\n--b--",
        b"Content-Type: /;;;=\n\nx",
        b"Content-Type: text/plain; charset*=''%\n\nx",
        b"From: \xff\xfe@\xff\nTo: \xe9\nDate: \xff\n\n\xff",
        b'From: a@[b\nTo: <a@b>, "c\nSubject: =?utf-8?b?////?=\n\nx',
        b"Subject: a\rFrom: b@c.example\r\rbody",
    ],
)
def test_broken_messages_are_read(raw: bytes) -> None:
    assert parse_mail(raw).raw == raw


def test_headers_that_matter() -> None:
    mail = parse_mail(letter(headers="Auto-Submitted: No\nMessage-ID: <1@x>\nIn-Reply-To: <0@x>\nX-Other: y\n"))
    assert (mail.header("auto-submitted"), mail.header("precedence")) == ("no", "")
    assert (mail.message_id, mail.in_reply_to) == ("<1@x>", "<0@x>")
