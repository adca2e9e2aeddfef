"""Complaints of people who pressed "this is spam": abuse reporting format (RFC 5965, RFC 6650)."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from consent.classify.mail_recipient import ADDRESS
from consent.classify.mail_token import BOUNCE_ID, token_in_links
from consent.intake.mail import ParsedMail
from consent.intake.mail_reports import FeedbackReport, every, first

NOT_COMPLAINTS: Final = frozenset({"not-spam", "auth-failure", "dmarc"})
"""Feedback types about something else: a message that was no spam (RFC 6430), a failed authentication (RFC 6591)."""
RECIPIENT_FIELDS: Final = ("original-rcpt-to", "removal-recipient", "original-recipient")
RETURNED_FIELDS: Final = ("x-hmxmroriginalrecipient", "x-apparently-to", "delivered-to", "to")
REDACTED: Final = re.compile(r"redact|hashed|undisclosed|anonym|x{4,}@|^\*+@|^[0-9a-f]{32,64}@", re.IGNORECASE)


def is_complaint(mail: ParsedMail) -> bool:
    return bool(_reports(mail))


def complainants(mail: ParsedMail) -> tuple[str, ...]:
    """Give the addresses of those who complained, each once. A report may name several, and a message hold several.

    A redacted address is no address; `complaint_tokens` then tells who it was.
    """
    found: dict[str, str] = {}
    for report in _reports(mail):
        for address in _named(report) or _returned(report.returned):
            found.setdefault(address.casefold(), address)
    return tuple(found.values())


def complaint_tokens(mail: ParsedMail) -> tuple[str, ...]:
    """Give the opaque tokens by which our own header fields name the recipients, as far as they came back with the
    reports.
    """
    tokens = (_own_id(report.returned) for report in _reports(mail))
    return tuple(dict.fromkeys(token for token in tokens if token))


def _own_id(returned: Mapping[str, str]) -> str:
    """The token of our link, else our id in a field of its own or in the Message-ID (docs/BOUNCES.md)."""
    token = token_in_links(returned.get("list-unsubscribe", ""))
    found = BOUNCE_ID.search(f"{returned.get('x-sayso-id', '')} {returned.get('message-id', '')}")
    return token or (found[0] if found else "")


def _reports(mail: ParsedMail) -> list[FeedbackReport]:
    reports = [report for report in mail.feedback if _kind(report) not in NOT_COMPLAINTS]
    if mail.feedback:
        return reports
    # Hotmail's JMRP sends the message alone, with the recipient in a field of its own.
    return [FeedbackReport((), back) for back in mail.returned if "x-hmxmroriginalrecipient" in back]


def _kind(report: FeedbackReport) -> str:
    return first(report.fields, "feedback-type").strip().casefold()


def _named(report: FeedbackReport) -> list[str]:
    return [address for name in RECIPIENT_FIELDS for text in every(report.fields, name) for address in _usable(text)]


def _returned(fields: Mapping[str, str]) -> list[str]:
    for name in RETURNED_FIELDS:
        found = list(_usable(fields.get(name, "")))
        if found:
            return found[:1]  # a To of many names the one who complained no better than the others
    return []


def _usable(text: str) -> Iterator[str]:
    for match in ADDRESS.finditer(text[:1_000]):
        if not REDACTED.search(match[0]):
            yield match[0].strip(".")
