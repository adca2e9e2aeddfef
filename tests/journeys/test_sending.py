"""A sender's own programs, the files of docs/examples, against a running Sayso: who gets a copy, and who gets none."""

import json
import smtplib
import subprocess
import sys
from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import EmailMultiAlternatives
from pytest_django.fixtures import Settings
from sayso_sender import Outgoing, Sayso, SaysoError, check_and_stamp

from tests.instance import ROOT, Instance, new_address
from tests.journeys.sink import Sink
from tests.journeys.sink import back as back
from tests.journeys.talk import free_address

SCRIPT = ROOT / "docs" / "examples" / "postfix_stamp.py"
NEWS = "news@acme.example"


@pytest.fixture
def sayso(running: Instance) -> Sayso:
    return Sayso(running.url, running.values["SAYSO_API_KEY"], timeout=60.0)


def refused(running: Instance, topic: str = "offers") -> str:
    """The address of somebody who said no this moment."""
    address = new_address()
    running.tell("email", address, "opt_out", topic)
    return address


def message(*to: str, text: str = "Hello", **fields: str) -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = NEWS, ", ".join(to), "Frühling"
    for name, value in fields.items():
        made[name.replace("_", "-")] = value
    made.set_content(text)
    return made


def sent(one: Outgoing) -> Message:
    """As a mail server gets it, and a mail program reads it that knows nothing of Python's ways."""
    assert one.message is not None
    return message_from_bytes(one.message.as_bytes(), policy=policy.compat32)


def one_click(running: Instance, field: str) -> int:
    url = field.partition("<")[2].partition(">")[0]
    assert url.startswith(f"{running.url}/u/")
    return running.outside.post(url.removeprefix(running.url), data={"List-Unsubscribe": "One-Click"}).status_code


def test_each_gets_a_copy_of_their_own_and_who_said_no_gets_none(running: Instance, sayso: Sayso) -> None:
    ann, bob, no = new_address(), new_address(), refused(running)
    running.eventually("email", no, "offers", reason="opted_out")
    made = message(f"Ann Lee <{ann}>", no, Cc=bob, Bcc=f"{ann}, bad")
    copies = list(check_and_stamp(made, "offers", sayso, campaign="spring"))
    assert [(one.recipient, one.reason) for one in copies] == [
        (ann, "opt_out_basis"),
        (no, "opted_out"),
        (bob, "opt_out_basis"),
        ("bad", "invalid_address"),
    ]
    assert [one.message is not None for one in copies] == [True, False, True, False]
    for one in (copies[0], copies[2]):
        copy = sent(one)
        assert copy["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert (copy["Bcc"], copy["Cc"]) == (None, bob)
        assert len(copy["X-Sayso-Id"]) == 56
        assert "=?" not in copy["List-Unsubscribe"]
    assert made["List-Unsubscribe"] is None
    assert one_click(running, sent(copies[0])["List-Unsubscribe"]) == 200
    assert [one.message for one in check_and_stamp(made, "offers", sayso, recipients=[ann])] == [None]
    assert running.check("email", bob, "offers")["allowed"] is True


def test_a_service_message_reaches_who_refuses_offers(running: Instance, sayso: Sayso) -> None:
    no = refused(running, "*")
    running.eventually("email", no, "offers", reason="opted_out")
    [one] = check_and_stamp(message(no), "service", sayso)
    assert (one.reason, one.message is not None) == ("service", True)


def test_the_links_stand_where_the_text_names_them(sayso: Sayso) -> None:
    made = message(new_address(), text="Grüße!\n\nStop: {{unsubscribe_url}}\nChoose: {{ preferences_url }}\n")
    made.add_alternative('<p>ü <a href="%7B%7Bunsubscribe_url%7d%7d">Stop</a></p>', subtype="html")
    made.add_attachment("{{unsubscribe_url}}", filename="as-it-is.txt")
    [one] = check_and_stamp(made, "offers", sayso)
    copy: Any = one.message
    plain, html = (copy.get_body((kind,)).get_content() for kind in ("plain", "html"))
    url = copy["List-Unsubscribe"].partition("<")[2].partition(">")[0]
    preferences = url.replace("/u/", "/preferences/")
    assert plain == f"Grüße!\n\nStop: {url}\nChoose: {preferences}\n"
    assert html.rstrip() == f'<p>ü <a href="{url}">Stop</a></p>'
    [attached] = copy.iter_attachments()
    assert attached.get_content().rstrip() == "{{unsubscribe_url}}"


def test_messages_of_the_older_kind_and_odd_bodies_pass_unharmed(sayso: Sayso) -> None:
    to = new_address()
    old = MIMEMultipart("alternative")
    old["From"], old["To"], old["X-Sayso-Topic"] = NEWS, to, "offers"
    old.attach(MIMEText("From here on: {{unsubscribe_url}}", "plain", "utf-8"))
    signed = (
        f"From: {NEWS}\nTo: {to}\nBcc: {to}\nList-Unsubscribe: <mailto:old@acme.example>\n"
        "Content-Type: multipart/signed; boundary=b\n\n--b\n\nFrom me\n{{unsubscribe_url}}\n--b\n\nsig\n--b--\n"
    )
    latin = f"From: {NEWS}\nTo: {to}\nContent-Type: text/plain\n\n".encode() + b"caf\xe9 {{unsubscribe_url}}\n"
    copies = [
        sent(one) for made in (old, message_from_bytes(signed.encode()), message_from_bytes(latin))
        for one in check_and_stamp(made, "offers", sayso)
    ]  # fmt: skip
    part: Any = copies[0].get_payload(0)
    assert part.get_payload(decode=True).decode().startswith("From here on: http")
    assert copies[0]["X-Sayso-Topic"] is None
    assert "\nFrom me\n{{unsubscribe_url}}\n" in copies[1].as_string()
    assert copies[1].get_all("List-Unsubscribe", [])[0].startswith("<http")
    assert copies[2].get_payload(decode=True) == b"caf\xe9 {{unsubscribe_url}}\n"


@pytest.mark.parametrize("topic", ["weather", ""])
def test_an_unknown_topic_sends_nothing(sayso: Sayso, topic: str) -> None:
    with pytest.raises(SaysoError, match="unknown_topic") as caught:
        check_and_stamp(message(new_address()), topic, sayso)
    assert not caught.value.temporary


def test_without_the_service_or_its_trust_nothing_is_sent(running: Instance) -> None:
    for url, key in ((f"http://{free_address()}", "x"), (running.url, "no key"), (f"{running.url}/nowhere", "x")):
        with pytest.raises(SaysoError):
            check_and_stamp(message(new_address()), "offers", Sayso(url, key))
    with pytest.raises(ValueError, match="https"):
        Sayso("file:///etc/passwd", "x")


# --- Django ---


@pytest.fixture
def django(running: Instance, settings: Settings) -> Settings:
    settings.EMAIL_BACKEND = "sayso_django.SaysoEmailBackend"
    settings.SAYSO_EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.SAYSO_URL, settings.SAYSO_API_KEY = running.url, running.values["SAYSO_API_KEY"]
    settings.SAYSO_TIMEOUT = 60.0
    mail.outbox = []
    return settings


def test_django_sends_one_copy_a_recipient_and_none_to_who_refuses(running: Instance, django: Settings) -> None:
    ann, bob, no = new_address(), new_address(), refused(running)
    made = EmailMultiAlternatives(
        "Frühling", "Stop: {{unsubscribe_url}}", NEWS, [f"Ann <{ann}>", no], cc=[bob], bcc=[ann],
        headers={"x-sayso-TOPIC": "offers", "X-Sayso-Campaign": "spring", "X-Own": "1"},
    )  # fmt: skip
    made.attach_alternative('<a href="{{unsubscribe_url}}">Stop</a>', "text/html")
    assert made.send() == 1
    verdicts: Any = made.sayso_verdicts  # type: ignore[attr-defined]
    assert [(one.address, one.allowed) for one in verdicts] == [(ann, True), (no, False), (bob, True)]
    assert [copy.recipients() for copy in mail.outbox] == [[f"Ann <{ann}>"], [bob]]
    copies: list[Any] = mail.outbox
    for copy in copies:
        written = copy.message()
        url = written["List-Unsubscribe"].partition("<")[2].partition(">")[0]
        assert (written["To"], written["Cc"], written["From"]) == (f"Ann <{ann}>, {no}", bob, NEWS)
        assert (written["X-Sayso-Topic"], written["X-Sayso-Campaign"], written["X-Own"]) == (None, None, "1")
        assert "=?" not in copy.message().as_string().partition("List-Unsubscribe:")[2].partition("X-Sayso")[0]
        assert copy.body == f"Stop: {url}"
        assert url in str(copy.alternatives[0])
    assert one_click(running, mail.outbox[1].extra_headers["List-Unsubscribe"]) == 200
    django.SAYSO_DEFAULT_TOPIC = "offers"
    assert mail.send_mail("s", "b", NEWS, [bob]) == 0
    assert running.check("email", ann, "offers")["allowed"] is True


def test_django_takes_the_topic_that_a_message_has_not_from_the_settings(running: Instance, django: Settings) -> None:
    no = refused(running, "*")
    with pytest.raises(ImproperlyConfigured, match="X-Sayso-Topic"):
        mail.send_mail("s", "b", NEWS, [no])
    django.SAYSO_DEFAULT_TOPIC = "service"
    assert mail.send_mail("Your password", "b", NEWS, [no]) == 1
    assert mail.send_mass_mail([("s", "b", NEWS, [new_address()])] * 2) == 2
    assert len(mail.outbox) == 3


def test_django_sends_nothing_where_the_service_is_down(running: Instance, django: Settings) -> None:
    django.SAYSO_DEFAULT_TOPIC = "offers"
    django.SAYSO_URL = f"http://{free_address()}"
    with pytest.raises(SaysoError):
        mail.send_mail("s", "b", NEWS, [new_address()])
    assert mail.send_mail("s", "b", NEWS, [new_address()], fail_silently=True) == 0
    django.SAYSO_URL = running.url
    django.SAYSO_DEFAULT_TOPIC = "weather"
    with pytest.raises(SaysoError, match="unknown_topic"):
        mail.send_mail("s", "b", NEWS, [new_address()])
    assert mail.outbox == []


# --- the filter of Postfix, by itself; test_postfix.py has the real one ---


def filtered(folder: Path, config: dict[str, object], recipient: str, raw: bytes) -> "subprocess.CompletedProcess[str]":
    path = folder / "sayso-stamp.json"
    path.write_text(json.dumps(config))
    command = (sys.executable, SCRIPT, path, NEWS, recipient)
    done = subprocess.run(command, input=raw, capture_output=True, check=False, timeout=60)
    return subprocess.CompletedProcess(command, done.returncode, done.stdout.decode(), done.stderr.decode())


def test_the_filter_hands_back_what_may_go_and_returns_what_may_not(
    running: Instance, back: tuple[Sink, str], tmp_path: Path
) -> None:
    sink, address = back
    config: dict[str, object] = {"url": running.url, "api_key": running.values["SAYSO_API_KEY"], "back": address}
    ann, no = new_address(), refused(running)
    raw = message(ann, X_Sayso_Topic="offers", text="{{unsubscribe_url}}").as_bytes()
    assert filtered(tmp_path, config, ann, raw).returncode == 0
    [delivered] = sink.delivered
    copy = message_from_bytes(delivered.content)
    assert delivered.recipients == [ann]
    assert delivered.sender == f"bounces+{copy['X-Sayso-Id']}@acme.example"
    assert one_click(running, copy["List-Unsubscribe"]) == 200
    again = filtered(tmp_path, config, ann, raw)
    assert (again.returncode, again.stdout.startswith(f"5.7.1 {ann} must not get this")) == (69, True)
    assert filtered(tmp_path, config, no, raw).returncode == 69
    untitled = message(no).as_bytes()
    assert filtered(tmp_path, config, new_address(), untitled).returncode == 75
    assert filtered(tmp_path, config | {"topic": "service"}, no, untitled).returncode == 0
    down = filtered(tmp_path, config | {"url": f"http://{free_address()}"}, new_address(), raw)
    assert (down.returncode, down.stdout[:5]) == (75, "4.3.0")
    assert filtered(tmp_path, config | {"back": free_address()}, new_address(), raw).returncode == 75
    assert len(sink.delivered) == 2
    assert filtered(tmp_path, config | {"topic": "service", "return_path": False}, no, untitled).returncode == 0
    assert sink.delivered[2].sender == NEWS


def test_smtplib_sends_the_copy_as_it_is(running: Instance, sayso: Sayso, back: tuple[Sink, str]) -> None:
    sink, address = back
    [one] = check_and_stamp(message(new_address(), text="ü " * 600), "offers", sayso)
    assert one.message is not None
    with smtplib.SMTP(address) as client:
        client.send_message(one.message, one.return_path or NEWS, [one.recipient])
    copy = message_from_bytes(sink.delivered[0].content)
    assert one_click(running, copy["List-Unsubscribe"]) == 200
    part: Any = copy
    assert part.get_payload(decode=True).decode().strip() == ("ü " * 600).strip()
