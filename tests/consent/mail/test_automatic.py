"""Automatic messages never ask; a mail program that acts for its user does."""

import pytest

from tests.consent.mail.letters import UNSUBSCRIBE, decide, outcome
from tests.each import each

HEADERS = [
    "Auto-Submitted: auto-replied\n",
    "Auto-Submitted: auto-generated (vacation)\n",
    "Auto-Submitted: auto-notified; owner=x\n",
    "X-Autoreply: yes\n",
    "X-Apple-Action: VACATION\n",
    "Precedence: auto_reply\n",
    "Precedence: bulk\n",
    "Precedence: junk\n",
    "List-Id: Shop news <news.shop.example>\n",
    "List-Unsubscribe: <https://x.example/u>\n",
    "Return-Path: <>\n",
]
SUBJECTS = [
    "Automatic reply: Unsubscribe",
    "Out of Office: unsubscribe",
    "Abwesenheitsnotiz: unsubscribe",
    "Automatische Antwort: Stop",
    "Réponse automatique : unsubscribe",
    "Respuesta automática: unsubscribe",
    "Risposta automatica: unsubscribe",
    "Automatisch antwoord: unsubscribe",
    "Resposta automática: unsubscribe",
    "Not read: Unsubscribe",
]


@each("headers", HEADERS)
def test_header_says_automatic(headers: str) -> None:
    decision = decide("Please unsubscribe me.", subject="hello", to=UNSUBSCRIBE, headers=headers)
    assert (decision.email, decision.post, decision.automatic) == ("none", "none", True)


@each("subject", SUBJECTS)
def test_subject_says_automatic(subject: str) -> None:
    decision = decide("I am away. Please unsubscribe me.", subject=subject, to=UNSUBSCRIBE)
    assert (decision.email, decision.automatic) == ("none", True)


def test_a_persons_message_may_say_no() -> None:
    assert outcome("Please unsubscribe me.", headers="Auto-Submitted: no\n") == ("suppress", "none")


def test_our_mailbox_may_be_a_group() -> None:
    headers = "List-Id: <unsubscribe.acme.example>\nPrecedence: list\n"
    assert outcome("Please unsubscribe me.", to=UNSUBSCRIBE, headers=headers) == ("suppress", "none")


@pytest.mark.parametrize(
    ("to", "subject", "token"),
    [
        ("unsubscribe+aB3x9Kq@acme.example", "unsubscribe", "aB3x9Kq"),
        (UNSUBSCRIBE, "unsubscribe aB3x9Kq", "aB3x9Kq"),
        (UNSUBSCRIBE, "Unsubscribe", None),
    ],
)
def test_mailto_counts_though_generated(to: str, subject: str, token: str | None) -> None:
    decision = decide("Sent by your mail app", to=to, subject=subject, headers="Auto-Submitted: auto-generated\n")
    assert (decision.email, decision.token, decision.row) == ("suppress", token, "request.mailto")


def test_a_reply_to_the_mailto_address_does_not() -> None:
    headers = "Auto-Submitted: auto-replied\n"
    to = "unsubscribe+aB3x9Kq@acme.example"
    assert outcome("I am away", to=to, subject="unsubscribe", headers=headers) == ("none", "none")
