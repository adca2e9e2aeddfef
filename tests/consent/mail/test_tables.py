"""Every row of every table does what its example says."""

import os
import subprocess
import sys

from consent.classify import mail, mail_post, mail_requests
from consent.classify import mail_bounce_words as words
from consent.classify.mail_bounce_verdict import counts, is_decisive, is_hard
from consent.classify.mail_phrases import PHRASES, Phrase, rows_of
from consent.classify.mail_sentences import fold
from tests.each import each


@each("phrase", PHRASES)
def test_phrase(phrase: Phrase) -> None:
    found = rows_of(fold(phrase.example))
    assert f"{phrase.language}.{phrase.row}" in [row.row for row in found]
    assert phrase.scope in {row.scope for row in found}


@each("subject", mail_post.SUBJECTS)
def test_subject(subject: mail_post.Subject) -> None:
    assert mail_post.read_subject(subject.example)[0] == "request"


def test_words_of_failures() -> None:
    alive = (*words.FULL, *words.SUSPENDED, *words.UNREACHABLE)
    ours = (*words.SENDER, *words.REPUTE, *words.CONTENT, *words.LATER)
    found = {
        row.row: (is_hard("", row.example), is_decisive(row.example), counts("", row.example))
        for row in (*words.HARD, *alive, *words.UNCLEAR, *ours)
    }
    expected = {row.row: (True, True, True) for row in words.HARD}
    expected |= {row.row: (False, True, True) for row in alive}
    expected |= {row.row: (False, False, True) for row in words.UNCLEAR}
    expected |= {row.row: (False, True, False) for row in ours}
    assert found == expected


def test_codes_of_failures() -> None:
    found = {code: (is_hard(code.status, ""), counts(code.status, "")) for code in words.CODES}
    assert found == {code: (code.hard, code.counts) for code in words.CODES}


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
