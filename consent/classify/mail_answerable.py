"""Whether a message may be answered by a program at all (RFC 3834 §2), whatever it asks. Such an answer loops, or hits
somebody who never wrote: where there is any doubt, there is none."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from consent.classify.mail_automatic import SIGNS, auto_submitted
from consent.classify.mail_decision import MailDecision
from consent.intake.mail import ParsedMail

OLD: Final = timedelta(days=7)
ROBOTS: Final = frozenset(
    {
        "mailer-daemon", "postmaster", "daemon", "root", "nobody", "null", "devnull", "dev-null", "blackhole",
        "noreply", "no-reply", "no_reply", "donotreply", "do-not-reply", "do_not_reply", "dont-reply", "dontreply",
        "nicht-antworten", "keine-antwort", "keineantwort", "ne-pas-repondre", "nepasrepondre", "noresponder",
        "no-responder", "nao-responda", "naoresponda", "non-rispondere", "nonrispondere", "niet-beantwoorden",
        "bounce", "bounces", "listserv", "majordomo", "mailman", "sympa", "listmaster", "autoresponder", "autoreply",
        "auto-reply", "abuse", "hostmaster",
    }
)  # fmt: skip
"""Local parts (without tag) that no person reads, or whose owner sends automatic mail."""
ROBOT_PATTERN: Final = re.compile(
    r"owner-.*|.*-(?:request|owner|bounces?|errors?|return)|bounces?[-+=_.].*|(?:no|do-?not)[-_.]?reply[-_.].*|prvs=.*|"
    r"srs[01][=+-].*|.*-(?:noreply|no-reply)"
)
LIST_FIELDS: Final = ("list-id", "list-unsubscribe", "list-post", "feedback-id")
SUPPRESSES: Final = frozenset({"all", "autoreply", "oof"})
LOCAL_CHARS: Final = 64


class Envelope(NamedTuple):
    """What the message came with: its envelope's sender as written (`""`: the null path, or unknown) and when."""

    mail_from: str
    received_at: datetime


class Sign(NamedTuple):
    """A reason not to answer."""

    row: str
    test: Callable[[ParsedMail, MailDecision, Envelope], bool]
    example: str


def unanswerable(mail: ParsedMail, made: MailDecision, envelope: Envelope) -> str | None:
    """The row of the first reason not to answer a message, `None` where it may be answered."""
    return next((sign.row for sign in REASONS if sign.test(mail, made, envelope)), None)


def is_robot(address: str) -> bool:
    """Whether an address (or a return path) is one that no person reads."""
    local = address.strip().strip("<>").rpartition("@")[0].casefold()[: LOCAL_CHARS + 1]
    return not local or local.partition("+")[0] in ROBOTS or bool(ROBOT_PATTERN.fullmatch(local))


def _says_automatic(mail: ParsedMail, made: MailDecision, envelope: Envelope) -> bool:
    return auto_submitted(mail) not in {"", "no"}


def _is_automatic(mail: ParsedMail, made: MailDecision, envelope: Envelope) -> bool:
    return made.automatic or any(sign.test(mail) for sign in SIGNS)


def _is_null(mail: ParsedMail, made: MailDecision, envelope: Envelope) -> bool:
    return not envelope.mail_from.strip().strip("<>")


def _is_from_robot(mail: ParsedMail, made: MailDecision, envelope: Envelope) -> bool:
    return is_robot(mail.from_address or "@") or _is_bounce_address(envelope.mail_from)


def _is_bounce_address(mail_from: str) -> bool:
    """A forwarder's or a provider's return path (VERP, SRS) stands for a person: only what names a daemon counts."""
    return mail_from.strip().strip("<>").rpartition("@")[0].casefold() in {"mailer-daemon", "postmaster", "daemon"}


def _is_list(mail: ParsedMail, made: MailDecision, envelope: Envelope) -> bool:
    return any(mail.header(name) for name in LIST_FIELDS)


def _is_bulk(mail: ParsedMail, made: MailDecision, envelope: Envelope) -> bool:
    return mail.header("precedence").strip() not in {"", "first-class", "special-delivery", "normal"}


def _is_suppressed(mail: ParsedMail, made: MailDecision, envelope: Envelope) -> bool:
    return bool(_words(mail.header("x-auto-response-suppress")) & SUPPRESSES)


def _is_old(mail: ParsedMail, made: MailDecision, envelope: Envelope) -> bool:
    """An archive that is read in is obeyed, and not answered years later."""
    return mail.date is not None and mail.date < envelope.received_at - OLD


def _is_report(mail: ParsedMail, made: MailDecision, envelope: Envelope) -> bool:
    return bool(mail.deliveries or mail.feedback or made.bounces or made.complaints or made.complaint_tokens)


def _words(text: str) -> set[str]:
    return set(re.split(r"[\s,;]+", text[:200])) - {""}


REASONS: Final = (
    Sign("null_path", _is_null, "MAIL FROM:<>"),
    Sign("auto_submitted", _says_automatic, "Auto-Submitted: auto-generated"),
    Sign("robot", _is_from_robot, "From: no-reply@shop.example"),
    Sign("automatic", _is_automatic, "X-Autoreply: yes"),
    Sign("list", _is_list, "List-Id: Gardening news <news.garden.example>"),
    Sign("bulk", _is_bulk, "Precedence: bulk"),
    Sign("suppressed", _is_suppressed, "X-Auto-Response-Suppress: OOF, AutoReply"),
    Sign("report", _is_report, "Content-Type: message/delivery-status"),
    Sign("old", _is_old, "Date: Tue, 3 Mar 2015 10:00:00 +0000"),
)
