"""A request for a yes: kept as asked for, and one mail to the address, whose press of a link makes it a yes.

- Whatever is asked is recorded alike, and looks alike from outside: known or not, suppressed or not, mailed or not.
- One such mail an address and controller and day, whoever asks.
- None to whom a mail would reach in spite of more than a word of their own: a dead address, the dead, who complained,
  children. None to addresses of ours and to those that no person reads.
- A person who said no and signs up themself is asked once: that is a word of theirs. A system that tells us of a yes
  makes us ask nobody who said no (ICO: suppressed people are never asked to opt back in).
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.utils import timezone

from consent import confirmation_mail, db, errands
from consent.addresses import Contact
from consent.classify.mail_answerable import is_robot
from consent.configuration import Snapshot, TopicRule
from consent.confirming import CHANNEL, Ticket, confirm_url
from consent.decision import Arrived, Decision, Wanted
from consent.ledger import Entry
from consent.mailboxes import writes_from
from consent.models.errand import ErrandKind, ErrandWay
from consent.models.vocabulary import Action, Basis, Cause
from consent.normalise.keys import Key

CONFIRM = "confirm"
ONE_MAIL_IN = timedelta(days=1)
# An API key proves a system, and no person.
_TOLD_BY_SYSTEMS = ("api", "staff")


class Wish(NamedTuple):
    """What is asked for. `names` are those by which the person knows the topics, `language` that of the mail.

    `notice` is the wording they saw: (id, slug, version). `anew`: its new version is what is asked about.
    """

    contact: Contact
    topics: Sequence[TopicRule]
    names: Sequence[str]
    language: str
    notice: tuple[int, str, int] | None = None
    anew: bool = False
    source: str = ""  # of the lines, where it says more than the inbound's


def decision_of(arrived: Arrived, wish: Wish, snapshot: Snapshot, rule: str) -> Decision:
    """The request's lines, and the mail that asks for its confirmation. Whether that is due is seen in `settle`."""
    until = arrived.received_at + timedelta(days=settings.SAYSO_CONFIRM_DAYS)
    key, said = wish.contact.said[0], {"action": Action.REQUEST, "basis": Basis.CONFIRMED_OPT_IN, "expires_at": until}
    entries = tuple(
        arrived.entry(
            place, key, scope=topic.line[-1], notice=wish.notice, source=wish.source or arrived.source, **said
        )
        for place, topic in enumerate(wish.topics)
    )
    return Decision("request" if entries else "none", rule, entries, errands=_mail(arrived, wish, entries, snapshot))


def _mail(arrived: Arrived, wish: Wish, entries: Sequence[Entry], snapshot: Snapshot) -> tuple[Wanted, ...]:
    sender, to = writes_from(snapshot, arrived.controller_id), wish.contact.normal
    if sender is None or not entries or not _may_be_written_to(to, snapshot):
        return ()
    first, topics = entries[0], tuple(topic.id for topic in wish.topics)
    ticket = Ticket(arrived.id, Key(first.key), first.expires_at or arrived.received_at, topics)
    told = confirmation_mail.Told(
        controller=snapshot.controller_names[arrived.controller_id],
        contact=snapshot.controller_contacts.get(arrived.controller_id, ""),
        topics=tuple(wish.names),
        url=confirm_url(ticket),
        until=ticket.until.date(),
        anew=wish.anew,
    )
    return (
        Wanted(
            kind=ErrandKind.MAIL,
            purpose=CONFIRM,
            way=ErrandWay.MAIL,
            key=Key(first.key),
            sender=sender,
            to=to,
            topics=topics,
            answer=confirmation_mail.written(told, wish.language),
        ),
    )


def _may_be_written_to(address: str, snapshot: Snapshot) -> bool:
    """Not an address of ours, nor one that no person reads; nor (RFC 6531) one that hardly a server takes."""
    own = (CHANNEL, address) in snapshot.senders
    return not own and not is_robot(address) and address.rpartition("@")[0].isascii()


def settle(made: Iterable[tuple[Arrived, Decision]]) -> None:
    """Write the mails that are due, after the ledger, in the transaction that settles their requests."""
    asked = [(arrived, one) for arrived, made in made for one in made.errands if one.purpose == CONFIRM and one.key]
    # In the order of keys, so that two writers cannot wait for each other; one by one, for two may be about one key.
    for arrived, one in sorted(asked, key=lambda pair: (pair[1].key or b"", pair[0].id)):
        if _is_due(arrived, one, timezone.now()):
            errands.write([(arrived, one)])


_MAY_NOT = """
SELECT 1 FROM consent_suppression
WHERE key = %(key)s AND (until IS NULL OR until > %(now)s)
  AND (cause = ANY(%(dead)s)
       OR (controller_id IS NULL OR controller_id = %(controller)s) AND cause = ANY(%(closed)s)
       OR (controller_id IS NULL OR controller_id = %(controller)s AND (topic_id IS NULL OR topic_id = ANY(%(topics)s)))
          AND cause = ANY(%(own)s))
UNION ALL
SELECT 1 FROM consent_errand
WHERE key = %(key)s AND controller_id = %(controller)s AND purpose = 'confirm' AND made_at > %(since)s
LIMIT 1
"""
_DEAD = [Cause.HARD_BOUNCE.value, Cause.DECEASED.value]
_CLOSED = [Cause.COMPLAINT.value, Cause.MINOR.value]
_OWN = [Cause.CHOICE.value, Cause.STOP.value, Cause.PAUSED.value]


def _is_due(arrived: Arrived, one: Wanted, now: datetime) -> bool:
    """Whether the address may be asked. One transaction at a time decides that about an address."""
    if one.key is None:
        return False
    errands.lock(one.key)
    by_a_system = arrived.source.partition(":")[0] in _TOLD_BY_SYSTEMS
    asked = {
        "key": one.key,
        "now": now,
        "since": now - ONE_MAIL_IN,
        "controller": arrived.controller_id,
        "topics": list(one.topics),
        "dead": _DEAD,
        "closed": _CLOSED,
        "own": _OWN if by_a_system else [],
    }
    return not db.fetch(_MAY_NOT, asked)
