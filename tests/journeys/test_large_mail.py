"""A letter with an attachment of 40 MB is refused with hardly any memory; a smaller one taken with a few copies."""

import secrets
import subprocess
import sys
from pathlib import Path

from tests.instance import ROOT, Instance, new_address
from tests.journeys.talk import MAILBOX, Talk
from tests.journeys.test_listener_limits import most_memory

SIZE = 40_000_000
COPIES = 7  # of the message, at most: as received, as a message, sealed, and on its way to the database
WITHIN = 78 * 125_000  # SAYSO_MAX_MAIL_BYTES is 10 MB
LINES = (b"QUJD" * 19 + b"\r\n") * (SIZE // 78)


def attached(sender: str, lines: bytes) -> bytes:
    head = (
        f"From: {sender}\r\nTo: {MAILBOX}\r\nSubject: unsubscribe\r\nMessage-ID: <{secrets.token_hex(8)}@x.example>\r\n"
    )
    kind = "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nPlease.\r\n--b\r\nContent-Type: image/png\r\n"
    return f"{head}{kind}Content-Transfer-Encoding: base64\r\n\r\n".encode() + lines + b"--b--\r\n"


def test_over_smtp(running: Instance) -> None:
    """Above the limit nothing of it is held; within it, a few copies of it."""
    process, sender, other = running.supervisor.pid("smtp"), new_address(), new_address()
    with Talk(running.values["SAYSO_SMTP"], 60.0) as talk:
        talk.begin(sender, MAILBOX)
        before = most_memory(process)
        talk.send(attached(sender, LINES) + b".\r\n")
        assert talk.answer().startswith("552 5.3.4")
        assert most_memory(process) - before < SIZE / 2
        before = most_memory(process)
        talk.say(f"MAIL FROM:<{other}>", f"RCPT TO:<{MAILBOX}>", "DATA")
        talk.send(attached(other, LINES[:WITHIN]) + b".\r\n")
        assert talk.answer() == "250 2.0.0 Kept"
        assert most_memory(process) - before < COPIES * WITHIN
    assert running.check("email", sender, "offers")["allowed"] is True
    assert running.check("email", other, "offers")["allowed"] is False


def test_from_a_file_its_beginning_is_enough(running: Instance, tmp_path: Path) -> None:
    """Above SAYSO_MAX_MAIL_BYTES the rest is read and forgotten: the file costs what that limit allows."""
    sender, file = new_address(), tmp_path / "large.eml"
    file.write_bytes(attached(sender, LINES))
    code = (
        "import resource, subprocess, sys; done = subprocess.run(sys.argv[1:]); "
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss); sys.exit(done.returncode)"
    )
    command = [sys.executable, "-c", code, sys.executable, "manage.py", "ingest_mail", str(file)]
    done = subprocess.run(
        command, cwd=ROOT, env=dict(running.values), capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    kilobytes = int(done.stdout.split()[-1])
    assert kilobytes * 1024 < 300_000_000  # Django takes 110 MB; copies of the whole file would be beyond it
    assert running.check("email", sender, "offers")["allowed"] is False
