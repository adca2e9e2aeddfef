"""A file from its upload to the moment before the send, on a whole instance whose processes are killed meanwhile."""

import csv
import hashlib
import io
import json
import secrets
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.instance import ROOT, Instance, new_address, until
from tests.local.support import started

ROWS = 150_000  # and their notes are enough for the keys to be made by a process beside


def file_of(*people: str, rows: int = 0) -> bytes:
    mark = secrets.token_hex(4)
    others = (f'{number},p{number}.{mark}@example.org,"a, b{" and more" * 3}"\n' for number in range(rows))
    return "".join(["id,email,note\n", *(f"x,{person},\n" for person in people), *others]).encode()


def handed_in(running: Instance, file: bytes) -> str:
    form = {"channel": "email", "topic": "offers"}
    answer = running.api.post("/v1/scrubs", data=form, files={"file": ("list.csv", file, "text/csv")})
    assert answer.status_code == 202, answer.text
    return str(answer.headers["Location"])


def ready(running: Instance, path: str) -> dict[str, Any]:
    until(lambda: running.api.get(path).json()["status"] in ("ready", "failed"), seconds=120)
    body: dict[str, Any] = running.api.get(path).json()
    assert body["status"] == "ready", body
    return body


def test_a_worker_killed_in_the_middle_loses_nothing_and_a_later_no_is_found(running: Instance) -> None:
    jane, john = new_address(), new_address()
    running.settled(running.tell("email", jane, "opt_out", "*"))
    file = file_of(jane, john, rows=ROWS)
    with running.frozen("sweep"):
        path = handed_in(running, file)
        until(lambda: running.api.get(path).json()["progress"]["rows_done"] > 0)
        running.kill("files")
    # Whoever is there first goes on when the lease of the dead has run out.
    running.query("UPDATE consent_scrub SET next_try_at = now() WHERE state = 'scrubbing' RETURNING 1")
    done = ready(running, path)
    result = running.api.get(f"{path}/result").content
    assert done["receipt"]["file_sha256"] == hashlib.sha256(file).hexdigest()
    assert done["receipt"]["result_sha256"] == hashlib.sha256(result).hexdigest()
    rows = list(csv.DictReader(io.StringIO(result.decode(), newline="")))
    assert len(rows) == done["receipt"]["rows"] == ROWS + 2
    assert [row["reason"] for row in rows[:3]] == ["opted_out", "opt_out_basis", "opt_out_basis"]
    with running.frozen("worker", "sweep"):
        running.tell("email", john, "opt_out", "*")
        told = running.api.post(f"{path}/recheck").json()
    assert told["changed"] == [{"row": 2, "line": 3, "allowed": False, "reason": "held"}]


def test_the_command_does_the_same(running: Instance, tmp_path: Path) -> None:
    jane, john = new_address(), new_address()
    running.settled(running.tell("email", jane, "opt_out", "*"))
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_bytes(file_of(jane, john, "nobody"))
    done = running.manage("scrub", str(source), str(out), "--channel", "email", "--topic", "offers")
    assert done.returncode == 0, done.stderr
    receipt = json.loads(done.stdout)
    assert receipt["result_sha256"] == hashlib.sha256(out.read_bytes()).hexdigest()
    assert receipt["unreadable_lines"] == [4]
    assert [line.split(",")[-2] for line in out.read_text().splitlines()[1:]] == [
        *("opted_out", "opt_out_basis", "invalid_address")
    ]
    assert done.stderr == ""  # the bar is for people alone
    wrong = running.manage("scrub", str(source), str(tmp_path / "x.csv"), "--channel", "email", "--topic", "weather")
    assert wrong.returncode == 1
    assert not (tmp_path / "x.csv").exists()


@pytest.mark.parametrize(("number", "status", "left"), [(signal.SIGKILL, -9, True), (signal.SIGINT, 130, False)])
def test_a_command_that_is_cut_off_is_run_again(
    running: Instance, tmp_path: Path, number: signal.Signals, status: int, left: bool
) -> None:
    jane = new_address()
    running.settled(running.tell("email", jane, "opt_out", "*"))
    source, out, part = tmp_path / "in.csv", tmp_path / "out.csv", tmp_path / "out.csv.part"
    source.write_bytes(file_of(jane, rows=ROWS))
    out.write_text("an older result\n")
    words = ("scrub", str(source), str(out), "--channel", "email", "--topic", "offers")
    with started([sys.executable, "manage.py", *words], cwd=ROOT, env=running.values) as begun:
        until(lambda: part.exists() and part.stat().st_size > 0)
        begun.send_signal(signal.SIGSTOP)
        beside = running.manage(*words)
        begun.send_signal(number)
        begun.send_signal(signal.SIGCONT)
        begun.wait()
    assert (beside.returncode, "just now" in beside.stderr) == (1, True)
    assert (begun.returncode, part.exists(), out.read_text()) == (status, left, "an older result\n")
    done = running.manage(*words)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["result_sha256"] == hashlib.sha256(out.read_bytes()).hexdigest()
    assert (out.read_bytes().count(b"\n"), part.exists()) == (ROWS + 2, False)
