"""Handing a message to the mail backend, and what became of it. Never raises; says nothing of the message itself."""

import smtplib
from contextlib import suppress

from anymail.exceptions import AnymailError, AnymailRecipientsRefused
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from requests import ConnectTimeout
from urllib3.exceptions import NewConnectionError

from consent.mailing.smtp import Unheard
from consent.mailing.where import FILES
from consent.outgoing.contract import Later, Outcome, Refused, Sent, Unsure, by_status

_OURS_TO_MEND = (401, 402, 403, 408)  # what a provider says of our account, or of its own hurry


def is_idempotent() -> bool:
    """Whether a message may be sent again, since it is the same one then: a file is."""
    return bool(settings.EMAIL_BACKEND == FILES)


def send(message: EmailMessage) -> Outcome:
    """Send a message, and say what became of it."""
    try:
        backend = get_connection()
    except Exception as error:
        return _not_begun(error)
    outcome = _send(backend, message)
    with suppress(Exception):  # what happens at the end of a connection changes nothing
        backend.close()
    return outcome


def _send(backend: BaseEmailBackend, message: EmailMessage) -> Outcome:
    try:
        backend.open()
    except Exception as error:
        return _not_begun(error)
    try:
        sent = backend.send_messages([message])
    except Exception as error:
        return outcome_of(error)
    return Sent(str(message.extra_headers["Message-ID"])[:100]) if sent else Refused("not taken")


def _not_begun(error: Exception) -> Outcome:
    code = error.smtp_code if isinstance(error, smtplib.SMTPResponseException) else ""
    return Later(f"{type(error).__name__} {code}".strip()[:60])


def outcome_of(error: Exception) -> Outcome:
    """What an error of a backend says: whether anything was sent, and whether to try again."""
    name = type(error).__name__
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return _by_code(next(code for code, _ in error.recipients.values()), name)
    if isinstance(error, smtplib.SMTPResponseException):
        return _by_code(error.smtp_code, name)
    if isinstance(error, Unheard):
        return Unsure(name)
    if isinstance(error, AnymailRecipientsRefused):
        return Refused(name)
    if isinstance(error, AnymailError):
        return _of_provider(error)
    if isinstance(error, OSError | ImproperlyConfigured):
        return Later(name)  # before the message's end (mailing/smtp.py), or a full disk
    return Refused(name) if isinstance(error, ValueError) else Unsure(name)


def _by_code(code: int, name: str) -> Outcome:
    """RFC 5321 §4.2.1: 4xx is for now, 5xx for good; but a 5xx about our login is ours to mend."""
    error = f"{name} {code}"[:60]
    if 500 <= code < 600 and name != "SMTPAuthenticationError":
        return Refused(error)
    return Later(error)


def _of_provider(error: AnymailError) -> Outcome:
    status = error.status_code
    if status in _OURS_TO_MEND:
        return Later(f"http {status}")
    if status is not None:
        return by_status(status)
    if isinstance(error, ConnectTimeout) or _was_never_connected(error):
        return Later("no connection")
    return Refused(type(error).__name__) if isinstance(error, ValueError) else Unsure(type(error).__name__)


def _was_never_connected(error: AnymailError) -> bool:
    cause = error.__cause__
    inner = cause.args[0] if cause is not None and cause.args else None
    return isinstance(getattr(inner, "reason", None), NewConnectionError)
