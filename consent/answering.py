"""Whether a text is answered, and with what: the one confirmation of a STOP, HELP, and a START that took a STOP back.

47 CFR 64.1200(a)(12): one confirmation, within five minutes, without marketing; it may ask what to keep, and no answer
means that all stops. It goes out although the number is suppressed: nothing here asks the check.

- Nothing where the gateway (`answers`: `gateway`) or the network answers: a message that comes with the gateway's own
  verdict was answered by it, and toll-free numbers have their STOP and START answered by the network.
- A STOP is confirmed if it is the one that stopped; a START is answered if it gave something back.
- Not more than `MOST_AN_HOUR` texts go to one number, so that two machines do not answer each other for ever.
- Whatever fails here costs nobody their word: the opt-out is recorded all the same.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from consent import db, errands, ledger
from consent.addresses import Contact
from consent.answers import options as choices
from consent.answers import texts
from consent.classify.text import TextDecision
from consent.configuration import Snapshot
from consent.decision import Arrived, Decision, Wanted
from consent.intake.contract import Message
from consent.models.errand import ErrandKind
from consent.models.vocabulary import Cause
from consent.normalise.keys import Key
from consent.numbers import our_number
from consent.suppression import Line, derive

logger = logging.getLogger(__name__)

MOST_AN_HOUR = 10
STOPPED, HELP, STARTED, SUBSCRIPTION = "stopped", "help", "started", "subscription"
_PURPOSES = {"opt_out": STOPPED, "help": HELP, "opt_in": STARTED}
# North American toll-free codes, and the words to which their network itself replies (Sinch, AWS, Twilio, Bandwidth).
_TOLL_FREE = frozenset({"800", "833", "844", "855", "866", "877", "888"})
_NETWORK_WORDS = frozenset({"stop", "start", "unstop"})
# Rows whose words every gateway prescribes in English, whatever its user speaks.
_NO_LANGUAGE = ("keyword.en.", "gateway.")
Made = Iterable[tuple[Arrived, Decision]]


def wanted(
    arrived: Arrived, message: Message, read: TextDecision, contact: Contact, snapshot: Snapshot
) -> tuple[Wanted, ...]:
    """The reply that a decided text asks for, if its account's texts are ours to answer. Never raises."""
    try:
        return _wanted(arrived, message, read, contact, snapshot)
    except Exception as error:
        logger.error("no answer could be found for inbound %s (%s)", arrived.id, type(error).__name__)
        return ()


def _wanted(
    arrived: Arrived, message: Message, read: TextDecision, contact: Contact, snapshot: Snapshot
) -> tuple[Wanted, ...]:
    entry = snapshot.accounts.get((arrived.source.partition(":")[2], arrived.endpoint))
    purpose = _PURPOSES.get(read.intent)
    if entry is None or purpose is None or choices.way(entry.account.options) == choices.GATEWAY:
        return ()
    if _answered_elsewhere(message) or ("sms", contact.normal) in snapshot.senders:
        return ()  # a number of ours that wrote to us would be answered for ever
    options = entry.account.options
    topics = _offered(arrived.controller_id, options, snapshot) if purpose == STOPPED and read.scope == "sender" else ()
    return (
        Wanted(
            kind=ErrandKind.REPLY,
            purpose=purpose,
            way=choices.way(options),
            key=contact.said[0],
            sender=message.recipient,
            to=contact.normal,
            text=_text(purpose, arrived.controller_id, _language(read, options), options, topics, snapshot),
            topics=topics,
        ),
    )


def subscription(message: Message) -> tuple[Wanted, ...]:
    """The URL that accepts a subscription, which the adapter has checked."""
    url = message.confirm_url
    return (Wanted(ErrandKind.CONFIRM, SUBSCRIPTION, choices.API, url=url),) if url else ()


def _answered_elsewhere(message: Message) -> bool:
    if message.kind != "message" or message.verdict is not None or not message.recipient:
        return True
    number = our_number(message.recipient)
    toll_free = len(number) == 12 and number.startswith("+1") and number[2:5] in _TOLL_FREE
    return toll_free and message.text.strip()[:10].casefold() in _NETWORK_WORDS


def _offered(controller_id: int, options: Mapping[str, str], snapshot: Snapshot) -> tuple[int, ...]:
    rules = [snapshot.topics_by_slug.get((controller_id, slug)) for slug in choices.menu_slugs(options)]
    return tuple(rule.id for rule in rules if rule is not None and "sms" in rule.channels)


def _language(read: TextDecision, options: Mapping[str, str]) -> str:
    own = options.get("language", "")
    if read.language is None or (own and read.row.startswith(_NO_LANGUAGE)) or read.language not in texts.languages():
        return own or texts.DEFAULT_LANGUAGE
    return read.language


def _text(
    purpose: str,
    controller_id: int,
    language: str,
    options: Mapping[str, str],
    topics: Sequence[int],
    snapshot: Snapshot,
) -> str:
    controller = snapshot.controller_names[controller_id]
    if purpose == STOPPED:
        return texts.stopped(language, controller, options, [snapshot.topics[topic].name for topic in topics])
    if purpose == STARTED:
        return texts.started(language, controller, options)
    contact = options.get("contact") or snapshot.controller_contacts[controller_id]
    return texts.helped(language, controller, contact, options)


def settle(made: Made) -> None:
    """Write the errands that are due, after the ledger, in the transaction that settles their inbounds."""
    asked = [(arrived, one) for arrived, decision in made for one in decision.errands if one.way == choices.API]
    if not asked:
        return
    try:
        with transaction.atomic():
            history = _history([one.key for _, one in asked if one.key and one.purpose in (STOPPED, STARTED)])
            errands.write(within_limits([pair for pair in asked if _is_due(*pair, history)]))
    except Exception as error:
        logger.error("the answers to %d texts could not be written (%s)", len(asked), type(error).__name__)


def within_limits(due: Sequence[tuple[Arrived, Wanted]]) -> list[tuple[Arrived, Wanted]]:
    """Those that do not write too often to one number."""
    told = errands.told_since(timezone.now() - timedelta(hours=1), {one.key for _, one in due if one.key})
    kept = []
    for arrived, one in due:
        if one.key:
            told[one.key] += 1
        if one.key is None or told[one.key] <= MOST_AN_HOUR:
            kept.append((arrived, one))
    return kept


History = Mapping[Key, Sequence[tuple[int, Line]]]


def _history(keys: Sequence[Key]) -> History:
    """The lines of some keys with their numbers. The ledger's head is locked by now: nobody adds one meanwhile."""
    known: dict[Key, list[tuple[int, Line]]] = {}
    if keys:
        unique = list(set(keys))
        rows = db.fetch("SELECT id, seq FROM consent_consentevent WHERE key = ANY(%s)", [unique])
        numbers: dict[UUID, int] = {row[0]: row[1] for row in rows}
        for line in ledger.lines_of(unique):
            known.setdefault(Key(line.key), []).append((numbers[line.id], line))
    return known


def _is_due(arrived: Arrived, one: Wanted, history: History) -> bool:
    """A STOP that stopped, a START that gave back, anything else that was asked for."""
    if one.key is None or one.purpose not in (STOPPED, STARTED):
        return True
    lines = history.get(one.key, ())
    own = [number for number, line in lines if line.inbound_id == arrived.id]
    if not own:
        return False
    before = is_stopped([line for number, line in lines if number < min(own)], arrived, one)
    after = is_stopped([line for number, line in lines if number <= max(own)], arrived, one)
    return turns(one.purpose, before, after)


def turns(purpose: str, before: bool, after: bool) -> bool:
    """Whether a text changed what it asked to change."""
    return (before, after) == ((False, True) if purpose == STOPPED else (True, False))


def is_stopped(lines: Iterable[Line], arrived: Arrived, one: Wanted) -> bool:
    """Whether, by these lines, a STOP to the number that was written to stands."""
    sender = our_number(one.sender)
    return any(
        denial.cause == Cause.STOP
        and denial.sender in ("", sender)
        and denial.scope.controller_id in (None, arrived.controller_id)
        for denial in derive(lines).denials
    )
