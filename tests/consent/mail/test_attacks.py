"""What hostile mail may do: nothing. A table a kind of attack; bombs are in test_limits.py, forgeries of proofs in
test_authenticity.py."""

import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from consent import mailbox, pipeline
from consent.classify.mail_explain import explain_raw
from consent.contents import contents_of
from consent.ingest import envelope
from consent.intake.mail import ParsedMail, parse_mail
from consent.models import ConsentEvent, Hold, Inbound
from tests.consent.core.example import MAILBOX, Organisation, ask, key_of, make_organisation
from tests.consent.mail.confined import messages
from tests.consent.mail.letters import letter

ROOT = Path(__file__).resolve().parents[3]
BREAKS = "\r\n\x00\x0b\x0c\x85\u2028\u2029"
OWN = b"To: unsubscribe@acme.example\r\n"

# header fields that would add others, if their line breaks survived decoding
INJECTIONS = [
    b"Subject: =?utf-8?q?unsubscribe=0D=0ABcc:_all@x.example?=\r\n",
    b"Subject: =?utf-8?b?dW5zdWJzY3JpYmUNCkJjYzogYWxsQHguZXhhbXBsZQ==?=\r\n",
    b"Subject: =?utf-8?q?unsubscribe=0D?=\r\n =?utf-8?q?=0ABcc:_all@x.example?=\r\n",
    b"Subject: =?utf-16?b?//51AG4ADQAKAEIAYwBjADoA?=\r\n",
    b"Subject: =?utf-8?q?unsubscribe=E2=80=A8Bcc:_x=C2=85Bcc:_y=00?=\r\n",
    b"Subject: unsubscribe\x00\x0b\x0cBcc: all@x.example\r\n",
    b"Subject: =?iso-2022-jp?q?=1B$B=1B(B=0D=0ABcc:?=\r\n",
    b"From: =?utf-8?q?Jane=0D=0ABcc:_all@x.example?= <jane@home.example>\r\n",
    b'From: "Jane\r\n Bcc: all"@home.example\r\n',
    b"From: =?utf-8?q?jane=0D=0A@home.example?=\r\n",
    b"Message-ID: =?utf-8?q?=3Ca=0D=0ABcc:_b=3E?=\r\n",
    b"In-Reply-To: <a@b.example>\r\nReturn-Path: <=?utf-8?q?a=0Db?=@x.example>\r\n",
    b"To: =?utf-8?q?unsubscribe=0A?=@acme.example, <a\x00b@x.example>\r\n",
]
# bytes that are no text, or another one than they say
ENCODINGS = {
    "unknown character set": b"Content-Type: text/plain; charset=x-no-such\r\n\r\nunsubscribe \xff\xfe",
    "a codec that is none": b"Content-Type: text/plain; charset=rot13\r\n\r\nhafhofpevor",
    "a codec of bytes": b"Content-Type: text/plain; charset=zlib\r\n\r\nunsubscribe",
    "lone surrogates": b"Content-Type: text/plain; charset=utf-16\r\n\r\n\x00\xd8\x00\xdc\x00\xd8u\x00n\x00",
    "surrogates in UTF-8": b"Content-Type: text/plain; charset=utf-8\r\n\r\nunsubscribe \xed\xa0\x80",
    "surrogates in UTF-7": b"Content-Type: text/plain; charset=utf-7\r\n\r\n+2AA-unsubscribe",
    "NUL": b"Content-Type: text/plain\r\n\r\nunsub\x00scribe\x00",
    "8-bit header": b"X-Name: \xe9\xff\r\nContent-Type: text/pl\xe9in; ch\xe9rset=\xff\r\n\r\nunsubscribe",
    "broken base64": b"Content-Transfer-Encoding: base64\r\n\r\ndW5zdWJzY3JpYmU=====\x00!!",
    "broken quoted-printable": b"Content-Transfer-Encoding: quoted-printable\r\n\r\nunsubscribe =ZZ ==0 =\r\n=",
    "unknown transfer encoding": b"Content-Transfer-Encoding: x-uuencode\r\n\r\nunsubscribe",
    "RFC 2231 nonsense": b"Content-Type: text/plain; charset*0*=utf-8'%ff; charset*9999999999*=x\r\n\r\nunsubscribe",
    "bare CR": b"\r\runsubscribe\r\r",
    "boundary of bytes": b'Content-Type: multipart/mixed; boundary="\xff\x00"\r\n\r\n--\xff\x00\r\n\r\nunsubscribe',
    "no header end": b"unsubscribe",
    "nothing": b"",
}


def texts_of(mail: ParsedMail) -> list[str]:
    """Every text of a header field in a message as read."""
    plain = (mail.from_address or "", mail.from_raw, mail.subject, mail.message_id, mail.in_reply_to)
    return [*plain, *mail.recipients, *mail.headers.values()]


def test_no_decoded_field_can_bring_in_another_one() -> None:
    raws = [field + OWN + b"\r\nunsubscribe\r\n" for field in INJECTIONS]
    found = [(raw[:60], text) for raw in raws for text in texts_of(parse_mail(raw)) if set(text) & set(BREAKS)]
    assert found == []
    assert [one for raw in raws for one in envelope.recipients(raw) if set(one) & set(BREAKS)] == []


def test_every_text_can_be_written_down_whatever_the_bytes_were() -> None:
    wrong = []
    for name, rest in ENCODINGS.items():
        raw = b"From: Jane <jane@home.example>\r\n" + OWN + rest
        mail = parse_mail(raw)
        texts = (*texts_of(mail), mail.text, mail.notice, mail.quoted, mail.signature)
        wrong += [(name, text) for text in texts if "\x00" in text or text != text.encode("utf-8", "replace").decode()]
    assert wrong == []


def test_memory_is_bounded_beyond_the_message_itself() -> None:
    """A child that may take 24 MB more than the message in its hands reads every bomb, and letters of 40 MB."""
    command = [sys.executable, "-m", "tests.consent.mail.confined"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=280)
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    assert (done.returncode, [name for name, _, _ in rows]) == (0, [name for name, _ in messages()]), done.stderr[-800:]
    large = {name: row for name, size, row in rows if int(size) > 39_000_000}
    assert len(large) == 5
    assert {large["attachment in lines"], large["attachment in one line"]} == {explain_raw(small())["row"]}


def small() -> bytes:
    """The letter with the attachments, without them."""
    return OWN + b"Subject: NO SNAIL MAIL\n\nunsubscribe\n"


@pytest.fixture
def organisation(db: None) -> Organisation:
    return make_organisation()


def taken(raw: bytes, mail_from: str = "") -> Inbound:
    [accepted] = mailbox.accept_mail(raw, mail_from, [MAILBOX])
    pipeline.drain()
    return Inbound.objects.get(pk=accepted.id)


def test_whatever_comes_is_worked_off_and_shown(organisation: Organisation, caplog: pytest.LogCaptureFixture) -> None:
    """Nothing of it is set aside or tried again, staff can open all of it, and no word of it is in a log."""
    raws = [field + OWN + b"\r\nunsubscribe\r\n" for field in INJECTIONS]
    raws += [b"From: Jane <jane@home.example>\r\n" + OWN + rest for rest in ENCODINGS.values()]
    rows = [taken(raw, "a\x7fb@home.example") for raw in raws]
    assert {row.state for row in rows} <= {"done", "review"}
    assert [contents_of(row).problem for row in rows] == [""] * len(rows)
    logged = caplog.text.casefold()
    assert not any(word in logged for word in ("jane", "bcc", "x.example", "home.example"))


def test_a_forged_sender_can_say_no_for_one_address_and_nothing_else(organisation: Organisation) -> None:
    """Spoofed: it counts, for the From alone; the envelope's, Reply-To's and Sender's addresses are left in peace."""
    others = "Sender: boss@home.example\nReply-To: reply@home.example\nX-Original-From: other@home.example\n"
    taken(letter(subject="unsubscribe", to=MAILBOX, headers=others), "bounce@home.example")
    addresses = ("jane@home.example", "boss@home.example", "reply@home.example", "other@home.example")
    allowed = [
        ask(organisation, "offers", [key_of("email", one)]).allowed for one in (*addresses, "bounce@home.example")
    ]
    assert allowed == [False, True, True, True, True]


def test_what_comes_back_in_a_loop_asks_nothing_and_is_kept_once(organisation: Organisation) -> None:
    own = "Auto-Submitted: auto-replied\nMessage-ID: <answer@acme.example>\n"
    answer = letter(
        "You are unsubscribed.", "Re: unsubscribe", to=MAILBOX, headers=own, sender="Acme <news@acme.example>"
    )
    hops = b"".join(
        b"Received: from a by b with SMTP id %d\nDelivered-To: %s\n" % (n, MAILBOX.encode()) for n in range(60)
    )
    first, again = taken(answer), taken(hops + answer)
    assert (first.outcome, again.pk) == ("none", first.pk)
    assert not ConsentEvent.objects.exists()
    assert not Hold.objects.exists()
    asked = letter("Please.", "unsubscribe", to=MAILBOX, headers="Message-ID: <1@home.example>\n")
    first, again = taken(hops + asked), taken(hops + hops + asked)
    assert (first.outcome, again.pk) == ("opt_out", first.pk)
    assert ConsentEvent.objects.filter(key=key_of("email", "jane@home.example")).count() == 1


def test_an_answer_of_ours_quoted_by_a_program_is_no_request() -> None:
    """What the automatic replies of others quote of ours."""
    for sign in ("Auto-Submitted: auto-generated\n", "Precedence: bulk\n", "X-Auto-Response-Suppress: All\n"):
        decision = explain_raw(letter("> unsubscribe\nunsubscribe", "unsubscribe", to=MAILBOX, headers=sign))
        assert msgspec.json.encode(decision)
