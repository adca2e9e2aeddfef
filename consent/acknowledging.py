"""Whether a letter is answered, to whom, and with what.

- A letter is answered once: at once if something was done or an address is missing, else when staff have decided that
  it was a request. A decision that it was none is not told: whoever wrote something else is answered by people.
- We are a service responder (RFC 3834 §4): the answer goes to the address that the request was about, the letter's
  From, whatever its return path, and never to Reply-To. So whoever owns the address is told, and can undo, even where
  somebody else wrote in their name. The word of an unsubscribe link is told to the link's owner, not to a stranger
  who wrote with it.
- Never to whom `mail_answerable` names, to an address of ours, or to one that takes no mail (hard bounce, deceased).
- One answer an address and day and controller; what is asked besides is done, and not answered.
- Whatever fails here costs nobody their word.
"""

import logging
import re
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from consent import configuration, db, errands, runs, vault
from consent.addresses import PERSON, Contact, contact_of_normal
from consent.answers import letters
from consent.answers.letters import Run, Told
from consent.classify.mail_answerable import Envelope, is_robot, unanswerable
from consent.classify.mail_post import bare_subject
from consent.configuration import Scope, Snapshot
from consent.decision import Answer, Arrived, Decision, Doubt, Wanted
from consent.inbox import open_envelope
from consent.ledger import Entry
from consent.letter import Reading, read_letter
from consent.mailboxes import writes_from
from consent.models import ConsentEvent, ContactPoint, Errand, Inbound, Review
from consent.models.errand import ErrandKind, ErrandWay
from consent.models.vocabulary import Action, Cause
from consent.normalise.keys import Key
from consent.resolve import VALUE_PURPOSE
from consent.tokens import Token
from consent.undoing import undo_url

logger = logging.getLogger(__name__)

ACKNOWLEDGED, DECIDED = "acknowledged", "decided"
# What people write in English, or their mail program writes for them, whatever they speak.
_NO_LANGUAGE = frozenset({"request.mailto", "request.en.command", "request.en.command.list"})
_SUBJECT_CHARACTERS = 120
# A subject that another wrote is carried on only where it can sell nothing and opens nothing.
_CARRIES = re.compile(r"://|www\.|@|[\w-]\.[a-z]{2,}|\S{30}", re.IGNORECASE)


class Done(NamedTuple):
    """What became of a letter: the keys it silenced, those of post among them, and what is still to come."""

    silenced: Collection[bytes]
    post: Sequence[bytes] = ()
    review: bool = False
    address_needed: bool = False


class Letter(NamedTuple):
    """A letter read, with what there is to know for its answer."""

    arrived: Arrived
    reading: Reading
    snapshot: Snapshot
    done: Done

    @property
    def owner_key(self) -> Key | None:
        """The key of the link's owner, where the link silenced an address that is not the sender's."""
        token, sender = self.reading.token, self.reading.sender
        if token is None or token.channel != "email" or token.key not in self.done.silenced:
            return None
        return None if sender is not None and token.key in sender.said else token.key

    @property
    def homes(self) -> tuple[Contact, ...]:
        """The homes that were silenced, of those that the letter itself names."""
        return tuple(home for home in self.reading.homes if home.said[0] in self.done.silenced)


def wanted(
    arrived: Arrived, reading: Reading, entries: Sequence[Entry], doubts: Sequence[Doubt], snapshot: Snapshot
) -> tuple[Wanted, ...]:
    """The answer that a letter asks for now, if it may have one. Never raises."""
    said = [entry for entry in entries if entry.action == Action.WITHDRAW]
    done = Done(
        silenced={entry.key for entry in said},
        post=[entry.key for entry in said if entry.channel == "post"],
        review=any(doubt.keys for doubt in doubts),
        address_needed=any(doubt.channel == "post" and not doubt.keys for doubt in doubts),
    )
    waits = done.review and not done.silenced
    if waits or not (done.silenced or done.address_needed):
        return ()
    try:
        return _answer(Letter(arrived, reading, snapshot, done), ACKNOWLEDGED)
    except Exception as error:
        logger.error("no answer could be found for inbound %s (%s)", arrived.id, type(error).__name__)
        return ()


def decided(inbound: Inbound) -> None:
    """Answer a letter about which staff have decided all, if it was not answered before. Never raises."""
    if inbound.source != "mail" or not inbound.sealed_raw:
        return
    try:
        with transaction.atomic():
            _answer_decided(inbound, bytes(inbound.sealed_raw))
    except Exception as error:
        logger.error("no answer could be found for inbound %s (%s)", inbound.pk, type(error).__name__)


def _answer_decided(inbound: Inbound, sealed: bytes) -> None:
    lines = ConsentEvent.objects.filter(inbound=inbound, action=Action.WITHDRAW).values_list("key", "channel")
    silenced = {bytes(key): channel for key, channel in lines}
    answered = Errand.objects.filter(inbound=inbound, kind=ErrandKind.MAIL).exists()
    if not silenced or answered or Review.objects.filter(inbound=inbound, decision="").exists():
        return
    arrived = _arrived(inbound, sealed)
    reading = read_letter(arrived.envelope.body, arrived.envelope.headers, arrived.controller_id)
    done = Done(silenced, [key for key, channel in silenced.items() if channel == "post"])
    letter = Letter(arrived, reading, configuration.current(), done)
    _write([(arrived, one) for one in _answer(letter, DECIDED)])


def _arrived(inbound: Inbound, sealed: bytes) -> Arrived:
    said = (inbound.source, inbound.channel, inbound.endpoint, inbound.actor, inbound.received_at)
    envelope = open_envelope(sealed)
    return Arrived(inbound.pk, inbound.controller_id, *said, bytes(inbound.digest), inbound.attempts, envelope)


def settle(made: Iterable[tuple[Arrived, Decision]]) -> None:
    """Write the answers that are due, after the ledger, in the transaction that settles their letters."""
    asked = [(arrived, one) for arrived, made in made for one in made.errands if one.purpose in (ACKNOWLEDGED, DECIDED)]
    if not asked:
        return
    try:
        with transaction.atomic():
            _write(asked)
    except Exception as error:
        logger.error("the answers to %d letters could not be written (%s)", len(asked), type(error).__name__)


def _write(asked: Sequence[tuple[Arrived, Wanted]]) -> None:
    """In the order of keys, so that two writers cannot wait for each other."""
    ordered = sorted(asked, key=lambda pair: (pair[1].key or b"", pair[0].id))
    errands.write([(arrived, one) for arrived, one in ordered if _is_due(arrived.controller_id, one)])


_DEAD = "SELECT 1 FROM consent_suppression WHERE key = %s AND cause = ANY(%s) AND (until IS NULL OR until > %s) LIMIT 1"
_TURN = """
INSERT INTO consent_acknowledgement AS a (controller_id, key, answered_at) VALUES (%s, %s, %s)
ON CONFLICT (controller_id, key) DO UPDATE SET answered_at = EXCLUDED.answered_at
WHERE a.answered_at <= EXCLUDED.answered_at - interval '1 day' RETURNING 1
"""


def _is_due(controller_id: int, one: Wanted) -> bool:
    """Whether the address takes mail, and had no answer within a day. The row decides between two that come at once."""
    now, dead = timezone.now(), [str(Cause.HARD_BOUNCE), str(Cause.DECEASED)]
    return not db.fetch(_DEAD, [one.key, dead, now]) and bool(db.fetch(_TURN, [controller_id, one.key, now]))


def _answer(letter: Letter, purpose: str) -> tuple[Wanted, ...]:
    who = _addressee(letter)
    if who is None or not _may_be_answered(letter, who):
        return ()
    told = _told(letter, who)
    language = _language(letter.reading)
    return (
        Wanted(
            kind=ErrandKind.MAIL,
            purpose=purpose,
            way=ErrandWay.MAIL,
            key=who.said[0],
            sender=_mailbox(letter.arrived, letter.snapshot),
            to=who.normal,
            answer=Answer(
                subject=_subject(letter, language),
                text=letters.body(language, told),
                name=told.controller,
                language=language,
                message_id="" if letter.owner_key or letter.reading.mail is None else letter.reading.mail.message_id,
            ),
        ),
    )


def _addressee(letter: Letter) -> Contact | None:
    key = letter.owner_key
    if key is None:
        return letter.reading.sender
    point = ContactPoint.objects.filter(key=key, channel="email", sealed_value__isnull=False).first()
    return (
        contact_of_normal("email", vault.unseal(VALUE_PURPOSE, point.sealed_value or b"").decode()) if point else None
    )


def _may_be_answered(letter: Letter, who: Contact) -> bool:
    mail = letter.reading.mail
    if mail is None or ("email", who.normal) in letter.snapshot.senders or is_robot(who.normal):
        return False
    if not who.normal.rpartition("@")[0].isascii():
        return False  # RFC 6531: hardly a server between us takes it
    envelope = Envelope(letter.arrived.envelope.headers.get("mail-from", ""), letter.arrived.received_at)
    return unanswerable(mail, letter.reading.made, envelope) is None


def _told(letter: Letter, who: Contact) -> Told:
    """What is told. The owner of a link, who did not write, is told of their address and not of the writer's home."""
    reading, snapshot, done = letter.reading, letter.snapshot, letter.done
    controller_id, to_owner = letter.arrived.controller_id, letter.owner_key is not None
    silenced = who.said[0] in done.silenced
    scope = reading.token.scope if reading.token and who.said[0] == reading.token.key else Scope(controller_id, None)
    topic = snapshot.topics.get(scope.topic_id or 0)
    homes, post = ((), ()) if to_owner else (letter.homes, done.post)
    known = {*who.said, *(key for home in reading.homes for key in home.said)}
    contact = snapshot.controller_contacts.get(controller_id, "")
    return Told(
        controller=snapshot.controller_names[controller_id],
        contact="" if contact == letter.arrived.endpoint else contact,
        to_owner=to_owner,
        address=who.normal if silenced else "",
        topic=topic.name if topic and silenced else "",
        homes=tuple(_written(home) for home in homes),
        named=not to_owner and bool(set(done.silenced) - known),
        address_needed=done.address_needed and not to_owner,
        review=done.review,
        runs=due(controller_id, [Key(key) for key in post], letter.arrived.received_at),
        soon=_soon(letter.arrived.received_at) if post else None,
        undo=undo_url(letter.arrived.id, Token("email", scope, who.said[0])) if silenced else "",
    )


def due(controller_id: int, keys: Sequence[Key], at: datetime) -> tuple[Run, ...]:
    """The mail runs that may still reach one of the keys."""
    found = runs.may_still_arrive(controller_id, keys, at) if keys else []
    return tuple(Run(run.name, run.arrives_until) for run in found)


def _soon(at: datetime) -> date | None:
    days = settings.SAYSO_POST_IN_PRODUCTION_DAYS
    return (at + timedelta(days=days)).date() if days > 0 else None


def _written(home: Contact) -> str:
    """A postal address in one line: the normal form's country and code go to the end."""
    household, _, name = home.normal.partition(PERSON)
    country, _, rest = household.partition("|")
    code, _, street = rest.partition("|")
    return ", ".join(part for part in (name, *street.split("|"), code, country) if part)


def _language(reading: Reading) -> str:
    spoken = None if reading.made.row in _NO_LANGUAGE else reading.made.language
    return letters.known_language(spoken, settings.SAYSO_ANSWER_LANGUAGE)


def _subject(letter: Letter, language: str) -> str:
    mail, token = letter.reading.mail, letter.reading.made.token
    bare = letters.one_line(bare_subject(mail.subject))[:_SUBJECT_CHARACTERS] if mail else ""
    if not bare or token or letter.owner_key or _CARRIES.search(bare):
        return letters.subject(language, letter.snapshot.controller_names[letter.arrived.controller_id])
    return f"Re: {bare}"


def _mailbox(arrived: Arrived, snapshot: Snapshot) -> str:
    """The mailbox that was written to; where that is none of ours, the first address that the controller sends from."""
    if snapshot.senders.get(("email", arrived.endpoint), (0, ""))[0] == arrived.controller_id:
        return arrived.endpoint
    own = writes_from(snapshot, arrived.controller_id)
    if own is None:
        raise LookupError("the controller has no address to write from")
    return own
