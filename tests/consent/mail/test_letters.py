"""Letters as people write them (`cases/*.tsv`): what they ask on e-mail, on post and on texts, for how many homes.

The first table that somebody who gets such letters would extend.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from consent.classify.mail_decision import MailDecision
from tests.consent.mail.letters import HELLO, UNSUBSCRIBE, decide

CASES: Final = Path(__file__).parent / "cases"
MAILBOXES: Final = {"u": UNSUBSCRIBE, "p": "privacy@acme.example", "h": HELLO}
LETTERS: Final = {"suppress": "S", "none": "N", "review": "R"}


class Case(NamedTuple):
    place: str
    wanted: str
    mailbox: str
    homes: str
    subject: str
    body: str


def cases() -> Iterator[Case]:
    for path in sorted(CASES.glob("*.tsv")):
        for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
            if line and not line.startswith("#"):
                wanted, mailbox, homes, subject, body = line.split("\t")
                yield Case(f"{path.name}:{number}", wanted, MAILBOXES[mailbox], homes, subject, body.replace("|", "\n"))


def outcome(decision: MailDecision, wanted: str) -> str:
    return "".join(LETTERS[value] for value in (decision.email, decision.post, decision.sms)[: len(wanted)])


def test_each_letter_is_understood() -> None:
    wrong = []
    for case in cases():
        decision = decide(case.body, subject=case.subject, to=case.mailbox)
        got = outcome(decision, case.wanted), str(len(decision.addresses))
        homes = case.homes if case.homes != "-" and case.wanted[1] == "S" else got[1]
        if got != (case.wanted, homes):
            wrong.append((case.place, case.wanted, got, decision.row, case.body[:60]))
    assert wrong == []


def test_there_are_many() -> None:
    assert len(list(cases())) > 300
