"""Debian's Postfix with the lines of docs/MAIL.md: a letter goes through it and ends as a denial, sooner or later."""

import shutil
import smtplib
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.instance import Instance, new_address
from tests.journeys.postfix import Postfix, may_run_us
from tests.journeys.talk import MAILBOX, free_address, letter

pytestmark = pytest.mark.postfix

DOWN = free_address()
PIPE_USER = "nobody"


@pytest.fixture(scope="module")
def postfix(running: Instance) -> Iterator[Postfix]:
    folder = Path(tempfile.mkdtemp(prefix="sayso-postfix-"))
    folder.chmod(0o755)  # Postfix's own users look into it
    (folder / "sayso.env").write_text("".join(f"{name}='{value}'\n" for name, value in _ours(running).items()))
    changes = {
        "127.0.0.1]:8025": running.values["SAYSO_SMTP"].replace(":", "]:"),
        "127.0.0.1]:8024": running.values["SAYSO_LMTP"].replace(":", "]:"),
        "/etc/sayso.env": f"{folder}/sayso.env",
        "/opt/sayso": str(Path(__file__).resolve().parents[2]),
        "/usr/local/bin/sayso-ingest": f"{folder}/sayso-ingest",
        "user=sayso": f"user={PIPE_USER}",
    }
    made = Postfix(folder, changes)
    made.script(folder / "sayso-ingest")
    made.start()
    try:
        yield made
    finally:
        made.stop()
        shutil.rmtree(folder)


def _ours(running: Instance) -> dict[str, str]:
    names = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "SAYSO_ADDRESS_SECRET", "SAYSO_ENCRYPTION_KEYS")
    return {name: running.values[name] for name in (*names, "SAYSO_PUBLIC_ORIGIN")}


def send(postfix: Postfix, sender: str) -> None:
    with smtplib.SMTP("127.0.0.1", postfix.port, timeout=20) as client:
        client.sendmail(sender, [MAILBOX], letter(sender)[:-3])


def arrives(postfix: Postfix, running: Instance, sender: str) -> None:
    """Postfix has handed it on, and it denies."""
    postfix.hands_on(sender)
    running.eventually("email", sender, "offers", seconds=60.0, reason="opted_out")


def test_letters_go_through_it_by_each_documented_way(postfix: Postfix, running: Instance) -> None:
    ways = {"SMTP": "relay=127.0.0.1", "LMTP": "relay=127.0.0.1"}
    if may_run_us(PIPE_USER):
        ways["a pipe"] = "relay=sayso"
    for way, relay in ways.items():
        postfix.route(way)
        sender = new_address()
        send(postfix, sender)
        arrives(postfix, running, sender)
        assert relay in postfix.log()
    assert "status=bounced" not in postfix.log()


def test_what_the_listener_cannot_take_now_is_kept_by_postfix_and_taken_later(
    postfix: Postfix, running: Instance
) -> None:
    sender = new_address()
    postfix.table(f"{MAILBOX} smtp:[{DOWN.replace(':', ']:')}\n")
    send(postfix, sender)
    postfix.waits_for("Connection refused")
    assert running.check("email", sender, "offers")["allowed"] is True
    postfix.route("LMTP")
    arrives(postfix, running, sender)
