"""Text messages: the gateway's verdict or the table of words, then what it means for the number."""

from consent import answering, menu
from consent.addresses import Contact
from consent.classify.text import TextDecision, classify_text
from consent.configuration import EVERYTHING, Scope, Snapshot
from consent.decision import Arrived, Decision, Doubt, Seen
from consent.intake.contract import Message
from consent.ledger import Entry
from consent.models.vocabulary import Action, Cause
from consent.normalise.errors import InvalidAddress
from consent.numbers import our_number, person_contact


def interpret_sms(arrived: Arrived, snapshot: Snapshot) -> Decision:
    """What a gateway's message means. What is unknown is recorded and changes nothing."""
    message = arrived.envelope.message
    if message is None:
        raise ValueError("an SMS inbound without its message")
    if message.kind == "unknown" or (message.kind == "report" and message.verdict is None):
        return Decision(outcome="unknown", rule=message.event[:80], errands=answering.subscription(message))
    return _decide(arrived, snapshot, message)


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
    entries = _entries(arrived, message, contact, read)
    errands = answering.wanted(arrived, message, read, contact, snapshot)
    return Decision(read.intent, rule, entries, seen, _further(read), errands=errands)


def _further(read: TextDecision) -> tuple[Doubt, ...]:
    """What the same text asks on other channels: whose address it means, a person must find out."""
    channels = {request.scope for request in read.also if request.scope in ("email", "post")}
    return tuple(Doubt(channel, "opt_out") for channel in sorted(channels))


def _entries(arrived: Arrived, message: Message, contact: Contact, read: TextDecision) -> tuple[Entry, ...]:
    """A STOP denies within the controller, STOPALL everywhere; a START takes back what a STOP to that number set."""
    if read.intent not in ("opt_out", "opt_in"):
        return ()
    key, occurred_at = contact.said[0], _occurred_at(arrived, message)
    own, sender = Scope(arrived.controller_id, None), our_number(message.recipient)
    if read.intent == "opt_out":
        scope = EVERYTHING if read.scope == "everything" else own
        words = [(Action.WITHDRAW, scope)]
    else:
        words = [(Action.LIFT, own), (Action.LIFT, EVERYTHING)]
    return tuple(
        arrived.entry(place, key, scope=scope, action=action, cause=Cause.STOP, sender=sender, occurred_at=occurred_at)
        for place, (action, scope) in enumerate(words)
    )


def _occurred_at(arrived: Arrived, message: Message) -> object:
    # A gateway's clock may run ahead; nothing was said after we received it.
    if message.occurred_at is None:
        return arrived.received_at
    return min(message.occurred_at, arrived.received_at)


def _suggestion(read: TextDecision) -> str:
    wanted = read.suggestion or read.intent
    return wanted if wanted in ("opt_out", "opt_in", "none") else ""


def _region(arrived: Arrived, snapshot: Snapshot) -> str:
    entry = snapshot.accounts.get((arrived.source.partition(":")[2], arrived.endpoint))
    return entry.region if entry else ""
