"""Which addresses a failure report is about, and whether they are dead: delivery status notifications (RFC 3464).

A report is acted on only where its Action is `failed`; `delayed` is a warning. What the failure means is judged by
consent/classify/mail_bounce_verdict.py.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from consent.classify.mail_bounce_verdict import (
    STATUS,
    best_status,
    counts,
    filters_unsaid,
    is_believable,
    is_decisive,
    is_hard,
    is_rule,
)
from consent.classify.mail_recipient import ADDRESS, addresses_in, local_of, recipient_of
from consent.intake.mail import ParsedMail
from consent.intake.mail_reports import DeliveryReport, Fields, first, read_delivery

__all__ = ["ADDRESS", "Bounce", "delivered_to", "embedded_bounces", "judged", "reported_bounces", "said_of", "unique"]


class Bounce(msgspec.Struct, frozen=True):
    """An address that a message could not be delivered to. `status` is of RFC 3463, `""` when none was given.

    `counts`: it speaks of the address, and not of the message, of its sender or of our repute.
    """

    recipient: str
    hard: bool
    status: str
    counts: bool = True


FAILED: Final = frozenset({"failed", "failure", "fail", "error", "expired", "undeliverable", "bounced", "rejected"})
"""RFC 3464 §2.3.3 says `failed`; the others are what some programs write instead."""
NOTICE_CHARS: Final = 8_000
JUDGED_CHARS: Final = 60_000
"""Of what is said of all the recipients of a report together; each has at least `LEAST_CHARS`."""
LEAST_CHARS: Final = 120
TRANSCRIPT: Final = re.compile(r"transcript of (?:the )?session[^\n]{0,80}\n", re.IGNORECASE)


def reported_bounces(mail: ParsedMail) -> tuple[Bounce, ...]:
    """Give the failures of the delivery reports of a message, each recipient once."""
    groups = [group for report in mail.deliveries for group in report.recipients]
    found = _of_groups(groups, mail.notice, mail.returned)
    ruled = any(is_rule(first(report.message, "reporting-mta").rpartition(";")[2]) for report in mail.deliveries)
    return tuple(msgspec.structs.replace(bounce, hard=False) for bounce in found) if ruled else found


def embedded_bounces(notice: str) -> tuple[Bounce, ...]:
    """Give the failures of a report that stands in the text, as programs write that know the fields but not the
    part.
    """
    return _of_groups(read_delivery(notice).recipients, notice, ())


def delivered_to(report: DeliveryReport) -> list[str]:
    """Give the addresses that a report calls delivered."""
    arrived = [group for group in report.recipients if _action(group) == "delivered"]
    return [recipient for group in arrived if (recipient := _recipient(group))]


def unique(bounces: Iterable[Bounce]) -> tuple[Bounce, ...]:
    """Keep one bounce for each recipient, a hard one before a soft one."""
    kept: dict[str, Bounce] = {}
    for bounce in bounces:
        key = bounce.recipient.casefold()
        if key not in kept or (bounce.hard and not kept[key].hard):
            kept[key] = bounce
    return tuple(kept.values())


def judged(recipient: str, stated: str, words: str, notice: str, host: str = "") -> Bounce:
    """Say what a failure with these words means for the address. `notice` is what else is said of it, `host` the one
    that refused it, if known.
    """
    status = best_status(stated, words)
    said = is_hard(status, words) and is_believable(status, words, notice)
    hard = said and not filters_unsaid(recipient, host, words)
    return Bounce(recipient, hard, status, hard or counts(status, words))


def _of_groups(groups: Iterable[Fields], notice: str, returned: Iterable[Mapping[str, str]]) -> tuple[Bounce, ...]:
    failed = [group for group in groups if _is_failure(group)]
    room = max(LEAST_CHARS, JUDGED_CHARS // max(1, len(failed)))
    sent = [address for back in list(returned)[:10] for address in addresses_in(back.get("to", "")[:2_000])]
    found = [_from_group(group, notice, sent, room, alone=len(failed) == 1) for group in failed]
    return unique(bounce for bounce in found if bounce)


def _action(group: Fields) -> str:
    return first(group, "action").strip().partition(" ")[0].strip(";.").casefold()


def _is_failure(group: Fields) -> bool:
    """A group without an Action fails if its status is of class 5."""
    action = _action(group)
    written = STATUS.search(first(group, "status")[:200])
    return action in FAILED or (not action and written is not None and written[1] == "5")


def _from_group(group: Fields, notice: str, sent: list[str], room: int, *, alone: bool) -> Bounce | None:
    recipient = _recipient(group) or _sent_to(group, sent, alone)
    if not recipient:
        return None
    host = first(group, "remote-mta").rpartition(";")[2]
    words = _words(group, recipient, notice, room, alone=alone)
    around = notice if alone else said_of(recipient, notice)[:room]
    return judged(recipient, first(group, "status"), words, around, host)


def _words(group: Fields, recipient: str, notice: str, room: int, *, alone: bool) -> str:
    """What is said of a recipient: by the other server, else in the notice's lines that name it, else in the
    transcript of a report of one.
    """
    diagnostic, own = first(group, "diagnostic-code")[:room], said_of(recipient, notice)[:room]
    if not is_decisive(diagnostic) and not is_decisive(own) and alone:
        transcript = TRANSCRIPT.search(notice[:NOTICE_CHARS])
        own = notice[transcript.end() : NOTICE_CHARS] if transcript else own
    return f"{diagnostic} {own}" if "DATA" in own or not is_decisive(diagnostic) else diagnostic


def said_of(recipient: str, notice: str) -> str:
    """Give the lines of a notice that name a recipient, unfolded."""
    lines = re.sub(r"\n[ \t]+", " ", notice[:NOTICE_CHARS]).split("\n")
    return "\n".join(line for line in lines if recipient in line)


def _recipient(group: Fields) -> str:
    """Original-Recipient is the address that the sender used, Final-Recipient what forwarding made of it (RFC 3464
    §2.3).
    """
    named = (recipient_of(first(group, name)) for name in ("original-recipient", "final-recipient"))
    return next((address for address in named if address), "")


def _sent_to(group: Fields, sent: list[str], alone: bool) -> str:
    """Where a report names a path or a name alone, the message that came back was sent to somebody."""
    name = local_of(first(group, "final-recipient")).casefold()
    same = [address for address in sent if name and address.rpartition("@")[0].casefold() == name]
    if len(set(same)) == 1:
        return same[0]
    return sent[0] if alone and len(set(sent)) == 1 and not name else ""
