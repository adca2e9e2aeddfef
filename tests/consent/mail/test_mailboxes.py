"""What the mailbox itself says, where the words say nothing."""

import pytest

from consent.classify.mail import classify_mail
from consent.intake.mail import parse_mail
from tests.consent.mail.letters import HELLO, UNSUBSCRIBE, decide, letter, outcome
from tests.each import each


@each(
    ("to", "email"),
    [
        (UNSUBSCRIBE, "suppress"),
        ("Unsubscribe@acme.example", "suppress"),
        ("garden-leave@acme.example", "suppress"),
        ("abmelden@acme.example", "suppress"),
        ("privacy@acme.example", "review"),
        (HELLO, "none"),
    ],
)
def test_empty(to: str, email: str) -> None:
    assert outcome(to=to) == (email, "none")


@pytest.mark.parametrize(
    ("to", "email"), [(UNSUBSCRIBE, "review"), ("privacy@acme.example", "review"), (HELLO, "none")]
)
def test_not_understood(to: str, email: str) -> None:
    assert outcome("Hello, who are you?", to=to) == (email, "none")


def test_an_answer_without_a_word_of_ones_own() -> None:
    body = "On Mon, 3 Aug 2026, Acme <news@acme.example> wrote:\n> Offers!"
    assert outcome(body, subject="Re: Our October offers", to=UNSUBSCRIBE) == ("suppress", "none")


def test_an_attachment_is_for_a_person() -> None:
    kind = "multipart/mixed; boundary=b"
    body = "--b\nContent-Type: image/jpeg\nContent-Disposition: attachment; filename=letter.jpg\n\nxx\n--b--"
    assert decide(body, to=UNSUBSCRIBE, content_type=kind).row == "mailbox.attachment"


def test_own_mailboxes_are_known_by_configuration() -> None:
    mail = parse_mail(letter("Hello?", to="garden+x@acme.example"))
    assert classify_mail(mail).email == "none"
    assert classify_mail(mail, own_mailboxes={"garden@acme.example"}).email == "review"


@each("words", ["leave", "signoff", "signoff garden-l", "unsubscribe garden-l jane@home.example", "off", "opt out"])
def test_commands(words: str) -> None:
    assert outcome(words, to=UNSUBSCRIBE) == ("suppress", "none")
    assert outcome("", subject=words, to=UNSUBSCRIBE) == ("suppress", "none")


@each(
    ("to", "subject", "token"),
    [
        ("unsubscribe+Ab_c-9@acme.example", "", "Ab_c-9"),
        ("news+Ab_c-9@acme.example", "", None),
        (UNSUBSCRIBE, "unsubscribe me", None),
        (UNSUBSCRIBE, "unsubscribe newsletter", None),
        (UNSUBSCRIBE, "Unsubscribe: 8fk2Qw", "8fk2Qw"),
        (UNSUBSCRIBE, "unsubscribe <aaaaaaaaaaaaaaaaaaaaaaaa>", "aaaaaaaaaaaaaaaaaaaaaaaa"),
    ],
)
def test_token(to: str, subject: str, token: str | None) -> None:
    assert decide(to=to, subject=subject).token == token
