"""Histories of ledger lines, and a naive reading of them: one pass through time, a book of what holds, no look back.

The reading is written from the rules of decision alone, so that it and `consent.suppression.derive` can prove each
other wrong.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, NamedTuple
from uuid import UUID

from consent.configuration import EVERYTHING, Carried, Scope, Snapshot, TopicRule
from consent.normalise.keys import Key
from consent.suppression import Line

START = datetime(2026, 3, 1, tzinfo=UTC)
NOW = START + timedelta(minutes=10)
ACME, GLOBEX = 1, 2
KEY = Key(b"a key of 16 byte")

Topic = tuple[int, int, str, str]  # id, controller, class, basis
TOPICS: list[Topic] = [
    (11, ACME, "marketing", "opt_out"),
    (12, ACME, "marketing", "opt_in"),
    (13, ACME, "marketing", "confirmed_opt_in"),
    (14, ACME, "service", "none"),
    (15, ACME, "sharing", "opt_in"),
    (16, ACME, "sharing", "opt_out"),
    (21, GLOBEX, "marketing", "opt_out"),
    (22, GLOBEX, "service", "none"),
]
SCOPES = [EVERYTHING, Scope(ACME, None), Scope(GLOBEX, None), *(Scope(row[1], row[0]) for row in TOPICS)]
INBOUNDS = [UUID(int=number) for number in range(101, 107)]
SENDERS = ("", "+15550100001", "55501")
SOURCES = ("api", "api:form", "mail", "link:page", "import", "api:import", "staff")
NOTICES = (None, None, ("form", 1), ("form", 2), ("form", 3), ("other", 1))
EXPIRIES = (None, None, START + timedelta(minutes=3), NOW, NOW + timedelta(days=9))

SILENCED = {
    "stop": {"marketing", "service", "sharing"},
    "choice": {"marketing", "sharing"},
    "hard_bounce": {"marketing", "service", "sharing"},
    "complaint": {"marketing", "sharing"},
    "deceased": {"marketing", "service", "sharing"},
    "minor": {"marketing", "sharing"},
    "listed": {"marketing"},
    "paused": {"marketing"},
}
NEARNESS = ("granted", "unconfirmed", "reconsent_needed", "expired")
OWN_WORDS = {"stop", "choice", "paused"}
DENYING = ("withdraw", "object", "invalidate")
CAUSES = ("", *SILENCED)
YESES = [("grant", "")] * 2 + [("confirm", ""), ("request", "")]
WORDS = [*YESES, ("expire", ""), *((action, cause) for action in (*DENYING, "lift") for cause in CAUSES)]
TWICE_MATERIAL: dict[tuple[int, int | None, str], int] = {(ACME, None, "form"): 2, (ACME, 13, "form"): 3}


class Verdict(NamedTuple):
    """What a check says, as far as it may not depend on the order in which the lines came."""

    allowed: bool
    reasons: frozenset[str]
    since: datetime | None


def snapshot() -> Snapshot:
    """The configuration in which the histories are read: every topic on SMS."""
    rules = [TopicRule(row[0], row[1], f"t{row[0]}", "", row[2], {"sms": Carried(row[3], None)}) for row in TOPICS]
    return Snapshot(
        version=1,
        controllers={ACME: "acme", GLOBEX: "globex"},
        controller_names={ACME: "Acme", GLOBEX: "Globex"},
        topics={rule.id: rule for rule in rules},
        topics_by_slug={(rule.controller_id, rule.slug): rule for rule in rules},
        senders={},
        accounts={},
        material=TWICE_MATERIAL,
    )


class Field(NamedTuple):
    """What the lines of one history are about: few things, so that its lines meet."""

    words: Sequence[tuple[str, str]]
    scopes: Sequence[Scope]
    minutes: Sequence[int]


def field(random: Random) -> Field:
    """Yeses, and one or two causes with what sets and what lifts them, in a few scopes and minutes."""
    causes = random.sample(CAUSES, random.randint(1, 2))
    noes = [(action, cause) for cause in causes for action in (random.choice(DENYING), "lift")]
    words = [*YESES, *noes, *random.sample(WORDS, 2)]
    return Field(words, random.sample(SCOPES, random.randint(1, 3)), range(random.choice((1, 2, 5))))


def line(pick: Callable[[Sequence[Any]], Any], number: int, about: Field) -> Line:
    """One line made by `pick`, which chooses among possibilities: chance, or Hypothesis."""
    action, cause = pick(about.words)
    is_yes = action in ("grant", "request")
    ends = pick(EXPIRIES) if is_yes or cause in ("paused", "listed") else None
    return Line(
        id=UUID(int=number),
        key=KEY,
        scope=pick(about.scopes),
        action=action,
        cause=cause,
        basis=pick(("opt_in", "confirmed_opt_in")) if is_yes else "",
        sender=pick(SENDERS) if cause == "stop" else "",
        source=pick(SOURCES),
        occurred_at=START + timedelta(minutes=pick(about.minutes)),
        expires_at=ends,
        notice=pick(NOTICES) if is_yes else None,
        inbound_id=pick(INBOUNDS),
        undoes=pick((None, None, *INBOUNDS)) if (action, cause) == ("lift", "choice") else None,
    )


def history(random: Random) -> list[Line]:
    """A history of up to eight lines."""
    about = field(random)
    return [line(random.choice, number, about) for number in range(1, random.randint(1, 8) + 1)]


def delivered(lines: Sequence[Line], random: Random) -> list[Line]:
    """The same lines in another order, some of them more than once, with the ids of their new places in the record."""
    again = [*lines, *random.sample(lines, random.randint(0, len(lines)))]
    random.shuffle(again)
    return [one._replace(id=UUID(int=10_000 + place)) for place, one in enumerate(again)]


class Book:
    """What holds after the words so far."""

    def __init__(self) -> None:
        self.noes: dict[tuple[Scope, str, str], list[Line]] = {}
        self.yeses: dict[Scope, list[tuple[Line, bool]]] = {}  # those said last, and whether they were confirmed
        self.wishes: dict[Scope, list[Line]] = {}  # the requests said last

    def read(self, line: Line) -> None:
        if line.action == "grant":
            self._yes(line)
        elif line.action == "request":
            said_now = [wish for wish in self.wishes.get(line.scope, []) if wish.occurred_at == line.occurred_at]
            self.wishes[line.scope] = [*said_now, line]
        elif line.action == "confirm" and line.scope in self.yeses:
            self.yeses[line.scope] = [(yes, True) for yes, _ in self.yeses[line.scope]]
        elif line.action == "lift":
            self._lift(line)
        elif line.action in (*DENYING, "expire"):
            self._no(line)

    def _yes(self, line: Line) -> None:
        if not line.source.endswith("import"):
            self._drop(lambda scope, cause, sender: cause in OWN_WORDS and _within(scope, line.scope))
        said_now = [yes for yes in self.yeses.get(line.scope, []) if yes[0].occurred_at == line.occurred_at]
        self.yeses[line.scope] = [*said_now, (line, line.basis == "confirmed_opt_in")]

    def _lift(self, line: Line) -> None:
        def reaches(scope: Scope) -> bool:
            return _within(scope, line.scope) if line.cause == "stop" else scope == line.scope

        self._drop(lambda scope, cause, sender: cause == line.cause and reaches(scope) and line.sender in ("", sender))

    def _no(self, line: Line) -> None:
        if line.cause:
            self.noes.setdefault((line.scope, line.cause, line.sender), []).append(line)
        if line.cause in ("", "choice"):
            self.yeses = {scope: known for scope, known in self.yeses.items() if not _within(scope, line.scope)}
            self.wishes = {scope: known for scope, known in self.wishes.items() if not _within(scope, line.scope)}

    def _drop(self, ended: Callable[[Scope, str, str], bool]) -> None:
        self.noes = {place: lines for place, lines in self.noes.items() if not ended(*place)}


def _within(inner: Scope, outer: Scope) -> bool:
    return outer in (EVERYTHING, Scope(inner.controller_id, None), inner)


def read(lines: Sequence[Line]) -> Book:
    """Read a history as it happened: at the same time yeses first, then confirmations, then noes. What was undone is
    struck out before."""
    struck = [line.undoes for line in lines if line.undoes]
    said = [line for line in lines if line.undoes is None and line.inbound_id not in struck]
    book, rank = Book(), {"grant": 0, "request": 0, "lift": 0, "confirm": 1}
    for one in sorted(said, key=lambda line: (line.occurred_at, rank.get(line.action, 2))):
        book.read(one)
    return book


def verdict(book: Book, topic: Topic, now: datetime = NOW) -> Verdict:
    """What the book says about a topic of `TOPICS`."""
    number, owner, topic_class, basis = topic
    line = (EVERYTHING, Scope(owner, None), Scope(owner, number))
    noes = [
        (line.index(scope), min(one.occurred_at for one in lines), _reason(cause))
        for (scope, cause, _), lines in book.noes.items()
        if scope in line and topic_class in SILENCED[cause] and _lasts(lines, now)
    ]
    if noes:
        return Verdict(False, frozenset(reason for _, _, reason in noes), min(noes)[1])
    if basis in ("none", "opt_out"):
        return Verdict(True, frozenset({"service" if basis == "none" else "opt_out_basis"}), None)
    reaching = line[2:] if topic_class == "sharing" else line
    yeses = [_least(book.yeses[scope], topic, now) for scope in reaching if scope in book.yeses]
    wishes = [book.wishes[scope] for scope in reaching if scope in book.wishes and scope not in book.yeses]
    yeses += [("unconfirmed", wish[0].occurred_at) for wish in wishes if all(_lasts([one], now) for one in wish)]
    if not yeses:
        return Verdict(False, frozenset({"no_consent"}), None)
    best, since = min(yeses, key=lambda found: (NEARNESS.index(found[0]), found[1]))
    return Verdict(best == "granted", frozenset({best}), since)


def _reason(cause: str) -> str:
    return "opted_out" if cause in ("stop", "choice") else cause


def _lasts(noes: Sequence[Line], now: datetime) -> bool:
    return any(no.expires_at is None or no.expires_at > now for no in noes)


def _least(yeses: Sequence[tuple[Line, bool]], topic: Topic, now: datetime) -> tuple[str, datetime]:
    """Of yeses at the same time the one that gives least: ties end in no."""
    return max((_of_yes(yes, sure, topic, now) for yes, sure in yeses), key=lambda found: NEARNESS.index(found[0]))


def _of_yes(yes: Line, confirmed: bool, topic: Topic, now: datetime) -> tuple[str, datetime]:
    number, owner, _, basis = topic
    slug, version = yes.notice or ("", 99)
    needed = max(TWICE_MATERIAL.get((owner, None, slug), 0), TWICE_MATERIAL.get((owner, number, slug), 0))
    if yes.expires_at is not None and yes.expires_at <= now:
        return "expired", yes.occurred_at
    if version < needed:
        return "reconsent_needed", yes.occurred_at
    if basis == "confirmed_opt_in" and not confirmed:
        return "unconfirmed", yes.occurred_at
    return "granted", yes.occurred_at
