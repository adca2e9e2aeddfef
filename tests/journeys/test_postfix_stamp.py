"""Debian's Postfix with the lines of docs/RECIPES.md: what may go is stamped, what may not is returned, or it waits."""

import json
import shutil
import smtplib
import tempfile
from collections.abc import Iterator
from email import message_from_bytes
from pathlib import Path

import pytest

from config.local import ports
from tests.instance import Instance, new_address, until
from tests.journeys.postfix import Postfix, python_of
from tests.journeys.sink import Sink
from tests.journeys.sink import back as back
from tests.journeys.talk import free_address
from tests.journeys.test_sending import NEWS, message, one_click, refused

pytestmark = pytest.mark.postfix

FILTER_USER = "nobody"
EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"


class Filtering:
    """A Postfix whose port `port` stamps, and which hands all mail to the sink."""

    def __init__(self, folder: Path, python: str, sink: str) -> None:
        self.folder, self.port, self.again = folder, ports.anywhere(), free_address()
        for name in ("postfix_stamp.py", "sayso_sender.py"):
            shutil.copy(EXAMPLES / name, folder / name)
        changes = {
            "127.0.0.1:10025": f"127.0.0.1:{self.port}",
            "127.0.0.1:10026": self.again,
            "/usr/bin/python3": python,
            "/usr/local/lib/sayso": str(folder),
            "/etc/sayso-stamp.json": f"{folder}/sayso-stamp.json",
            "user=sayso": f"user={FILTER_USER}",
        }
        self.postfix = Postfix(folder, changes, "RECIPES.md")
        to_the_sink = f"smtp:[{sink.replace(':', ']:')}"
        self.postfix.table(f"example.org {to_the_sink}\nacme.example {to_the_sink}\n")

    def configure(self, **config: str) -> None:
        path = self.folder / "sayso-stamp.json"
        path.write_text(json.dumps({"back": self.again, **config}))
        shutil.chown(path, FILTER_USER)
        path.chmod(0o600)

    def send(self, *recipients: str) -> None:
        raw = message(*recipients, X_Sayso_Topic="offers", text="{{unsubscribe_url}}").as_bytes()
        with smtplib.SMTP("127.0.0.1", self.port, timeout=20) as client:
            client.sendmail(NEWS, recipients, raw)


@pytest.fixture
def filtering(back: tuple[Sink, str]) -> Iterator[Filtering | None]:
    """None where the user of the filter may run no Python: test_sending.py has it without Postfix."""
    python = python_of(FILTER_USER)
    if python is None:
        yield None
        return
    folder = Path(tempfile.mkdtemp(prefix="sayso-stamp-"))
    folder.chmod(0o755)  # Postfix's own users look into it
    made = Filtering(folder, python, back[1])
    made.postfix.start()
    try:
        yield made
    finally:
        made.postfix.stop()
        shutil.rmtree(folder)


def test_each_recipient_gets_a_copy_of_their_own_and_who_refuses_none(
    running: Instance, filtering: Filtering | None, back: tuple[Sink, str]
) -> None:
    if filtering is None:
        return
    delivered, key = back[0].delivered, running.values["SAYSO_API_KEY"]
    ann, bob, no, late = new_address(), new_address(), refused(running), new_address()
    filtering.configure(url=running.url, api_key=key)
    filtering.send(ann, bob, no)
    filtering.postfix.waits_for(f"dsn=5.7.1, status=bounced ({no} must not get this: ")
    until(lambda: len(delivered) >= 3, seconds=60)
    copies = {tuple(one.recipients): message_from_bytes(one.content) for one in delivered}
    assert copies.keys() == {(ann,), (bob,), (NEWS,)}  # the third is the report to the sender
    links = [copies[one,]["List-Unsubscribe"] for one in (ann, bob)]
    assert links[0] != links[1]
    assert one_click(running, links[0]) == 200
    assert running.check("email", ann, "offers")["allowed"] is False
    assert running.check("email", bob, "offers")["allowed"] is True

    filtering.configure(url=f"http://{free_address()}", api_key=key)
    filtering.send(late)
    filtering.postfix.waits_for("dsn=4.3.0, status=deferred")
    assert len(delivered) == 3
    filtering.configure(url=running.url, api_key=key)
    filtering.postfix.deliver_now()
    until(lambda: len(delivered) == 4, seconds=60)
    assert delivered[3].recipients == [late]
