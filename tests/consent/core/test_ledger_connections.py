"""Several writers at once, each with its own connection: what one test transaction cannot show."""

import subprocess
import sys

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
try:
    ledger.record([entry(key, Scope(1, None), "grant")])
except RuntimeError as error:
    print(error)
"""


def writer(running: Instance, times: int) -> "subprocess.Popen[str]":
    values = {**running.values, "DJANGO_SETTINGS_MODULE": "config.settings"}
    command = [sys.executable, "-c", WRITER, str(times)]
    return subprocess.Popen(command, cwd=ROOT, env=values, stdout=subprocess.PIPE, text=True)


def test_writers_of_one_key_wait_for_each_other_and_none_writes_outside_a_transaction(running: Instance) -> None:
    [[before]] = running.query("SELECT seq FROM consent_ledgerhead")
    for one in [writer(running, 30) for _ in range(2)]:
        said, _ = one.communicate(timeout=100)
        assert (one.returncode, said) == (0, "this must run inside a transaction\n")
    [[lines, last]] = running.query("SELECT count(*), max(seq) FROM consent_consentevent")
    assert lines == last >= before + 60
    checked = running.manage("rebuild", "--check")
    assert checked.returncode == 0, checked.stderr
    for sql in ("DELETE FROM consent_consentevent", "TRUNCATE consent_consentevent"):
        with pytest.raises(psycopg.errors.IntegrityConstraintViolation):
            running.query(sql)
