"""A stored message → the inbox, and the count of what became of each."""

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import NamedTuple

from django.db import DatabaseError, DataError, IntegrityError

from consent import mailbox
from consent.ingest import envelope
from consent.ingest.stored import Stored, Unread

SHOWN = 20


class Fate(StrEnum):
    """What became of a message."""

    TAKEN = "taken"
    KNOWN = "already known"
    NOT_OURS = "not ours"
    UNREADABLE = "unreadable"
    FAILED = "failed"  # by a fault of ours: it lies where it lay and is to be tried again


class Sent(NamedTuple):
    """The envelope where a caller knows it: mailboxes it was sent to, and its sender. None: the header is asked."""

    mailboxes: Sequence[str] = ()
    mail_from: str | None = None


class Tally:
    """How many of each fate, and the places that a person should look at."""

    def __init__(self) -> None:
        self.counts = dict.fromkeys(Fate, 0)
        self.notes: list[Unread] = []
        self.cut: list[str] = []
        self.more = 0

    def add(self, fate: Fate, place: str, why: str = "") -> None:
        self.counts[fate] += 1
        if fate in (Fate.TAKEN, Fate.KNOWN):
            return
        # Each unreadable one is named; of those that were not meant for us the first will do.
        if fate is Fate.NOT_OURS and self.counts[fate] > SHOWN:
            self.more += 1
        else:
            self.notes.append(Unread(place, why))

    @property
    def seen(self) -> int:
        return sum(self.counts.values())

    def summary(self) -> str:
        return ", ".join(f"{fate.value} {count:,}" for fate, count in self.counts.items() if count or fate != "failed")


def take(found: Stored | Unread, sent: Sent, tally: Tally) -> Fate:
    """Take in one message, and count it. Raises a database error when the database cannot keep anything now.

    Whatever else is wrong with a message concerns it alone.
    """
    if isinstance(found, Unread):
        return _count(tally, Fate.UNREADABLE, found.place, found.why)
    if not envelope.has_header(found.raw):
        return _count(tally, Fate.UNREADABLE, found.place, "no message: it has no header field")
    mailboxes = [text for text in _clean(sent.mailboxes or envelope.recipients(found.raw)) if mailbox.owner_of(text)]
    if not mailboxes:
        return _count(tally, Fate.NOT_OURS, found.place, "sent to none of our mailboxes")
    return _guarded(lambda: _accept(found, mailboxes, sent), found, tally)


def _accept(found: Stored, mailboxes: Sequence[str], sent: Sent) -> Fate:
    mail_from = envelope.return_path(found.raw, found.from_line) if sent.mail_from is None else sent.mail_from
    [sender] = _clean([mail_from])
    accepted = mailbox.accept_mail(found.raw, sender, mailboxes, digest=found.digest, cut=found.cut)
    return Fate.KNOWN if all(one.again for one in accepted) else Fate.TAKEN


def _guarded(accept: Callable[[], Fate], found: Stored, tally: Tally) -> Fate:
    try:
        fate = accept()
    except (DataError, IntegrityError) as error:
        return _count(tally, Fate.FAILED, found.place, f"could not be kept: {type(error).__name__}")
    except DatabaseError:
        raise
    except Exception as error:  # a fault of ours in reading one message must not cost its neighbours
        return _count(tally, Fate.FAILED, found.place, f"could not be kept: {type(error).__name__}")
    if found.cut and fate is Fate.TAKEN:
        tally.cut.append(found.place)
    return _count(tally, fate, found.place)


def _count(tally: Tally, fate: Fate, place: str, why: str = "") -> Fate:
    tally.add(fate, place, why)
    return fate


def _clean(texts: Sequence[str]) -> list[str]:
    """Bytes that are no text cannot be stored as one."""
    return [text.encode("utf-8", "replace").decode().replace("\0", "") for text in texts]
