"""`manage.py ingest_mail` as a process: killed in the middle, without a database, as a mail system's pipe."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from config.local import ports
from tests.instance import ROOT, Instance, new_address, until

MAILBOX = "unsubscribe@acme.example"
MESSAGES = 400


def write_box(path: Path, people: Sequence[str]) -> None:
    with path.open("w") as opened:
        for person in people:
            opened.write("From x@example.com Tue Mar  3 10:00:00 2026\n")
            opened.write(f"From: {person}\nTo: {MAILBOX}\nSubject: unsubscribe\nMessage-ID: <{person}>\n\n\n")


def kept(running: Instance) -> int:
    [[count]] = running.query("SELECT count(*) FROM consent_inbound WHERE source = 'mail'")
    return int(count)


def test_killed_in_the_middle_and_repeated(running: Instance, tmp_path: Path) -> None:
    people, before = [new_address() for _ in range(MESSAGES)], kept(running)
    write_box(tmp_path / "box", people)
    command = [sys.executable, "manage.py", "ingest_mail", str(tmp_path / "box")]
    first = subprocess.Popen(command, cwd=ROOT, env=dict(running.values))
    until(lambda: kept(running) > before + 50)
    first.kill()
    first.wait()
    some = kept(running) - before
    assert 50 < some < MESSAGES
    again = running.manage("ingest_mail", str(tmp_path / "box"))
    told = f"taken {MESSAGES - some}, already known {some}, not ours 0, unreadable 0\n"
    assert (again.returncode, again.stdout) == (0, told)
    assert kept(running) == before + MESSAGES
    assert running.check("email", people[-1], "offers")["allowed"] is False


def test_what_a_mail_system_hears(running: Instance) -> None:
    person = new_address()
    letter = f"From: {person}\nSubject: unsubscribe\n\n"
    pipe = ("ingest_mail", f"--mailbox={MAILBOX}", f"--mail-from={person}")
    down = running.manage(*pipe, text=letter, DATABASE_URL=f"postgresql://x@{ports.HOST}:1/x")
    assert down.returncode == os.EX_TEMPFAIL
    assert running.manage(*pipe, text=letter, SAYSO_ADDRESS_SECRET="short").returncode == os.EX_TEMPFAIL
    assert running.manage("ingest_mail", "--mailbox=nobody@acme.example", text=letter).returncode == os.EX_NOUSER
    assert running.check("email", person, "offers")["allowed"] is True
    assert running.manage(*pipe, text=letter).returncode == 0
    assert running.check("email", person, "offers")["allowed"] is False
