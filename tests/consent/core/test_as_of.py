"""`at`: whatever is said later, the ledger answers about a past moment what was answered then."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, NamedTuple

import pytest
import time_machine
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from consent import configuration, pipeline, status
from consent.choices import BY_LINK, EVERY_TOPIC, Choices, Word, accept_choices
from consent.confirming import Ticket, press, request_of
from consent.inbox import Accepted, Arrival, Envelope, accept
from consent.intake.contract import Message
from consent.models import ConsentEvent
from consent.moves.move import Move
from consent.moves.told import accept_moves, told
from consent.normalise.keys import Key
from consent.stated import accept_statement
from consent.statement import Statement
from consent.status import Verdict
from consent.tokens import BadToken
from tests.consent.confirming.asking import Desk
from tests.consent.core.example import Organisation, key_of, make_organisation

pytestmark = pytest.mark.django_db

START = datetime(2026, 3, 1, tzinfo=UTC)
TICK = timedelta(milliseconds=1)
NUMBER = "+15550100001"
TOPICS = {"email": ("offers", "newsletter"), "sms": ("offers", "newsletter", "service")}
GAPS = [timedelta(seconds=1), timedelta(hours=5), timedelta(days=3), timedelta(days=8)]
_people = count(1)


class Recorded(NamedTuple):
    """What was answered at a moment."""

    at: datetime
    channel: str
    topic: str
    keys: list[Key]
    verdict: Verdict


class Person:
    """Somebody with a mailbox, the next one, and a number, and all ways to say something."""

    def __init__(self, organisation: Organisation, desk: Desk) -> None:
        number = next(_people)
        self.organisation, self.desk, self.acme = organisation, desk, organisation.acme.pk
        self.mail, self.next_mail = f"ann{number}@home.example", f"ann{number}@new.example"
        self.phone = f"+1415555{number:04}"
        self.addresses = [("email", self.mail), ("email", self.next_mail), ("sms", self.phone)]
        self.saved: Accepted | None = None
        self.asked: Accepted | None = None
        self.texts = count(1)

    def tell(self, channel: str, action: str, topic: str = "*", **more: Any) -> None:
        address = self.mail if channel == "email" else self.phone
        said = Statement(channel, address, action, topic, **more)  # type: ignore[arg-type]
        accept_statement(said, self.acme, source="api", actor="key:test")

    def text(self, words: str) -> None:
        number = f"{self.phone}-{next(self.texts)}"
        message = Message(sender=self.phone, recipient=NUMBER, kind="message", text=words, external_id=number)
        hold = (key_of("sms", self.phone), self.organisation.scope("acme"))
        accept(Arrival(self.acme, "sms:generic", "sms", Envelope(message=message), [hold], "acme"))

    def press_stop(self) -> None:
        words = (Word("email", (key_of("email", self.mail).hex(),), EVERY_TOPIC, "off"),)
        self.saved = self._save(Choices("nothing", words))

    def undo(self) -> None:
        if self.saved is not None:
            words = (Word("email", (key_of("email", self.mail).hex(),), EVERY_TOPIC, "off"),)
            self._save(Choices("undo", words, undoes=self.saved.id))

    def _save(self, choices: Choices) -> Accepted:
        place = {"controller_id": self.acme, "channel": "email", "link": "x", "source": BY_LINK}
        return accept_choices(choices, **place, headers={}, homes=[], snapshot=configuration.current())  # type: ignore[arg-type]

    def sign_up(self) -> None:
        self.asked = self.desk.sign_up("newsletter", address=self.mail)

    def confirm(self) -> None:
        asked = [self.asked.id] if self.asked else []
        for line in ConsentEvent.objects.filter(inbound_id__in=asked, action="request"):
            until = line.expires_at or START
            ticket = Ticket(line.inbound_id, key_of("email", self.mail), until, (line.topic_id or 0,))
            try:
                press(ticket, request_of(ticket, line.occurred_at), Envelope())
            except BadToken:
                continue

    def move(self) -> None:
        move = Move("email", old=self.mail, new=self.next_mail)
        accept_moves([told(move, self.acme, START + timedelta(days=365))], self.acme, by="api", actor="key:test")

    def answers(self, at: datetime) -> Iterator[Recorded]:
        for channel, address in self.addresses:
            keys = [key_of(channel, address)]
            for topic in TOPICS[channel]:
                _, [verdict] = status.check_many(self.acme, topic, channel, [keys], at)
                yield Recorded(at, channel, topic, keys, verdict)


WORDS: dict[str, Callable[[Person], None]] = {
    "opt out": lambda ann: ann.tell("email", "opt_out"),
    "opt out of one": lambda ann: ann.tell("email", "opt_out", "offers"),
    "opt in": lambda ann: ann.tell("email", "opt_in", "newsletter"),
    "opt in to all": lambda ann: ann.tell("email", "opt_in", basis="confirmed_opt_in"),
    "opt in by text": lambda ann: ann.tell("sms", "opt_in", "newsletter"),
    "sign up": Person.sign_up,
    "confirm": Person.confirm,
    "STOP": lambda ann: ann.text("STOP"),
    "START": lambda ann: ann.text("START"),
    "hello": lambda ann: ann.text("HELP"),
    "bounce": lambda ann: ann.tell("email", "suppress", cause="hard_bounce"),
    "bounce ends": lambda ann: ann.tell("email", "lift", cause="hard_bounce", reason="delivered"),
    "complaint": lambda ann: ann.tell("email", "suppress", cause="complaint"),
    "pause": lambda ann: ann.tell("email", "suppress", cause="paused", until=datetime.now(UTC) + timedelta(days=4)),
    "click": Person.press_stop,
    "undo": Person.undo,
    "move": Person.move,
}


@pytest.fixture
def desk() -> Desk:
    with time_machine.travel(START, tick=False):
        return Desk(make_organisation())


@given(said=st.lists(st.tuples(st.sampled_from(GAPS), st.sampled_from(sorted(WORDS))), min_size=4, max_size=12))
@example(said=[(GAPS[0], word) for word in ("opt in", "click", "move", "undo", "STOP", "opt in by text", "START")])
@example(said=[(GAPS[2], word) for word in ("pause", "sign up", "opt out of one", "sign up", "bounce", "confirm")])
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_as_of_a_moment_it_is_what_was_answered_then(desk: Desk, said: list[tuple[timedelta, str]]) -> None:
    ann, now = Person(desk.organisation, desk), START
    recorded: list[Recorded] = []
    for gap, word in said:
        recorded += ann.answers(now + gap - TICK)  # what ran out meanwhile included
        now += gap
        with time_machine.travel(now, tick=False):
            WORDS[word](ann)
            at_once = list(ann.answers(now + TICK))
            pipeline.drain()
        settled = list(ann.answers(now + TICK))
        # Acknowledged means obeyed, at the address it came from: `at` names then what it turned out to be.
        pairs = [
            pair for pair in zip(at_once, settled, strict=True) if pair[0].keys != [key_of("email", ann.next_mail)]
        ]
        assert not [before for before, after in pairs if before.verdict.allowed > after.verdict.allowed]
        recorded += settled
    for one in recorded:
        _, verdict = status.check_at(ann.acme, one.topic, one.channel, one.keys, one.at)
        assert verdict == one.verdict, (one, said)
