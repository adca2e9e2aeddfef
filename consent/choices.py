"""Choices of people on the preference page: what they said, beside what the page had shown them, on its way in.

One save is one inbound. Its body is JSON: each word, the state that was shown for it, and the rest of the page as its
signature proves it. By link alone somebody may say no and narrow; a yes takes the owner (docs/PREFERENCES.md).
"""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from consent import inbox
from consent.addresses import Contact
from consent.configuration import Scope, Snapshot
from consent.inbox import Accepted, Arrival, Envelope, open_envelope
from consent.normalise.keys import Key
from consent.statement import NoticeSeen

BY_LINK, BY_OWNER = "page:link", "page:owner"
EVERY_TOPIC = "*"
NARROWING = frozenset({"off", "pause", "fewer"})

Wanted = Literal["on", "off", "pause", "resume", "fewer", "kept", "ended"]


class Word(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One word about one topic (a slug, or `*`) at one address, which `keys` begin with; they are hexadecimal.

    `shown` is the state that the page showed. `fewer` is a no to the topic and a yes to `instead`. Whoever turns one
    topic on while a wider no stands (its `cause`, the `sender` it was said to) has that `ended`, and `kept` for every
    other topic up to the `newest` that there was. `notice` is the wording that a yes was given to.
    """

    channel: str
    keys: tuple[str, ...]
    topic: str
    wanted: Wanted
    shown: str = ""
    instead: str = ""
    cause: str = ""
    sender: str = ""
    sender_only: bool = False
    until: datetime | None = None
    notice: NoticeSeen | None = None
    newest: int = 0

    @property
    def said(self) -> list[Key]:
        return [Key(bytes.fromhex(key)) for key in self.keys]

    def scope(self, controller_id: int, snapshot: Snapshot) -> Scope | None:
        """How far it reaches; None where its topic is gone."""
        if self.topic == EVERY_TOPIC:
            return Scope(controller_id, None)
        topic = snapshot.topics_by_slug.get((controller_id, self.topic))
        return Scope(controller_id, topic.id) if topic else None


class Meanwhile(msgspec.Struct, frozen=True, omit_defaults=True):
    """What changed between the showing of a page and its saving, and not by it."""

    channel: str
    topic: str
    state: str
    since: datetime | None = None


class Shown(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a page showed: when, in which language, and the state of each topic at each address: key → slug → state."""

    at: datetime
    language: str
    states: Mapping[str, Mapping[str, str]] = {}


class Choices(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A save. `act` is the button that was pressed, `prefers` the language that was chosen.

    `signal` are the noes to sharing that a browser's Global Privacy Control says. `undoes` is an earlier save of the
    same visitor, which is taken back; the words are then those of that save. `refused` are yeses that cannot be taken.
    """

    act: str
    words: tuple[Word, ...] = ()
    shown: Shown | None = None
    prefers: str = ""
    prefers_at: tuple[str, ...] = ()
    signal: tuple[Word, ...] = ()
    meanwhile: tuple[Meanwhile, ...] = ()
    refused: tuple[Meanwhile, ...] = ()
    undoes: UUID | None = None
    nonce: str = ""  # without it the evidence's digest could be tried against all addresses


_decode = msgspec.json.Decoder(Choices)


def choices_in(body: bytes) -> Choices:
    """The choices that an inbound keeps. Raise `msgspec.DecodeError` for what is none."""
    return _decode.decode(body)


def choices_kept(sealed: bytes | memoryview) -> Choices:
    """The choices of an inbound as it is kept."""
    return choices_in(open_envelope(sealed).body)


def accept_choices(
    choices: Choices,
    *,
    controller_id: int,
    channel: str,
    link: str,
    source: str,
    headers: Mapping[str, str],
    homes: Sequence[Contact],
    snapshot: Snapshot,
) -> Accepted:
    """Keep a save; from the commit on every no of it denies. `homes` are the postal addresses that it is about."""
    kept = msgspec.structs.replace(choices, nonce=secrets.token_hex(16))
    holds = holds_of(choices, controller_id, snapshot)
    return inbox.accept(
        Arrival(
            controller_id=controller_id,
            source=source,
            channel=channel,
            endpoint=link,
            envelope=Envelope(body=msgspec.json.encode(kept, order="sorted"), headers=headers),
            holds=holds,
            homes=tuple(homes) if holds else (),
        )
    )


def holds_of(choices: Choices, controller_id: int, snapshot: Snapshot) -> list[tuple[Key, Scope]]:
    """A no and a pause deny from now on; a yes, and the taking back of a no, wait for the pipeline."""
    words = choices.signal if choices.undoes else (*choices.words, *choices.signal)
    return list(dict.fromkeys(_held(words, controller_id, snapshot)))


def _held(words: Iterable[Word], controller_id: int, snapshot: Snapshot) -> Iterable[tuple[Key, Scope]]:
    for word in words:
        scope = word.scope(controller_id, snapshot)
        if word.wanted in NARROWING and scope is not None:
            yield from ((key, scope) for key in word.said)
