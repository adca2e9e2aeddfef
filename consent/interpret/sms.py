"""Text messages: the gateway's verdict or the table of words, then what it means for the number."""

from typing import Any

from consent import answering, menu
from consent.addresses import Contact
from consent.classify.text import TextDecision, classify_text
from consent.configuration import Snapshot
from consent.decision import Arrived, Decision, Doubt, Seen
from consent.intake.contract import UNREADABLE, Message
from consent.ledger import Entry
from consent.normalise.errors import InvalidAddress
from consent.numbers import person_contact
from consent.stopping import start_words, stop_words, told


def interpret_sms(arrived: Arrived, snapshot: Snapshot) -> Decision:
    """What a gateway's message means. What is unknown, or reports no refusal, is recorded and changes nothing."""
    message = arrived.envelope.message
    if message is None:
        raise ValueError("an SMS inbound without its message")
    if message.event.startswith(UNREADABLE):
        return _unread(arrived, snapshot, message)
    if message.kind == "unknown" or (message.kind == "report" and message.verdict is None):
        return Decision(outcome=message.kind, rule=message.event[:80], errands=answering.subscription(message))
    return _decide(arrived, snapshot, message)


def _unread(arrived: Arrived, snapshot: Snapshot, message: Message) -> Decision:
    """An entry of a batch that no adapter could read: a person does, and its number stays held meanwhile."""
    rule = message.event[:80]
    try:
        contact = person_contact(message.sender, _region(arrived, snapshot))
    except InvalidAddress:
        return Decision("review", rule, doubts=(Doubt("sms"),))
    seen = (Seen(contact.said[0], "sms", contact.normal),)
    return Decision("review", rule, seen=seen, doubts=(Doubt("sms", "", contact.said),))


def _decide(arrived: Arrived, snapshot: Snapshot, message: Message) -> Decision:
    read = classify_text(message.text, verdict=message.verdict, reply_to_us=message.reply_to_us)
    rule = f"{read.row} @{read.version}"[:80]
    try:
        contact = person_contact(message.sender, _region(arrived, snapshot))
    except InvalidAddress:
        # Nothing that can be sent to: a request from it still goes where a person sees it.
        doubts = () if read.intent in ("none", "help") else (Doubt("sms", _suggestion(read)),)
        return Decision("review" if doubts else read.intent, rule, doubts=doubts)
    seen = (Seen(contact.said[0], "sms", contact.normal),)
    kept = menu.kept(arrived, message, contact.said[0], snapshot)
    if kept:
        return Decision("keep", "menu.keep", kept, seen)
    if read.intent == "review" or read.scope not in ("sender", "everything"):
        return Decision("review", rule, seen=seen, doubts=(Doubt("sms", _suggestion(read), contact.said),))
    entries = _entries(arrived, snapshot, message, contact, read)
    errands = answering.wanted(arrived, message, read, contact, snapshot)
    return Decision(read.intent, rule, entries, seen, _further(read), errands=errands)


def _further(read: TextDecision) -> tuple[Doubt, ...]:
    """What the same text asks on other channels: whose address it means, a person must find out."""
    channels = {request.scope for request in read.also if request.scope in ("email", "post")}
    return tuple(Doubt(channel, "opt_out") for channel in sorted(channels))


def _entries(
    arrived: Arrived, snapshot: Snapshot, message: Message, contact: Contact, read: TextDecision
) -> tuple[Entry, ...]:
    text = told(snapshot, arrived.controller_id, arrived.source, arrived.endpoint, arrived.received_at, message)
    words: list[dict[str, Any]] = []
    if read.intent == "opt_out":
        words = stop_words(snapshot, text, everything=read.scope == "everything")
    elif read.intent == "opt_in":
        words = start_words(text)
    return tuple(arrived.entry(place, contact.said[0], **word) for place, word in enumerate(words))


def _suggestion(read: TextDecision) -> str:
    wanted = read.suggestion or read.intent
    return wanted if wanted in ("opt_out", "opt_in", "none") else ""


def _region(arrived: Arrived, snapshot: Snapshot) -> str:
    entry = snapshot.accounts.get((arrived.source.partition(":")[2], arrived.endpoint))
    return entry.region if entry else ""
