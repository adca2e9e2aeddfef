"""Which addresses a failure report is about, and whether they are dead: delivery status notifications (RFC 3464, RFC
3463).

A report is acted on only where its Action is `failed`; `delayed` is a warning. Class 4 is transient, whatever else is
said. Of class 5, only what speaks of the address is hard: a message refused for its content, its size or its sender's
repute, and a full mailbox, leave the address alive. Where the code is unspecific the words decide.
"""

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

import msgspec

from consent.intake.mail import ParsedMail
from consent.intake.mail_reports import Fields, first, read_delivery


class Bounce(msgspec.Struct, frozen=True):
    """An address that a message could not be delivered to. `status` is of RFC 3463, `""` when none was given."""

    recipient: str
    hard: bool
    status: str


class Code(NamedTuple):
    status: str
    hard: bool
    example: str


CODES: Final = (
    Code("5.1.1", True, "bad destination mailbox address"),
    Code("5.1.2", True, "bad destination system address: no such domain"),
    Code("5.1.3", True, "bad destination mailbox address syntax"),
    Code("5.1.6", True, "destination mailbox has moved, no forwarding address"),
    Code("5.1.10", True, "recipient address has null MX (RFC 7505)"),
    Code("5.4.4", True, "unable to route: no such host"),
    Code("5.1.7", False, "bad sender's mailbox address syntax"),
    Code("5.1.8", False, "bad sender's system address"),
    Code("5.2.2", False, "mailbox full"),
    Code("5.2.3", False, "message length exceeds administrative limit"),
    Code("5.3.4", False, "message too big for system"),
    Code("5.4.6", False, "routing loop detected"),
    Code("5.4.7", False, "delivery time expired"),
)
HARD_BY_CODE: Final = {code.status: code.hard for code in CODES}
SOFT_SUBJECTS: Final = frozenset({"6", "7"})
"""RFC 3463: X.6.X is about the message's content, X.7.X about security and policy."""


class Words(NamedTuple):
    row: str
    pattern: str
    example: str


FULL: Final = (
    Words(
        "mailbox full",
        r"(?:mail ?(?:box|folder)|inbox|account|user|maildir)\S* (?:\S+ ){0,6}?(?:full|over ?quota|size limit)|quota|"
        r"mailbox (?:\S+ ){0,4}?exceed|exceed\S* (?:\S+ ){0,6}?(?:storage|quota|limit)|not enough (?:disk |"
        r"storage )?space|"
        r"insufficient (?:system )?storage|disk (?:is )?full|no space left",
        "The e-mail account is over quota",
    ),
)
SOFT: Final = (
    *FULL,
    Words(
        "sender refused",
        r"sender (?:\S+ ){0,4}?(?:rejected|denied|refused|unknown|not exist|invalid|verif|domain)|\bfrom address\b|"
        r"(?:domain of|your) sender|you are not allowed|not authori[sz]ed|access denied|relaying|relay access|"
        r"(?:unable|permitted|cannot|not) (?:\S+ )?to relay|we do not relay|"
        r"authentication (?:is )?required",
        "Sender address rejected: Domain not found",
    ),
    Words(
        "authentication and repute",
        r"\b(?:spf|dkim|dmarc|ptr|rbl|dnsbl|rdns)\b|reverse dns|reverse (?:hostname|lookup)|spamhaus|spamcop|"
        r"black ?list|"
        r"block ?list|blocked|reputation|\bbanned\b|invalid ip|\bip address\b|unauthenticated",
        "This message does not pass DMARC evaluation",
    ),
    Words(
        "content",
        r"\bspam\b|junk mail|virus|malware|phish|content (?:filter|reject|refus)|too (?:large|big)|size (?:limit|"
        r"exceed)|"
        r"exceeds (?:\S+ ){0,3}?size|message (?:size|length)|attachment|polic(?:y|ies)|prohibited|bounced by|"
        r"rejected for",
        "Message rejected as spam by Content Filtering",
    ),
    Words(
        "for a while",
        r"tempor|try (?:again )?later|try again in|time[sd]? ?out|timeout|greylist|too many|rate limit|deferred|"
        r"expired|"
        r"in the queue too long|queue lifetime|connection (?:refused|timed|reset)|not responding|unreachable|"
        r"not reachable|could not connect|unable to connect|service refus|loop|too many hops",
        "Connection timed out; message has been in the queue too long",
    ),
    Words(
        "suspended",
        r"(?:account|mailbox|user|address) (?:\S+ ){0,4}?(?:disabled|suspended|inactive|deactivated|discontinued|"
        r"locked|expired)|"
        r"(?:disabled|inactive|suspended) (?:account|mailbox|user)",
        "This account has been disabled or discontinued",
    ),
)
HARD: Final = (
    Words(
        "no such person",
        r"(?:user|recipient|mailbox|account|address|addressee|alias)\S* (?:\S+ ){0,5}?"
        r"(?:unknown|not (?:be )?found|not known|not listed|not recogni[sz]ed|invalid|does ?n[o']t exist|not exist|"
        r"does not have)|"
        r"(?:unknown|no such|invalid|nonexistent|non-existent|bad|not a valid|not a known|undeliverable|incorrect) "
        r"(?:\S+ ){0,2}?(?:user|recipient|mailbox|account|address|addressee|local|person|name)|"
        r"(?:doesn't|does not|didn't|do not) (?:\S+ ){0,2}?(?:have|exist)|no (?:mailbox|account)s? (?:here|by|with)|"
        r"no longer (?:valid|available|exists|works|active|with|employed|here|in use)|not our customer|"
        r"user ?id unknown|"
        r"has moved|mailbox unavailable|recipient(?: address)? rejected|no valid recipient|not in (?:our|the|"
        r"my) (?:list|directory)|"
        r"cannot be (?:found|resolved)|unrouteable|unroutable|mailbox not (?:available|local)|recipnotfound|"
        r"not a registered",
        "550 5.1.1 No such user here",
    ),
    Words(
        "no such host",
        r"(?:host|domain|server)\S* (?:\S+ ){0,6}?(?:unknown|not found|not exist|no such|couldn't be found|"
        r"could not be found|"
        r"nonexistent|can't be found)|(?:unknown|no such|bad|invalid|nonexistent) (?:\S+ )?(?:host|domain)|nxdomain|"
        r"no mx|"
        r"null mx|no route to host|does not like recipient|name service error",
        "Host or domain name not found",
    ),
)
DIAGNOSTIC_CHARS: Final = 1_500
NOTICE_CHARS: Final = 8_000
STATUS: Final = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.]*\d)")
REPLY_CODE: Final = re.compile(r"(?<![\d.])([45])[0-5]\d(?![\d.]*\d)[ -]")
ADDRESS: Final = re.compile(r"[^\s<>@\"'(),;:\[\]]{1,64}@[A-Za-z0-9.-]{1,255}")

_FULL, _SOFT, _HARD = (re.compile("|".join(words.pattern for words in table)) for table in (FULL, SOFT, HARD))


def reported_bounces(mail: ParsedMail) -> tuple[Bounce, ...]:
    """Give the failures of the delivery reports of a message, each recipient once."""
    groups = [group for report in mail.deliveries for group in report.recipients]
    return unique(bounce for group in groups for bounce in _from_group(group, mail.notice))


def embedded_bounces(notice: str) -> tuple[Bounce, ...]:
    """Give the failures of a report that stands in the text, as programs write that know the fields but not the
    part.
    """
    groups = read_delivery(notice).recipients
    return unique(bounce for group in groups for bounce in _from_group(group, notice))


def unique(bounces: Iterable[Bounce]) -> tuple[Bounce, ...]:
    """Keep one bounce for each recipient, a hard one before a soft one."""
    kept: dict[str, Bounce] = {}
    for bounce in bounces:
        key = bounce.recipient.casefold()
        if key not in kept or (bounce.hard and not kept[key].hard):
            kept[key] = bounce
    return tuple(kept.values())


def _from_group(fields: Fields, notice: str) -> list[Bounce]:
    if first(fields, "action").partition(" ")[0].casefold() != "failed":
        return []
    recipient = _recipient(fields)
    if not recipient:
        return []
    diagnostic = first(fields, "diagnostic-code") or said_of(recipient, notice)
    status = best_status(first(fields, "status"), diagnostic)
    return [Bounce(recipient, is_hard(status, diagnostic), status)]


def said_of(recipient: str, notice: str) -> str:
    """Give the lines of a notice that name a recipient, unfolded."""
    lines = re.sub(r"\n[ \t]+", " ", notice[:NOTICE_CHARS]).split("\n")
    return "\n".join(line for line in lines if recipient in line)


def _recipient(fields: Fields) -> str:
    """Original-Recipient is the address that the sender used, Final-Recipient what forwarding made of it (RFC 3464
    §2.3).
    """
    for name in ("original-recipient", "final-recipient"):
        found = ADDRESS.search(first(fields, name).rpartition(";")[2])
        if found:
            return found[0].strip(".")
    return ""


def best_status(stated: str, diagnostic: str) -> str:
    """Choose the more specific of the stated status and the one that the other server said."""
    said = [found[0] for found in STATUS.finditer(diagnostic[:DIAGNOSTIC_CHARS]) if found[1] != "2"]
    written = STATUS.search(stated[:200])
    if written is None:
        return next((status for status in said if not _is_generic(status)), said[0] if said else "")
    if _is_generic(written[0]):
        same_class = (status for status in said if status[0] == written[1] and not _is_generic(status))
        return next(same_class, written[0])
    return written[0]


def _is_generic(status: str) -> bool:
    return status.endswith(".0.0")


def is_hard(status: str, words: str) -> bool:
    """Tell whether the address itself is dead."""
    words = re.sub(r"\s+", " ", words[:DIAGNOSTIC_CHARS]).casefold()
    if _failure_class(status, words) != "5":
        return False
    if status in HARD_BY_CODE:
        return HARD_BY_CODE[status] and not (_FULL.search(words) or _names_policy(words))
    if status.split(".")[1:2] and status.split(".")[1] in SOFT_SUBJECTS:
        return False
    return bool(_HARD.search(words)) and not _SOFT.search(words)


def is_decisive(words: str) -> bool:
    """Tell whether the words say why."""
    words = re.sub(r"\s+", " ", words[:DIAGNOSTIC_CHARS]).casefold()
    return bool(_HARD.search(words) or _SOFT.search(words))


def _names_policy(words: str) -> bool:
    """Some programs say 5.1.1 of whatever the other server refused, and quote what it said: 5.7.1."""
    return any(found[2] in SOFT_SUBJECTS for found in STATUS.finditer(words))


def _failure_class(status: str, words: str) -> str:
    if status:
        return status[0]
    code = REPLY_CODE.search(words)
    return code[1] if code else "5"
