"""A letter with an attachment of 40 MB: taken with memory in proportion to it, or refused with hardly any."""

import secrets
import subprocess
import sys
from pathlib import Path

from tests.instance import ROOT, Instance, new_address
from tests.journeys.talk import MAILBOX, Talk, free_address, letter, listener
from tests.journeys.test_listener_limits import most_memory

SIZE = 40_000_000
COPIES = 7  # of the message, at most: as received, as a message, sealed, and on its way to the database
LINES = (b"QUJD" * 19 + b"\r\n") * (SIZE // 78)


def attached(sender: str) -> bytes:
    head = (
        f"From: {sender}\r\nTo: {MAILBOX}\r\nSubject: unsubscribe\r\nMessage-ID: <{secrets.token_hex(8)}@x.example>\r\n"
    )
    kind = "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nPlease.\r\n--b\r\nContent-Type: image/png\r\n"
    return f"{head}{kind}Content-Transfer-Encoding: base64\r\n\r\n".encode() + LINES + b"--b--\r\n"


def test_over_smtp(running: Instance) -> None:
    address, sender, small = free_address(), new_address(), new_address()
    with listener(running, SAYSO_SMTP=address, SAYSO_MAX_MAIL_BYTES="50000000") as process, Talk(address, 60.0) as talk:
        talk.begin(small, MAILBOX)
        talk.send(letter(small))
        talk.answer()
        before = most_memory(process.pid)
        talk.say(f"MAIL FROM:<{sender}>", f"RCPT TO:<{MAILBOX}>", "DATA")
        talk.send(attached(sender) + b".\r\n")
        assert talk.answer() == "250 2.0.0 Kept"
        assert most_memory(process.pid) - before < COPIES * SIZE
    assert running.check("email", sender, "offers")["allowed"] is False


def test_from_a_file_its_beginning_is_enough(running: Instance, tmp_path: Path) -> None:
    """Above SAYSO_MAX_MAIL_BYTES the rest is read and forgotten: the file costs what that limit allows."""
    sender, file = new_address(), tmp_path / "large.eml"
    file.write_bytes(attached(sender))
    code = (
        "import resource, subprocess, sys; done = subprocess.run(sys.argv[1:]); "
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss); sys.exit(done.returncode)"
    )
    command = [sys.executable, "-c", code, sys.executable, "manage.py", "ingest_mail", str(file)]
    values = {**running.values, "SAYSO_MAX_MAIL_BYTES": "1000000"}
    done = subprocess.run(command, cwd=ROOT, env=values, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    kilobytes = int(done.stdout.split()[-1])
    assert kilobytes * 1024 < 200_000_000  # Django itself takes half of it
    assert running.check("email", sender, "offers")["allowed"] is False
