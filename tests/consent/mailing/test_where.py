"""`SAYSO_MAIL_URL` is read, or said to be wrong, without its password."""

from pathlib import Path

import pytest
from django.core.checks import run_checks
from pytest_django.fixtures import Settings

from consent import checks
from consent.mailing.where import FILES, SMTP, Where, anymail_settings, read

FOLDER = Path("/srv/outbox")


def test_each_kind_of_url_is_read() -> None:
    expected = {
        "": Where(FILES, "/srv/outbox"),
        "file:/var/spool/sayso": Where(FILES, "/var/spool/sayso"),
        "file:///var/spool/say%20so": Where(FILES, "/var/spool/say so"),
        "smtp://127.0.0.1:25": Where(SMTP, host="127.0.0.1", port=25),
        "smtp://[::1]": Where(SMTP, host="::1", port=587),
        "smtp://localhost?starttls=yes": Where(SMTP, host="localhost", port=587, use_tls=True),
        "smtp://mx.example": Where(SMTP, host="mx.example", port=587, use_tls=True),
        "smtp://mx.example:25/?starttls=no": Where(SMTP, host="mx.example", port=25),
        "smtps://me%40x:p%3Aw@mx.example": Where(
            SMTP, host="mx.example", port=465, user="me@x", password="p:w", use_ssl=True
        ),
        "anymail+postmark:": Where("anymail.backends.postmark.EmailBackend"),
        "anymail+amazon-ses://": Where("anymail.backends.amazon_ses.EmailBackend"),
    }
    assert {url: read(url, FOLDER) for url in expected} == expected


def test_a_bad_url_is_named_without_its_password() -> None:
    bad = ["http://mx.example", "smtp://", "smtp://u:secret@mx.example:no", "smtp://u:secret@mx.example/path", "file:x"]
    bad += [
        "anymail+nobody:",
        "anymail+base:",
        "anymail:",
        "smtp://mx.example?starttls=maybe",
        "mx.example",
        "smtp://[x",
    ]
    found = {url: read(url, FOLDER) for url in bad}
    assert [url for url, where in found.items() if not where.problem or where.backend != FILES] == []
    assert [url for url, where in found.items() if "secret" in where.problem] == []


def test_anymail_is_set_up_from_the_environment() -> None:
    made = anymail_settings({"ANYMAIL_MAILGUN_API_KEY": "key", "PATH": "/bin"})
    assert made["MAILGUN_API_KEY"] == "key"
    assert "PATH" not in made
    assert made["REQUESTS_TIMEOUT"] == (5, 20)


@pytest.mark.parametrize(
    ("name", "value", "number"),
    [("SAYSO_MAIL_URL_PROBLEM", "its scheme is none", "E010"), ("SAYSO_ANSWER_LANGUAGE", "xx", "E011")],
)
def test_a_start_with_a_bad_setting_is_refused(settings: Settings, name: str, value: str, number: str) -> None:
    setattr(settings, name, value)
    assert f"sayso.{number}" in [error.id for error in run_checks(tags=[checks.TAG])]


def test_mail_that_reaches_nobody_is_warned_of_where_others_are_served(settings: Settings) -> None:
    settings.EMAIL_BACKEND, settings.SAYSO_PUBLIC_ORIGIN = FILES, "https://sayso.example"
    assert [warning.id for warning in run_checks(tags=["mail_out"])] == ["sayso.W010"]
    settings.SAYSO_PUBLIC_ORIGIN = "http://127.0.0.1:8000"
    assert run_checks(tags=["mail_out"]) == []
