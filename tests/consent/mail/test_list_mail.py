"""Ordinary list mail asks for nothing, wherever it arrives and however little of its header is left."""

from itertools import islice

import pytest

from consent.classify.mail import classify_mail
from consent.intake.mail import parse_mail
from tests.consent.mail.letters import UNSUBSCRIBE
from tests.consent.mail.list_mail import with_fields, without_fields

LIST = "dev@lists.example.org"


def asked(to: str, fields: str, text: str, kind: str = "plain") -> tuple[str, str, str]:
    body = text if kind == "plain" else "<html><body><p>" + text.replace("\n", "<br>\n") + "</p></body></html>"
    head = f"From: Bob <bob@home.example>\nTo: {to}\n{fields}Content-Type: text/{kind}; charset=utf-8\n\n"
    decision = classify_mail(parse_mail((head + body).encode()))
    return decision.email, decision.post, decision.row


@pytest.mark.parametrize("to", [LIST, UNSUBSCRIBE])
def test_fields_of_a_list(to: str) -> None:
    wrong = [
        (name, row, text)
        for name, fields, text in with_fields()
        for email, post, row in [asked(to, fields, text)]
        if (email, post) != ("none", "none")
    ]
    assert wrong == []


@pytest.mark.parametrize(("kind", "every"), [("plain", 2), ("html", 7)])
def test_only_the_footer_is_left(kind: str, every: int) -> None:
    wrong = [
        (row, text)
        for _, fields, text in islice(without_fields(), 0, None, every)
        for email, post, row in [asked(LIST, fields, text, kind)]
        if (email, post) != ("none", "none")
    ]
    assert wrong == []


def test_a_list_named_like_its_address_is_not_ours() -> None:
    fields = "Subject: hello\nList-Id: <dev.lists.example.org>\nPrecedence: list\n"
    assert asked(LIST, fields, "Please unsubscribe me.")[:2] == ("none", "none")
