"""The listener as other mail systems meet it: LMTP, limits, broken clients, bytes kept as they came."""

import hashlib
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

from tests.instance import Instance, new_address, until
from tests.journeys.talk import MAILBOX, Talk, letter

GLOBEX = "out@globex.example"


@pytest.fixture(scope="module")
def globex(running: Instance) -> int:
    """Another controller, with a mailbox."""
    [[controller]] = running.query("SELECT id FROM consent_controller WHERE slug = 'globex'")
    columns = "controller_id, channel, kind, address"
    running.query(
        f"INSERT INTO consent_sender ({columns}) VALUES (%s, 'email', 'opt_out', %s) RETURNING 1", controller, GLOBEX
    )
    until(lambda: _is_known(running))  # the listener looks once a second whether something was changed
    return int(controller)


def _is_known(running: Instance) -> bool:
    with Talk(running.values["SAYSO_SMTP"]) as talk:
        return talk.begin("", GLOBEX).startswith("354 ")


@contextmanager
def nothing_kept_for(running: Instance, controller: int) -> Iterator[None]:
    """The rows of one controller cannot be written."""
    with psycopg.connect(running.values["DATABASE_URL"], autocommit=True) as connection:
        rule = f"CHECK (controller_id <> {controller}) NOT VALID"
        connection.execute(f"ALTER TABLE consent_inbound ADD CONSTRAINT broken {rule}")
        try:
            yield
        finally:
            connection.execute("ALTER TABLE consent_inbound DROP CONSTRAINT broken")


def kept(running: Instance, content: bytes) -> int:
    """How often these very bytes were kept."""
    digest = hashlib.sha256(content).digest()
    return int(running.query("SELECT count(*) FROM consent_inbound WHERE digest = %s", digest)[0][0])


def test_lmtp_answers_for_each_recipient_in_their_order(running: Instance, globex: int) -> None:
    sender = new_address()
    content = letter(sender)
    with Talk(running.values["SAYSO_LMTP"]) as talk:
        talk.answer()
        assert talk.say("EHLO me").startswith("500 ")
        assert talk.say("LHLO me").startswith("250-sayso")
        assert talk.say("DATA").startswith("503 ")
        assert talk.say(f"MAIL FROM:<{sender}>") == "250 2.1.0 OK"
        answers = [talk.say(f"RCPT TO:<{one}>")[:9] for one in (GLOBEX, "nobody@acme.example", MAILBOX, GLOBEX)]
        assert answers == ["250 2.1.5", "550 5.1.1", "250 2.1.5", "250 2.1.5"]
        with nothing_kept_for(running, globex):
            talk.say("DATA")
            talk.send(content)
            assert [talk.answer()[:9] for _ in range(3)] == ["451 4.3.0", "250 2.0.0", "451 4.3.0"]
        assert talk.say("NOOP") == "250 2.0.0 OK"
    assert running.check("email", sender, "offers")["allowed"] is False
    assert kept(running, content[:-3]) == 1


def test_smtp_keeps_a_message_for_all_its_controllers_or_for_none(running: Instance, globex: int) -> None:
    sender = new_address()
    content = letter(sender)
    with Talk(running.values["SAYSO_SMTP"]) as talk:
        talk.begin(sender, MAILBOX, GLOBEX)
        with nothing_kept_for(running, globex):
            talk.send(content)
            assert talk.answer().startswith("451 4.3.0")
        assert kept(running, content[:-3]) == 0
        talk.say(f"MAIL FROM:<{sender}>", f"RCPT TO:<{MAILBOX}>", f"RCPT TO:<{GLOBEX}>", "DATA")
        talk.send(content)
        assert talk.answer() == "250 2.0.0 Kept"
    assert kept(running, content[:-3]) == 2


def test_lmtp_says_for_each_recipient_that_a_message_is_too_large(running: Instance) -> None:
    sender = new_address()
    with Talk(running.values["SAYSO_LMTP"]) as talk:
        assert talk.begin(sender, MAILBOX, "privacy@acme.example", greeting="LHLO").startswith("354 ")
        talk.send(letter(sender, more=b"x" * 10_100_000 + b"\r\n"))
        assert [talk.answer()[:9] for _ in range(2)] == ["552 5.3.4", "552 5.3.4"]
        talk.say(f"MAIL FROM:<{sender}>", f"RCPT TO:<{MAILBOX}>", "DATA")
        talk.send(letter(sender))
        assert talk.answer() == "250 2.0.0 Kept"


def test_extensions_and_the_size_known_before(running: Instance) -> None:
    with Talk(running.values["SAYSO_SMTP"]) as talk:
        talk.answer()
        offered = set(talk.say("EHLO me").replace("250-", "").replace("250 ", "").splitlines())
        names = {"SIZE 10000000", "8BITMIME", "SMTPUTF8", "PIPELINING", "ENHANCEDSTATUSCODES", "LIMITS RCPTMAX=100"}
        assert offered == names | {"sayso", "HELP"}
        assert talk.say("MAIL FROM:<a@x.example> SIZE=10000001").startswith("552 5.3.4 ")
        assert talk.say("MAIL FROM:<a@x.example> SIZE=10000000 BODY=8BITMIME").startswith("250 ")


def test_pipelining_up_to_the_message_and_after_it(running: Instance) -> None:
    first, second = new_address(), new_address()
    with Talk(running.values["SAYSO_SMTP"]) as talk:
        talk.answer()
        talk.say("EHLO me")
        group = f"MAIL FROM:<{{}}>\r\nRCPT TO:<{MAILBOX}>\r\nDATA\r\n"
        talk.send(group.format(first).encode())
        assert [talk.answer()[:3] for _ in range(3)] == ["250", "250", "354"]
        talk.send(letter(first) + group.format(second).encode())
        assert [talk.answer()[:3] for _ in range(4)] == ["250", "250", "250", "354"]
        talk.send(letter(second) + b"QUIT\r\n")
        assert [talk.answer() for _ in range(3)] == ["250 2.0.0 Kept", "221 2.0.0 Bye", ""]
    for sender in (first, second):
        assert running.check("email", sender, "offers")["allowed"] is False


def test_the_bytes_are_kept_as_they_came(running: Instance) -> None:
    """Dots, line ends that are none (SMTP smuggling), endless lines, nothing at all: sent in pieces of every size."""
    mark = secrets.token_hex(8).encode()
    contents = {
        "dots": b"Subject: x\r\n\r\n.one\r\n..two\r\n...\r\n\r\n.\r\n" + mark + b"\r\n",
        "false ends": b"Subject: x\r\n\r\n\n.\n\r.\r\n.\nMAIL FROM:<a@b.example>\n.\r\r\n" + mark + b"\r\n",
        "long lines": b"Subject: x\r\n\r\n" + b"y" * 300_000 + mark + b"\r\n",
        "8 bits, NUL": b"Subject: x\r\n\r\n" + bytes(range(256)).replace(b"\r", b"") + mark + b"\r\n",
        "blank line alone": b"\r\n",
        "dot first": b".\r\n" + mark + b"\r\n",
    }
    wrong = []
    for name, content in contents.items():
        wire = (b"\r\n" + content).replace(b"\r\n.", b"\r\n..")[2:] + b".\r\n"
        with Talk(running.values["SAYSO_SMTP"]) as talk:
            talk.begin(new_address(), MAILBOX)
            for at in range(0, min(len(wire), 60)):
                talk.send(wire[at : at + 1])
            talk.send(wire[60:])
            if talk.answer() != "250 2.0.0 Kept" or kept(running, content) != 1:
                wrong.append(name)
    assert wrong == []


def test_a_message_without_a_line_is_kept_too(running: Instance) -> None:
    before = kept(running, b"")
    with Talk(running.values["SAYSO_SMTP"]) as talk:
        talk.begin(new_address(), MAILBOX)
        assert talk.say(".") == "250 2.0.0 Kept"
    assert kept(running, b"") == before + 1


def test_the_null_sender_and_a_sender_in_unicode(running: Instance) -> None:
    plain, unicode = new_address(), f"jané.{secrets.token_hex(4)}@example.org"
    with Talk(running.values["SAYSO_SMTP"]) as talk:
        assert talk.begin("", MAILBOX).startswith("354 ")
        talk.send(letter(plain))
        assert talk.answer() == "250 2.0.0 Kept"
        assert talk.say(f"MAIL FROM:<{unicode}> SMTPUTF8") == "250 2.1.0 OK"
        talk.say(f"RCPT TO:<{MAILBOX}>", "DATA")
        talk.send(letter(unicode))
        assert talk.answer() == "250 2.0.0 Kept"
    for sender in (plain, unicode):
        assert running.check("email", sender, "offers")["allowed"] is False


def test_broken_commands_are_answered_and_cost_nothing_else(running: Instance) -> None:
    sender = new_address()
    commands = (
        "MAIL FROM:<", "MAIL FROM:<>>", 'MAIL FROM:<"', "MAIL FROM:<" + "(" * 400, "MAIL FROM:" + "<" * 300,
        "MAIL FROM:@", "MAIL", "MAIL FROM:<a@b.example> NO=SUCH", "MAIL FROM:<a@b.example> SIZE=x", "RCPT TO:<",
        "x" * 3_000, "\x00\x01", "VRFY <", "AUTH PLAIN AGEAYg==", "STARTTLS",
    )  # fmt: skip
    wrong = []
    with Talk(running.values["SAYSO_SMTP"]) as talk:
        talk.answer()
        talk.say("EHLO me")
        for command in commands:
            answer = talk.say(command)
            if answer[:1] != "5" and answer[:3] != "454":
                wrong.append((command[:30], answer))
        talk.say(f"MAIL FROM:<{sender}>", f"RCPT TO:<{MAILBOX}>", "DATA")
        talk.send(letter(sender))
        assert talk.answer() == "250 2.0.0 Kept"
    assert wrong == []
