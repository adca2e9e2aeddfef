"""Several writers at once, each with its own connection: what one test transaction cannot show."""

import os
import subprocess
import sys
from collections.abc import Iterator

import psycopg
import pytest

from tests.instance import ROOT, Instance

WRITER = """
import sys, django
django.setup()
from django.db import transaction
from consent import ledger
from consent.configuration import Scope
from tests.consent.core.example import entry, key_of

key = key_of("email", "two.writers@example.org")
for number in range(int(sys.argv[1])):
    action, cause = (("withdraw", "stop"), ("grant", ""), ("lift", "stop"))[number % 3]
    with transaction.atomic():
        ledger.record([entry(key, Scope(1, None), action, cause)])
"""
OUTSIDE = """
import django
django.setup()
from consent import ledger
from consent.configuration import Scope
from tests.consent.core.example import entry, key_of

try:
    ledger.record([entry(key_of("email", "nobody@example.org"), Scope(1, None), "grant")])
except RuntimeError as error:
    print(error)
"""


def python(running: Instance, code: str, *arguments: str) -> "subprocess.Popen[str]":
    values = {**running.values, "DJANGO_SETTINGS_MODULE": "config.settings"}
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments], cwd=ROOT, env=values, stdout=subprocess.PIPE, text=True
    )


@pytest.fixture
def ledger_head(running: Instance) -> Iterator[int]:
    [[head]] = running.query("SELECT seq FROM consent_ledgerhead")
    yield head


def test_writers_of_one_key_wait_for_each_other(running: Instance, ledger_head: int) -> None:
    writers = [python(running, WRITER, "30") for _ in range(2)]
    assert [writer.wait(60) for writer in writers] == [0, 0]
    for writer in writers:
        assert writer.stdout is not None
        writer.stdout.close()
    [[lines, last]] = running.query("SELECT count(*), max(seq) FROM consent_consentevent")
    assert lines == last >= ledger_head + 60
    checked = running.manage("rebuild", "--check")
    assert checked.returncode == 0, checked.stderr


def test_outside_a_transaction_nothing_is_recorded(running: Instance) -> None:
    writer = python(running, OUTSIDE)
    said, _ = writer.communicate(timeout=60)
    assert "inside a transaction" in said


def test_no_role_can_change_a_line_by_hand(running: Instance) -> None:
    running.settled(running.tell("email", f"{os.getpid()}@example.org", "opt_out", "*"))
    for sql in ("DELETE FROM consent_consentevent", "TRUNCATE consent_consentevent"):
        with pytest.raises(psycopg.errors.IntegrityConstraintViolation):
            running.query(sql)
