"""Whether a message went out is known, or it is not sent again: over SMTP, into files, through Anymail."""

import smtplib
import stat
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage as Received
from pathlib import Path
from uuid import UUID

import pytest
from anymail.exceptions import AnymailAPIError, AnymailRecipientsRefused
from django.core import mail
from django.core.mail import EmailMessage
from pytest_django.fixtures import Settings

from config.local import ports
from consent.decision import Answer
from consent.mailing import sending
from consent.mailing.message import build, to_bytes
from consent.mailing.where import FILES, SMTP
from consent.outgoing.contract import Later, Refused, Sent, Unsure
from tests.consent.mailing.server import MailServer, serving

ERRAND = UUID("01a200ba-b642-7635-af93-936b17c81fca")
LONG = f"{'a' * 64}@{'b' * 60}.{'c' * 60}.example"
NASTY = "Evil\r\nBcc: all@home.example\r\n\r\nbody\x00\u2028 " + "x" * 5_000


def message(
    to: str = "ann@home.example", name: str = "Acme Hosting", subject: str = "Re: Stop", text: str = "Fertig ü\n"
) -> EmailMessage:
    return build(ERRAND, to, "privacy@acme.example", Answer(subject, text, name, "de", "<1@home.example>"))


def received(content: bytes) -> Received:
    return message_from_bytes(content.replace(b"\r\n", b"\n"), Received, policy=policy.default)


@pytest.fixture
def server(settings: Settings) -> Iterator[MailServer]:
    settings.EMAIL_BACKEND = SMTP
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", ports.anywhere()
    with serving(settings.EMAIL_PORT) as running:
        yield running


def test_a_mail_server_takes_it_with_the_null_path(server: MailServer) -> None:
    assert sending.send(message()) == Sent(f"<{ERRAND}@acme.example>")
    [taken] = server.taken
    assert (taken.mail_from, taken.recipients) == ("<>", ("ann@home.example",))
    assert received(taken.content)["From"] == "Acme Hosting <privacy@acme.example>"
    assert not sending.is_idempotent()


def test_what_a_mail_server_says_is_for_now_for_good_or_unsure(server: MailServer) -> None:
    expected = {
        "greylists": Later("SMTPRecipientsRefused 450"),
        "no such user": Refused("SMTPRecipientsRefused 550"),
        "no null path": Refused("SMTPSenderRefused 550"),
        "busy": Later("SMTPSenderRefused 421"),
        "full": Later("SMTPDataError 452"),
        "spam": Refused("SMTPDataError 554"),
        "broken": Unsure("Unheard"),
    }
    found = {}
    for mood in expected:
        server.mood = mood
        found[mood] = sending.send(message())
    assert found == expected
    assert server.taken == []


def test_no_server_no_tls_and_a_wrong_password_are_for_later(server: MailServer, settings: Settings) -> None:
    settings.EMAIL_USE_TLS = True
    assert sending.send(message()) == Later("SMTPNotSupportedError")
    settings.EMAIL_USE_TLS, settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = False, "user", "secret"
    assert sending.send(message()) == Later("SMTPNotSupportedError")
    settings.EMAIL_PORT = ports.anywhere()
    assert sending.send(message()) == Later("ConnectionRefusedError")
    assert sending.outcome_of(smtplib.SMTPAuthenticationError(535, b"no")) == Later("SMTPAuthenticationError 535")


def test_a_file_is_whole_for_its_owner_alone_and_once(settings: Settings, tmp_path: Path) -> None:
    settings.EMAIL_BACKEND, settings.EMAIL_FILE_PATH = FILES, str(tmp_path / "outbox")
    assert isinstance(sending.send(message()), Sent)
    assert isinstance(sending.send(message()), Sent)
    [path] = (tmp_path / "outbox").iterdir()
    assert path.name == f"{ERRAND}.eml"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert received(path.read_bytes()).get_content() == "Fertig ü\n"
    assert sending.is_idempotent()
    settings.EMAIL_FILE_PATH = str(path / "not a folder")
    assert sending.send(message()) == Later("NotADirectoryError")


def test_anymail_takes_it_and_its_errors_are_read(settings: Settings) -> None:
    settings.EMAIL_BACKEND = "anymail.backends.test.EmailBackend"
    mail.outbox.clear()
    assert isinstance(sending.send(message()), Sent)
    [sent] = mail.outbox
    params = vars(sent)["anymail_test_params"]
    assert params["extra_headers"]["Auto-Submitted"] == "auto-replied"
    assert str(params["from"]) == "Acme Hosting <privacy@acme.example>"
    found = {
        status: sending.outcome_of(AnymailAPIError(status_code=status)) for status in (400, 401, 422, 429, 500, 503)
    }
    assert found == {
        400: Refused("http 400"),
        401: Later("http 401"),
        422: Refused("http 422"),
        429: Later("http 429"),
        500: Unsure("http 500"),
        503: Later("http 503"),
    }
    assert sending.outcome_of(AnymailRecipientsRefused()) == Refused("AnymailRecipientsRefused")


def test_a_provider_that_cannot_be_reached_or_has_no_key_is_for_later(settings: Settings) -> None:
    settings.EMAIL_BACKEND = "anymail.backends.postmark.EmailBackend"
    settings.ANYMAIL = {}
    assert sending.send(message()) == Later("AnymailConfigurationError")
    closed = f"http://127.0.0.1:{ports.anywhere()}/"
    settings.ANYMAIL = {"POSTMARK_SERVER_TOKEN": "secret", "POSTMARK_API_URL": closed}
    assert sending.send(message()) == Later("no connection")


def test_no_value_adds_a_header_or_leaves_its_line() -> None:
    raw = to_bytes(message(name=NASTY, subject=NASTY))
    found = received(raw)
    assert found["Bcc"] is None
    assert found["To"] == "ann@home.example"
    assert found.get_content() == "Fertig ü\n"
    assert len(str(found["Subject"])) <= 120
    hostile = build(
        ERRAND, "a@b.example", "privacy@acme.example", Answer("S", "t", "A", "en", "<a@b>\r\nBcc: x@y.example")
    )
    assert received(to_bytes(hostile))["In-Reply-To"] is None
    with pytest.raises(ValueError, match="newlines"):
        to_bytes(message(to="ann@home.example\nBcc: x@y.example"))


def test_long_addresses_and_any_language_travel_in_short_lines() -> None:
    wrong = []
    for text in (
        "ありがとうございます。" * 200,
        "x" * 5_000,
        f"https://sayso.example/undo/{'y' * 500}\n",
        "Größe\n" * 50,
    ):
        raw = to_bytes(message(to=LONG, name="株式会社アクメ" * 5, subject="Re: 配信停止" * 30, text=text))
        found = received(raw)
        wrong += [line for line in raw.split(b"\r\n") if len(line) > 998 or not line.isascii() or b"\n" in line]
        assert found["To"].addresses[0].addr_spec == LONG
        assert found.get_content().rstrip("\n") == text.rstrip("\n")
        assert str(found["From"]).endswith("<privacy@acme.example>")
    assert wrong == []
