"""A listener with small limits and a certificate: who is let in, how long, with how much; and how it ends."""

import signal
import smtplib
import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import psycopg
import pytest
from cryptography.hazmat.primitives import serialization

from tests.consent.providers.test_certificates_https import PEM, issue
from tests.instance import Instance, new_address, until
from tests.journeys.talk import MAILBOX, Talk, free_address, letter, listener


class Strict(NamedTuple):
    """Where it listens, its certificate, its process."""

    address: str
    unix: Path
    certificate: Path
    process: "subprocess.Popen[bytes]"


def write_certificate(folder: Path) -> Path:
    certificate, key = issue("sayso", None, datetime.now(UTC))
    plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / "key.pem").write_bytes(key.private_bytes(PEM, *plain))
    (folder / "cert.pem").write_bytes(certificate.public_bytes(PEM))
    return folder / "cert.pem"


@pytest.fixture(scope="module")
def strict(running: Instance, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Strict]:
    folder = tmp_path_factory.mktemp("strict")
    certificate, address = write_certificate(folder), free_address()
    values = {
        "SAYSO_SMTP": address,
        "SAYSO_LMTP": f"unix:{folder}/lmtp",
        "SAYSO_SMTP_TLS_CERT": str(certificate),
        "SAYSO_SMTP_TLS_KEY": str(folder / "key.pem"),
        "SAYSO_SMTP_TLS_REQUIRED": "true",
        "SAYSO_SMTP_RECIPIENTS": "2",
        "SAYSO_SMTP_CONNECTIONS": "3",
        "SAYSO_SMTP_TIMEOUT": "1",
        "SAYSO_MAX_MAIL_BYTES": "100000",
    }
    with listener(running, **values) as process:
        yield Strict(address, folder / "lmtp", certificate, process)


def client(strict: Strict) -> smtplib.SMTP:
    host, _, port = strict.address.rpartition(":")
    return smtplib.SMTP(host, int(port), timeout=20)


def context(strict: Strict) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(strict.certificate))


def test_no_mail_without_tls_where_it_is_required(strict: Strict, running: Instance) -> None:
    sender = new_address()
    with client(strict) as smtp:
        assert smtp.docmd("EHLO", "me")[1].count(b"STARTTLS") == 1
        assert smtp.docmd("MAIL", f"FROM:<{sender}>")[0] == 530
        smtp.starttls(context=context(strict))
        _, offered = smtp.ehlo()
        assert b"STARTTLS" not in offered
        assert b"AUTH" not in offered
        smtp.sendmail(sender, [MAILBOX], letter(sender)[:-3])
        assert isinstance(smtp.sock, ssl.SSLSocket)
        assert smtp.sock.version() in ("TLSv1.2", "TLSv1.3")
    assert running.check("email", sender, "offers")["allowed"] is False


def test_what_was_sent_before_tls_is_forgotten_with_it(strict: Strict) -> None:
    """RFC 3207: a man in the middle could else put commands in front of the client's."""
    with Talk(strict.address) as talk:
        talk.answer()
        talk.say("EHLO me")
        talk.send(b"STARTTLS\r\nEHLO injected\r\n")
        assert talk.answer().startswith("220 ")
        with context(strict).wrap_socket(talk.socket, server_hostname="127.0.0.1") as secure:
            secure.sendall(b"MAIL FROM:<a@x.example>\r\n")
            assert secure.recv(100).startswith(b"503 ")


def test_old_tls_is_refused(strict: Strict) -> None:
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    old.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1"):
        old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    with Talk(strict.address) as talk:
        talk.answer()
        talk.say("EHLO me", "STARTTLS")
        with pytest.raises(ssl.SSLError):
            old.wrap_socket(talk.socket)


def test_more_recipients_than_one_message_may_have(strict: Strict) -> None:
    with client(strict) as smtp:
        smtp.starttls(context=context(strict))
        smtp.ehlo()
        smtp.mail("a@x.example")
        assert [smtp.rcpt(MAILBOX)[0] for _ in range(3)] == [250, 250, 452]


def test_more_connections_than_there_may_be(strict: Strict) -> None:
    until(lambda: _refuses_a_fourth(strict))
    until(lambda: _greeting(strict) == "220 ")


def _refuses_a_fourth(strict: Strict) -> bool:
    """Whether the fourth is refused. False also where there were no three beside it: while the listener still counts
    one that an earlier test left, and where one of the three was idle for so long meanwhile that it was sent away."""
    with ExitStack() as opened:
        three = [opened.enter_context(Talk(strict.address)) for _ in range(3)]
        if {talk.answer()[:4] for talk in three} != {"220 "}:
            return False
        fourth = opened.enter_context(Talk(strict.address))
        greeting = fourth.answer()
        if not all(_is_heard(talk) for talk in three):
            return False
        assert greeting.startswith("421 4.3.2 Too many connections")
        assert fourth.answer() == ""
    return True


def _is_heard(talk: Talk) -> bool:
    try:
        return talk.say("NOOP").startswith("250 ")
    except ConnectionError:
        return False


def _greeting(strict: Strict) -> str:
    with Talk(strict.address) as talk:
        return talk.answer()[:4]


def test_who_says_nothing_is_sent_away(strict: Strict) -> None:
    with Talk(strict.address) as talk:
        talk.answer()
        assert talk.answer() == ""


def test_lmtp_on_a_socket_file(strict: Strict) -> None:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(strict.unix))
        connection.sendall(b"LHLO me\r\nMAIL FROM:<a@x.example>\r\n")
        answers = connection.makefile("rb")
        assert answers.readline().startswith(b"220 ")
        assert b"530 5.7.0" in b"".join(answers.readline() for _ in range(10))


def test_a_line_without_end_takes_no_memory(strict: Strict) -> None:
    """A megabyte after the other, no line's end among them: aiosmtpd by itself keeps all of it."""
    before = most_memory(strict.process.pid)
    until(lambda: _is_too_large(strict))
    assert most_memory(strict.process.pid) - before < 16_000_000


def _is_too_large(strict: Strict) -> bool:
    """Whether 32 MB without a line's end are answered so. False where the sender was too slow for this listener, whose
    patience is a second, and was sent away before the end."""
    with Talk(strict.address) as talk:
        talk.answer()
        talk.say("EHLO me", "STARTTLS")
        try:
            with context(strict).wrap_socket(talk.socket, server_hostname="127.0.0.1") as secure:
                secure.sendall(f"EHLO me\r\nMAIL FROM:<a@x.example>\r\nRCPT TO:<{MAILBOX}>\r\nDATA\r\n".encode())
                for _ in range(32):
                    secure.sendall(b"x" * 1_000_000)
                secure.sendall(b"\r\n.\r\n")
                return any(line.startswith(b"552 ") for line in secure.makefile("rb"))
        except (ssl.SSLEOFError, ConnectionError):
            return False


def most_memory(pid: int) -> int:
    """The most that a process ever had in memory, in bytes."""
    [line] = [line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmHWM:")]
    return int(line.split()[1]) * 1024


def test_a_renewed_certificate_is_read_on_sighup(strict: Strict) -> None:
    old = context(strict)
    write_certificate(strict.certificate.parent)
    strict.process.send_signal(signal.SIGHUP)
    until(lambda: _trusts(strict, context(strict)))
    assert not _trusts(strict, old)


def _trusts(strict: Strict, trusted: ssl.SSLContext) -> bool:
    with client(strict) as smtp:
        try:
            smtp.starttls(context=trusted)
        except ssl.SSLError:
            smtp.close()
            return False
        return True


def test_a_message_that_is_being_kept_gets_its_answer_before_the_end(running: Instance) -> None:
    address, sender, other = free_address(), new_address(), new_address()
    with (
        psycopg.connect(running.values["DATABASE_URL"]) as connection,
        listener(running, SAYSO_SMTP=address) as process,
        Talk(address) as storing,
        Talk(address) as sending,
        Talk(address) as idle,
    ):
        assert storing.begin(sender, MAILBOX) + sending.begin(other, MAILBOX) != ""
        idle.answer()
        connection.execute("LOCK TABLE consent_inbound IN ACCESS EXCLUSIVE MODE")
        storing.send(letter(sender))
        sending.send(letter(other)[:-3])
        waiting = "SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'consent_inbound'::regclass"
        until(lambda: bool(connection.execute(waiting).fetchall()))
        process.send_signal(signal.SIGTERM)
        assert idle.answer().startswith("421 4.3.2")
        assert sending.answer().startswith("421 4.3.2")
        assert process.poll() is None
        connection.rollback()
        assert [storing.answer()[:9], storing.answer()[:9]] == ["250 2.0.0", "421 4.3.2"]
        assert process.wait(timeout=20) == 0
    assert running.check("email", sender, "offers")["allowed"] is False
    assert running.check("email", other, "offers")["allowed"] is True
