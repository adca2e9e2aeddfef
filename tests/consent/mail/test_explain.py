"""`manage.py explain_mail`: the same answer for a person and for a program."""

import base64
import io
import json
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from consent.classify.mail_explain import explain_mail
from consent.management.commands.explain_mail import Command
from tests.consent.mail.letters import HOME, UNSUBSCRIBE, letter


def encoded(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def test_answer() -> None:
    raw = letter(HOME, subject="NO SNAIL MAIL", to=UNSUBSCRIBE)
    answer = explain_mail({"id": 7, "raw_b64": encoded(raw)})
    assert {name: answer[name] for name in ("id", "email", "post", "bounces", "complaints", "automatic", "row")} == {
        "id": 7,
        "email": "none",
        "post": "suppress",
        "bounces": [],
        "complaints": [],
        "automatic": False,
        "row": "snail_mail.no",
    }
    assert answer["addresses"] == [{"text": HOME, "name": "JANE ROE", "household": "US|89501|102 MAIN ST|4"}]
    assert json.loads(json.dumps(answer)) == answer


@pytest.mark.parametrize("item", [{"raw_b64": "%%%"}, {"raw_b64": 7}])
def test_no_base64(item: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="raw_b64"):
        explain_mail(item)


def test_json_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    items = [{"id": 1, "raw_b64": encoded(letter("stop emailing me"))}, {"id": 2}, {"id": 3, "raw_b64": "%"}]
    monkeypatch.setattr(sys, "stdin", io.StringIO("\n".join(json.dumps(item) for item in items)))
    out = io.StringIO()
    call_command(Command(), "--json", stdout=out)
    answers = [json.loads(line) for line in out.getvalue().splitlines()]
    assert (answers[0]["id"], answers[0]["email"]) == (1, "suppress")
    assert [answer.get("error", "")[:8] for answer in answers[1:]] == ["raw_b64:", "raw_b64:"]


def test_file(tmp_path: Path) -> None:
    path = tmp_path / "letter.eml"
    path.write_bytes(letter("stop emailing me"))
    out = io.StringIO()
    call_command(Command(), str(path), stdout=out)
    assert "email: suppress" in out.getvalue()


@pytest.mark.parametrize("arguments", [[], ["/no/such/file"]])
def test_no_file(arguments: list[str]) -> None:
    with pytest.raises(CommandError):
        call_command(Command(), *arguments)
