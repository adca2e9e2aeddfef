"""A letter of ours as a message: headers that no program answers (RFC 3834), and nothing in them that another wrote
but what was cleaned."""

import re
from email.charset import QP, Charset
from email.utils import formataddr
from uuid import UUID

from django.core.mail import EmailMessage

from consent.answers.letters import one_line
from consent.decision import Answer

MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,240}>")
SUBJECT_CHARACTERS = 120
_QUOTED = Charset("utf-8")
_QUOTED.body_encoding = QP  # lines of any length in any language through any server


def build(errand_id: UUID, to: str, sender: str, answer: Answer) -> EmailMessage:
    """The message. The same errand always has the same Message-ID. Raise `ValueError` for what no address is."""
    headers = {
        "Message-ID": f"<{errand_id}@{_domain(sender)}>",
        "Auto-Submitted": answer.submitted,  # RFC 3834 §3.1.7, §5
        "X-Auto-Response-Suppress": "All",
        "Content-Language": answer.language,
    }
    if MESSAGE_ID.fullmatch(answer.message_id):
        headers |= {"In-Reply-To": answer.message_id, "References": answer.message_id}
    message = EmailMessage(
        subject=one_line(answer.subject)[:SUBJECT_CHARACTERS],
        body=answer.text,
        from_email=formataddr((one_line(answer.name)[:SUBJECT_CHARACTERS], sender)),
        to=[to],
        headers=headers,
    )
    message.encoding = _QUOTED
    return message


def to_bytes(message: EmailMessage) -> bytes:
    """The message as it travels (RFC 5322: lines end in CR LF)."""
    written: bytes = message.message().as_bytes(linesep="\r\n")  # type: ignore[call-arg]  # Django's own argument
    return written


def _domain(address: str) -> str:
    return address.rpartition("@")[2].encode("idna").decode()
