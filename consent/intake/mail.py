"""A message of e-mail as it came in, turned into one frozen value. Nothing is judged here.

The limit on a message's size is the caller's. Within it, `parse_mail` needs time linear in the size and a few
megabytes, whatever the message holds: see `mail_limits` for what is refused and `mail_mime` for how.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

import msgspec

from consent.intake.mail_headers import addresses, parse_date, raw_values, value
from consent.intake.mail_html import html_to_text
from consent.intake.mail_limits import ENCODED_BYTES, SUBJECT_CHARS, TEXT_CHARS, TooComplex
from consent.intake.mail_mime import Leaf, leaves, parameter, split_head
from consent.intake.mail_quotes import split_reply, tidy
from consent.intake.mail_reports import (
    FEEDBACK_TYPES,
    RETURNED_TYPES,
    STATUS_TYPES,
    DeliveryReport,
    FeedbackReport,
    read_delivery,
    read_feedback,
    read_returned,
)
from consent.normalise.email import normalise_email

__all__ = ["ParsedMail", "TooComplex", "parse_mail"]

DELIVERED_TO: Final = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to")
HEADERS: Final = (
    "auto-submitted", "precedence", "x-auto-response-suppress", "x-autoreply", "x-autorespond", "x-autoresponder",
    "x-apple-action", "return-path", "list-id", "list-unsubscribe", "list-post", "x-failed-recipients",
    "feedback-id", "content-type", "x-hmxmroriginalrecipient", "x-mailer",
    # of lists and mass mailings (see classify/mail_lists.py)
    "list-help", "list-subscribe", "list-owner", "list-archive", "mailing-list", "x-mailing-list", "x-beenthere",
    "x-mailman-version", "x-listserver", "x-listname", "x-list", "x-list-host", "x-ml-name", "x-ezmlm", "x-majordomo",
    "x-sympa-to", "x-google-group-id", "x-yahoo-groups-name", "x-egroups-return", "x-listprocessor-version",
    "x-discourse-topic-id", "x-github-reason", "x-campaign", "x-campaign-id", "x-campaignid", "x-mc-user",
    "x-mailchimp-campaign-id", "x-newsletter", "x-roving-id", "x-mailjet-campaign", "x-emarsys-identify",
    "x-phplist-version", "x-acymailing", "x-cleverreach", "x-csa-complaints", "x-substack-recipient",
    "sender", "errors-to", "x-original-sender", "resent-sender",
)  # fmt: skip
PLACEHOLDER: Final = re.compile(
    r"\bhtml\b|view (?:this|it) in (?:a|your) browser|does not support|keine? text|unable to (?:show|display)",
    re.IGNORECASE,
)
PLACEHOLDER_CHARS: Final = 300
FIELD_CHARS: Final = 2_000
FROM_LINE: Final = re.compile(rb"[\r\n]*(?:>?From [^\r\n]{0,500}(?:\r\n|\n|\r))?")


class ParsedMail(msgspec.Struct, frozen=True):
    """A message as the person wrote it.

    `from_address` is in normal form, or `None` where there is none to be had; the other addresses are as written.
    `text` holds the person's own words, `quoted` and `signature` what was split off, `notice` all of it. `headers`
    holds the first value of each header field that the rules ask about, names in lower case, absent ones left out.
    `date` is aware. `attachments` counts documents and pictures. `truncated` says that there was more text than is
    read. `raw` are the bytes themselves.
    """

    from_address: str | None
    from_raw: str
    to: tuple[str, ...]
    cc: tuple[str, ...]
    delivered_to: tuple[str, ...]
    subject: str
    text: str
    quoted: str
    signature: str
    notice: str
    headers: Mapping[str, str]
    message_id: str
    in_reply_to: str
    date: datetime | None
    deliveries: tuple[DeliveryReport, ...]
    feedback: tuple[FeedbackReport, ...]
    returned: tuple[Mapping[str, str], ...]
    attachments: int
    truncated: bool
    raw: bytes

    def header(self, name: str) -> str:
        """Give a header field in lower case, `""` when absent."""
        return self.headers.get(name, "").casefold()

    @property
    def recipients(self) -> tuple[str, ...]:
        """Every address that the message was sent or delivered to, as written."""
        return tuple(dict.fromkeys((*self.delivered_to, *self.to, *self.cc)))


def parse_mail(raw: bytes) -> ParsedMail:
    """Read a message. Raise `TooComplex` where it exceeds a limit; nothing else is raised, however broken it is."""
    line = FROM_LINE.match(raw)  # what an mbox puts before a message
    start = line.end() if line else 0
    fields, _ = split_head(raw, start, len(raw))
    parts = list(leaves(raw, start))
    text, truncated = _texts(parts)
    pieces = split_reply(text)
    senders = addresses(fields, ("from",)) or addresses(fields, ("sender",)) or addresses(fields, ("return-path",))
    return ParsedMail(
        from_address=_normal(senders[0]) if senders else None,
        from_raw=value(fields, "from")[:SUBJECT_CHARS],
        to=addresses(fields, ("to",)),
        cc=addresses(fields, ("cc",)),
        delivered_to=addresses(fields, DELIVERED_TO),
        subject=value(fields, "subject")[:SUBJECT_CHARS],
        text=pieces.own,
        quoted=pieces.quoted,
        signature=pieces.signature,
        notice=text,
        headers={name: value(fields, name)[:FIELD_CHARS] for name in HEADERS if raw_values(fields, name)},
        message_id=value(fields, "message-id")[:SUBJECT_CHARS],
        in_reply_to=value(fields, "in-reply-to")[:SUBJECT_CHARS],
        date=parse_date(value(fields, "date")),
        deliveries=tuple(read_delivery(leaf.text) for leaf in parts if _is_status(leaf)),
        feedback=_feedback(parts),
        returned=tuple(read_returned(leaf) for leaf in parts if _is_returned(leaf)),
        attachments=sum(_is_attached(leaf) for leaf in parts),
        truncated=truncated,
        raw=raw,
    )


def _normal(address: str) -> str | None:
    try:
        return normalise_email(address)
    except ValueError:
        return None


def _texts(parts: Sequence[Leaf]) -> tuple[str, bool]:
    """Give the text that a reader sees: the plain parts, unless they only say that there is an HTML part."""
    shown = [part for part in parts if not part.is_attachment and not _is_inside_message(part)]
    plain = "\n".join(_plain(part) for part in shown if _is_plain(part))
    rich = [part for part in shown if part.content_type == "text/html"]
    if rich and _is_placeholder(plain):
        plain = "\n".join(html_to_text(part.text) for part in rich)
    text = tidy(plain)
    return text.strip("\n"), len(plain) > TEXT_CHARS or any(len(part.body) >= ENCODED_BYTES for part in shown)


def _is_plain(part: Leaf) -> bool:
    """A multipart that is a leaf is one whose boundary never comes: a reader sees all of it."""
    return part.content_type == "text/plain" or part.content_type.startswith("multipart/")


def _plain(part: Leaf) -> str:
    text = part.text.replace("\r\n", "\n")
    return unflow(text) if parameter(part.fields, "format").lower() == "flowed" else text


def unflow(text: str) -> str:
    """Join the lines that RFC 3676 `format=flowed` broke: those that end in a blank, but for the signature's mark."""
    return re.sub(r"(?<!^--) \n(?!>)", " ", text, flags=re.MULTILINE)


def _is_placeholder(plain: str) -> bool:
    text = plain.strip()
    return not text or (len(text) < PLACEHOLDER_CHARS and bool(PLACEHOLDER.search(text)))


def _is_inside_message(leaf: Leaf) -> bool:
    return any(kind.startswith("message/") for kind in leaf.around)


def _is_status(leaf: Leaf) -> bool:
    """A status inside a returned message tells of an older failure, which was reported to somebody else."""
    return leaf.content_type in STATUS_TYPES and not _is_inside_message(leaf)


def _is_attached(leaf: Leaf) -> bool:
    """A signature (RFC 1847) is no attachment; a picture or document may hold the person's words."""
    if leaf.content_type.endswith(("-signature", "/pkcs7-mime")) or _is_inside_message(leaf):
        return False
    return leaf.is_attachment or leaf.content_type.startswith(("image/", "application/", "audio/", "video/"))


def _is_returned(leaf: Leaf) -> bool:
    return leaf.content_type in RETURNED_TYPES and not _is_inside_message(leaf)


def _feedback(parts: Sequence[Leaf]) -> tuple[FeedbackReport, ...]:
    """Pair each report with the message that follows it. One message may carry several reports, forwarded as a
    bundle.
    """
    reports: list[FeedbackReport] = []
    for leaf in parts:
        if leaf.content_type in FEEDBACK_TYPES:
            reports.append(FeedbackReport(read_feedback(leaf), {}))
        elif leaf.content_type in RETURNED_TYPES and reports and not reports[-1].returned:
            reports[-1] = FeedbackReport(reports[-1].fields, read_returned(leaf))
    return tuple(reports)
