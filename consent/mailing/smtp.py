"""Mail to a mail server. What matters here is to know whether it took a message: one must not go out twice.

An automatic message has the null path for its sender (RFC 3834 §3.3), so that nothing answers it.
"""

import smtplib
from typing import Any

from django.core.mail import EmailMessage
from django.core.mail.backends import smtp
from django.core.mail.message import sanitize_address

from consent.mailing.message import to_bytes


class Unheard(Exception):
    """The connection broke after the message was handed over, before the server said what became of it."""


class EmailBackend(smtp.EmailBackend):
    """Django's backend, step by step: an error before the message's end is one after which nothing was sent."""

    def _send(self, email_message: EmailMessage) -> bool:
        content = to_bytes(email_message)
        [recipient] = [sanitize_address(address, "utf-8") for address in email_message.recipients()]
        automatic = "Auto-Submitted" in email_message.extra_headers
        sender = "" if automatic else sanitize_address(email_message.from_email, "utf-8")
        connection = self.connection
        if connection is None:
            return False
        connection.ehlo_or_helo_if_needed()
        code, answer = connection.mail(sender)
        if code != 250:
            raise smtplib.SMTPSenderRefused(code, answer, sender)
        code, answer = connection.rcpt(recipient)
        if code not in (250, 251):
            raise smtplib.SMTPRecipientsRefused({recipient: (code, answer)})
        _hand_over(connection, content)
        return True

    def _close_connection(self, connection: Any) -> None:
        """What a server says to a QUIT changes nothing."""
        try:
            connection.quit()
        except OSError:
            connection.close()


def _hand_over(connection: smtplib.SMTP, content: bytes) -> None:
    try:
        code, answer = connection.data(content)
    except smtplib.SMTPResponseException:
        raise
    except OSError as error:
        raise Unheard from error
    if code != 250:
        raise smtplib.SMTPDataError(code, answer)
