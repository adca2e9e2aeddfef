"""Mail that a provider hands on: whole or in parts, for our mailboxes alone."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from email import message_from_bytes
from typing import Any
from urllib.parse import urlencode

import pytest

from consent import pipeline
from consent.inbox import open_envelope
from consent.intake.mail import parse_mail
from consent.intake.mail_inbound import READERS, assemble
from consent.models import Inbound
from tests.consent.core.doors import letter
from tests.consent.core.example import MAILBOX, Organisation, ask, key_of
from tests.consent.esp import posts
from tests.consent.esp.conftest import Send
from tests.consent.esp.posts import ESPS, KEY, Post
from tests.each import each

pytestmark = pytest.mark.django_db
ANN = "ann.lee@example.com"
MIME = letter("unsubscribe", "Please take me off your e-mail list.").decode()
HEADERS = {"From": f"Ann Lee <{ANN}>", "To": MAILBOX, "Subject": "unsubscribe", "Message-ID": "<1@mail.example.com>"}
TEXT = "Please take me off your e-mail list."


def mailgun(**fields: str) -> Post:
    stamp, token = str(int(time.time())), "d" * 50
    signature = hmac.new(KEY.encode(), f"{stamp}{token}".encode(), hashlib.sha256).hexdigest()
    form = {"timestamp": stamp, "token": token, "signature": signature, "recipient": MAILBOX, "sender": ANN, **fields}
    return Post(urlencode(form).encode(), {}, posts.FORM)


def mandrill(raw: str) -> Post:
    value = json.dumps([{"event": "inbound", "msg": {"raw_msg": raw, "email": MAILBOX}}])
    signed = f"{posts.ORIGIN}/webhooks/email/mandrill/acme/inboundmandrill_events{value}"
    signature = base64.b64encode(hmac.new(KEY.encode(), signed.encode(), hashlib.sha1).digest()).decode()
    return Post(urlencode({"mandrill_events": value}).encode(), {"X-Mandrill-Signature": signature}, posts.FORM)


def sparkpost(raw: str, to: str = MAILBOX) -> Any:
    content = {"email_rfc822": base64.b64encode(raw.encode()).decode(), "email_rfc822_is_base64": True}
    return {"msys": {"relay_message": {"content": content, "msg_from": ANN, "rcpt_to": to}}}


def mailersend(raw: str) -> Any:
    data = {"raw": raw, "sender": {"email": ANN}, "recipients": {"rcptTo": [{"email": MAILBOX}]}}
    return {"type": "inbound.message", "data": data}


def postmark(**more: Any) -> Any:
    headers = [{"Name": "Return-Path", "Value": f"<{ANN}>"}, {"Name": "Message-ID", "Value": HEADERS["Message-ID"]}]
    return {
        "OriginalRecipient": MAILBOX,
        "Headers": headers,
        "From": HEADERS["From"],
        "To": MAILBOX,
        "Subject": "unsubscribe",
        **more,
    }


def sendgrid(**fields: bytes) -> Post:
    """A form of parts, signed over all its bytes."""
    envelope = json.dumps({"to": [MAILBOX], "from": ANN}).encode()
    parts = [
        f'--xYz\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode() + value + b"\r\n"
        for name, value in {"envelope": envelope, "subject": b"x", **fields}.items()
    ]
    return posts.sendgrid_signed(b"".join(parts) + b"--xYz--\r\n", "multipart/form-data; boundary=xYz")


def sendgrid_parts(text: str, charset: str) -> Post:
    headers = "".join(f"{name}: {value}\n" for name, value in HEADERS.items()).encode()
    return sendgrid(headers=headers, text=text.encode(charset), charsets=json.dumps({"text": charset}).encode())


WHOLE: dict[str, Callable[[], Post]] = {
    "mailersend": lambda: ESPS["mailersend"].post(mailersend(MIME)),
    "mailgun": lambda: mailgun(**{"body-mime": MIME}),
    "mandrill": lambda: mandrill(MIME),
    "postal": lambda: ESPS["postal"].post({"message": MIME, "mail_from": ANN, "rcpt_to": MAILBOX}),
    "postmark": lambda: ESPS["postmark"].post(postmark(RawEmail=MIME)),
    "sendgrid": lambda: sendgrid(email=MIME.encode()),
    "sparkpost": lambda: ESPS["sparkpost"].post(sparkpost(MIME)),
}
PARTS: dict[str, Callable[[], Post]] = {
    "brevo": lambda: ESPS["brevo"].post(
        {"items": [{"Headers": HEADERS, "RawTextBody": TEXT, "Recipients": [MAILBOX], "Attachments": []}]}
    ),
    "mailgun": lambda: mailgun(**{"message-headers": json.dumps(list(HEADERS.items())), "body-plain": TEXT}),
    "mailjet": lambda: _mailjet({"Headers": HEADERS, "Text-part": TEXT, "Sender": ANN, "Recipient": MAILBOX}),
    "postmark": lambda: ESPS["postmark"].post(postmark(TextBody=TEXT)),
    "sendgrid": lambda: sendgrid_parts(TEXT, "utf-8"),
}


def _mailjet(event: Any) -> Post:
    return ESPS["mailjet"].post()._replace(body=json.dumps(event).encode())


def inbound_of(name: str) -> str:
    return f"/webhooks/email/{name}/acme/inbound"


@pytest.mark.parametrize(("name", "make"), [*WHOLE.items(), *PARTS.items()])
def test_a_request_by_mail(name: str, make: Callable[[], Post], send: Send, organisation: Organisation) -> None:
    assert [send(name, make(), inbound_of(name)).status_code for _ in range(2)] == [200, 200]
    row = Inbound.objects.get()
    assert (row.source, row.endpoint, row.controller) == ("mail", MAILBOX, organisation.acme)
    verdict = ask(organisation, "offers", [key_of("email", ANN)])
    assert verdict.reason == "held"
    pipeline.drain()
    assert ask(organisation, "offers", [key_of("email", ANN)]).reason == "opted_out"


@pytest.mark.parametrize("name", sorted(WHOLE))
def test_a_whole_message_is_kept_to_the_byte(name: str, send: Send) -> None:
    send(name, WHOLE[name](), inbound_of(name))
    assert open_envelope(Inbound.objects.get().sealed_raw or b"").body == MIME.encode()


@each(("name", "make"), [*WHOLE.items(), *PARTS.items()])
def test_without_its_proof_nothing_is_taken(name: str, make: Callable[[], Post], send: Send) -> None:
    post = make()._replace(headers={})
    if name == "mailgun":
        post = post._replace(body=post.body.replace(b"dddd", b"eeee", 1))
    assert send(name, post, inbound_of(name)).status_code == 403
    assert not Inbound.objects.exists()


@each("name", sorted(set(READERS) - {"amazon_ses", "mailgun", "mandrill"}))
@each("event", [{}, [], None, 7, "x", {"items": [{}]}, {"data": 7}, {"msys": {}}, {"Headers": 7}])
def test_what_cannot_be_read_is_refused(name: str, event: Any, send: Send) -> None:
    assert send(name, ESPS[name].post(event), inbound_of(name)).status_code == 400
    assert not Inbound.objects.exists()


def test_each_field_of_a_form_is_in_its_own_encoding(send: Send) -> None:
    """Bytes of a raw message in a third character set are kept as they came."""
    raw = MIME.encode() + "Grüße".encode("cp1252")
    assert send("sendgrid", sendgrid(email=raw), inbound_of("sendgrid")).status_code == 200
    assert open_envelope(Inbound.objects.get().sealed_raw or b"").body == raw
    send("sendgrid", sendgrid_parts("Bitte löschen Sie mich. Grüße", "iso-8859-1"), inbound_of("sendgrid"))
    body = open_envelope(Inbound.objects.latest("id").sealed_raw or b"").body
    assert parse_mail(body).text == "Bitte löschen Sie mich. Grüße"


def test_mail_for_somebody_else_is_refused(send: Send) -> None:
    post = ESPS["sparkpost"].post(sparkpost(MIME, "somebody@else.example"))
    assert send("sparkpost", post, inbound_of("sparkpost")).status_code == 400


def test_a_message_that_cannot_be_read_costs_its_neighbour_nothing(send: Send) -> None:
    post = ESPS["sparkpost"].post(sparkpost(MIME), {"msys": {"relay_message": {}}})
    assert send("sparkpost", post, inbound_of("sparkpost")).status_code == 200
    pipeline.drain()
    assert sorted(Inbound.objects.values_list("source", "outcome")) == [
        ("esp:sparkpost", "review"),
        ("mail", "opt_out"),
    ]


def test_a_provider_that_receives_no_mail_is_not_there(send: Send) -> None:
    assert send("unisender_go", ESPS["unisender_go"].post({}), inbound_of("unisender_go")).status_code == 404


def test_no_header_brings_in_another_one() -> None:
    hostile = [("Subject", "hi\r\nBcc: all@example.org"), ("X: y\r\nEvil", "1"), ("Content-Type", "text/html")]
    made = message_from_bytes(assemble(hostile, "a --parts-- b", "<p>é</p>"))
    assert sorted(made.keys()) == ["Content-Type", "MIME-Version", "Subject"]
    assert [part.get_content_type() for part in made.walk()] == ["multipart/alternative", "text/plain", "text/html"]
