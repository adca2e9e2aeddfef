"""Every row of every table does what its example says."""

import os
import subprocess
import sys

import pytest

from consent.classify import mail, mail_bounce, mail_post, mail_requests
from consent.classify.mail_phrases import PHRASES, Phrase, rows_of
from consent.classify.mail_sentences import fold


@pytest.mark.parametrize("phrase", PHRASES, ids=lambda phrase: f"{phrase.language}.{phrase.row}")
def test_phrase(phrase: Phrase) -> None:
    found = rows_of(fold(phrase.example))
    assert f"{phrase.language}.{phrase.row}" in [row.row for row in found]
    assert phrase.scope in {row.scope for row in found}


@pytest.mark.parametrize("subject", mail_post.SUBJECTS, ids=lambda subject: subject.row)
def test_subject(subject: mail_post.Subject) -> None:
    assert mail_post.read_subject(subject.example)[0] == "request"


@pytest.mark.parametrize("words", mail_bounce.SOFT, ids=lambda words: words.row)
def test_soft(words: mail_bounce.Words) -> None:
    assert not mail_bounce.is_hard("", words.example)
    assert mail_bounce.is_decisive(words.example)


@pytest.mark.parametrize("words", mail_bounce.HARD, ids=lambda words: words.row)
def test_hard(words: mail_bounce.Words) -> None:
    assert mail_bounce.is_hard("", words.example)


def test_commands_are_folded() -> None:
    assert [words for words in [*mail_requests.COMMANDS, *mail_requests.SOFT_NO] if fold(words) != words] == []


def test_rules_have_names_and_examples() -> None:
    assert len({rule.row for rule in mail.RULES}) == len(mail.RULES)
    assert all(rule.example for rule in mail.RULES)
    assert len(mail.VERSION) == 12


def test_a_version_is_the_same_in_every_process() -> None:
    """Each process orders its sets, and places its functions, anew."""
    told = [sys.executable, "-c", "from consent.classify.mail import VERSION; print(VERSION)"]
    other = subprocess.run(told, capture_output=True, text=True, check=True, env={**os.environ, "PYTHONHASHSEED": "7"})
    assert other.stdout.strip() == mail.VERSION
