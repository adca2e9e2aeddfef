"""Whatever bytes come as mail: the parser and the rules answer, the same twice, and with little.

`make faults` runs it at length (SAYSO_FUZZ_EXAMPLES).
"""

import os
from collections.abc import Callable

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consent.classify.mail_explain import explain_raw
from consent.ingest import envelope
from consent.intake.mail import ParsedMail, TooComplex, parse_mail
from consent.intake.mail_authenticity import signed, stated
from tests.consent.mail.letters import HOME, letter
from tests.consent.mail.test_attacks import ENCODINGS, INJECTIONS, OWN, texts_of
from tests.consent.mail.test_authenticity import STATED, results

EXAMPLES = int(os.environ.get("SAYSO_FUZZ_EXAMPLES", "150"))
OUTPUT_BYTES = 400_000

DSN = (
    "--b\nContent-Type: text/plain\n\nIt failed.\n--b\nContent-Type: message/delivery-status\n\n"
    "Reporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; joe@home.example\nAction: failed\nStatus: 5.1.1\n"
    "Diagnostic-Code: smtp; 550 5.1.1 no such user\n--b\nContent-Type: message/rfc822\n\n"
    "From: news@acme.example\nTo: joe@home.example\nSubject: News\n\nHello\n--b--\n"
)
ARF = (
    "--b\nContent-Type: text/plain\n\nA complaint.\n--b\nContent-Type: message/feedback-report\n\n"
    "Feedback-Type: abuse\nUser-Agent: x/1\nVersion: 1\nOriginal-Rcpt-To: joe@home.example\n"
    "--b\nContent-Type: message/rfc822\n\nTo: joe@home.example\nSubject: News\n\nHello\n--b--\n"
)
ALTERNATIVE = (
    "--b\nContent-Type: text/plain; charset=utf-8; format=flowed\n\nBitte lö­schen \nSie mich.\n"
    "--b\nContent-Type: text/html\nContent-Transfer-Encoding: quoted-printable\n\n"
    "<p>Bitte l=C3=B6schen<blockquote>Newsletter</blockquote></p>\n--b--\n"
)
SEEDS = [
    letter(HOME, "NO SNAIL MAIL"),
    letter(
        f"> On Monday, Acme wrote:\n> News\n\nunsubscribe me\n-- \nJane\n{HOME}",
        "Re: News",
        headers="Cc: a@b.example\n",
    ),
    letter(ALTERNATIVE, "=?utf-8?b?QWJtZWxkZW4=?=", content_type="multipart/alternative; boundary=b"),
    letter(DSN, "Undelivered", content_type="multipart/report; report-type=delivery-status; boundary=b"),
    letter(ARF, "FW: News", content_type="multipart/report; report-type=feedback-report; boundary=b"),
    letter("I am out of office", "Automatic reply: News", headers="Auto-Submitted: auto-replied\n"),
    *(results(value) + letter("Stop", "unsubscribe") for value, _ in STATED[:3]),
    *(field + OWN + b"\r\nunsubscribe\r\n" for field in INJECTIONS),
    *(b"From: Jane <jane@home.example>\r\n" + OWN + rest for rest in ENCODINGS.values()),
]
PIECES = [
    *(b"\r\n", b"\n", b"\r", b"\n\n", b"\n\r\n", b"--b\n", b"--b--\n", b"\x00", b"\xff", b"\xed\xa0\x80", b"=\n"),
    *(b"=?", b"?=", b"(", b")", b"<", b">", b'"', b";", b":", b",", b"@", b"&#0;", b"<!--", b"<![CDATA[", b"<script>"),
    *(b"</p>", b"> ", b">From ", b"Subject: ", b"From: a@b.example\n", b"To: ", b"Content-Type: ", b"text/html\n"),
    *(b"multipart/mixed; boundary=b\n", b"message/rfc822\n", b"Content-Transfer-Encoding: base64\n"),
    *(b"quoted-printable\n", b"charset=utf-16", b"charset=utf-7", b"charset=iso-2022-jp", b"=?utf-8?q?=0D=0A?="),
    *(b"=?utf-8*en?b?////?=", b"DKIM-Signature: v=1; d=home.example; b=a\n", b"unsubscribe", b"NO SNAIL MAIL"),
    *(HOME.encode(), b"Final-Recipient: rfc822; a@b.example\n", b"Feedback-Type: abuse\n"),
]  # fmt: skip

Mutation = Callable[[bytes], bytes]
places = st.floats(0, 1, exclude_max=True)


def _cut(at: float, length: int) -> Mutation:
    return lambda raw: raw[: int(at * len(raw))] + raw[int(at * len(raw)) + length :]


def _put(at: float, piece: bytes, times: int) -> Mutation:
    return lambda raw: raw[: int(at * len(raw))] + piece * times + raw[int(at * len(raw)) :]


def _flip(at: float, value: int) -> Mutation:
    return lambda raw: raw[: int(at * len(raw))] + bytes([value]) + raw[int(at * len(raw)) + 1 :]


def _swap(first: float, second: float) -> Mutation:
    """Exchange two lines: header fields, boundaries, whatever they are."""

    def swapped(raw: bytes) -> bytes:
        lines = raw.split(b"\n")
        one, other = int(first * len(lines)), int(second * len(lines))
        lines[one], lines[other] = lines[other], lines[one]
        return b"\n".join(lines)

    return swapped


def _nest(other: bytes, kind: str) -> Mutation:
    head = f"From: x@y.example\nContent-Type: {kind}\n\n--c\n\n".encode()
    return lambda raw: head + raw + b"\n--c\n\n" + other + b"\n--c--\n"


def _ends(line_end: bytes) -> Mutation:
    return lambda raw: raw.replace(b"\r\n", b"\n").replace(b"\n", line_end)


KINDS = ("multipart/mixed; boundary=c", "multipart/digest; boundary=c", "message/rfc822")
MUTATIONS: st.SearchStrategy[Mutation] = st.one_of(
    st.builds(_cut, places, st.integers(1, 400)),
    st.builds(_cut, places, st.just(10**9)),
    st.builds(_put, places, st.sampled_from(PIECES), st.sampled_from([1, 1, 1, 3, 70, 600])),
    st.builds(_put, places, st.binary(max_size=40), st.just(1)),
    st.builds(_flip, places, st.integers(0, 255)),
    st.builds(_swap, places, places),
    st.builds(_nest, st.sampled_from(SEEDS), st.sampled_from(KINDS)),
    st.builds(_ends, st.sampled_from([b"\r\n", b"\r", b"\n\r"])),
)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    raw = draw(st.sampled_from(SEEDS))
    for mutation in draw(st.lists(MUTATIONS, max_size=8)):
        raw = mutation(raw)
    return raw[:300_000]


AT_LENGTH = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), database=None)


@AT_LENGTH
@given(st.one_of(mutated(), st.binary(max_size=400)))
def test_whatever_comes_is_read_and_decided_the_same_twice(raw: bytes) -> None:
    answer = explain_raw(raw)
    assert explain_raw(raw) == answer
    assert len(msgspec.json.encode(answer)) < OUTPUT_BYTES
    envelope.recipients(raw)
    envelope.return_path(raw, raw[:60])
    assert stated(raw, {"mx.ours.example"}) == stated(raw, {"mx.ours.example"})
    signed(raw, lambda _: b"v=DKIM1; p=AAAA")
    read = parsed(raw)
    if read is not None:
        assert is_clean(read)


def parsed(raw: bytes) -> ParsedMail | None:
    try:
        return parse_mail(raw)
    except TooComplex:
        return None


def is_clean(mail: ParsedMail) -> bool:
    """No text that cannot be written down, no field of several lines, no more than was agreed."""
    words = (mail.text, mail.quoted, mail.signature, mail.notice)
    "".join((*texts_of(mail), *words)).encode()
    return not any(set(text) & set("\r\n\x00") for text in texts_of(mail)) and sum(map(len, words)) < OUTPUT_BYTES
