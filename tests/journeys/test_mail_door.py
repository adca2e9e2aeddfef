"""The SMTP listener at its edges: strange mailboxes, too large, too complex, a database that cannot store."""

import smtplib

import psycopg
import pytest

from tests.instance import Instance, new_address, until


def _client(running: Instance) -> smtplib.SMTP:
    host, _, port = running.values["SAYSO_SMTP"].rpartition(":")
    return smtplib.SMTP(host, int(port), timeout=30)


def test_a_mailbox_that_is_not_ours_is_refused(running: Instance) -> None:
    with _client(running) as client, pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        client.sendmail(new_address(), ["nobody@acme.example"], b"Subject: unsubscribe\r\n\r\n")
    [(code, _)] = refused.value.recipients.values()
    assert code == 550


def test_a_message_over_the_limit_is_refused_and_not_kept(running: Instance) -> None:
    before = running.query("SELECT count(*) FROM consent_inbound")
    with _client(running) as client, pytest.raises(smtplib.SMTPResponseException) as refused:
        client.sendmail(new_address(), ["unsubscribe@acme.example"], b"Subject: x\r\n\r\n" + b"y" * 10_100_000)
    assert refused.value.smtp_code == 552
    assert running.query("SELECT count(*) FROM consent_inbound") == before


def test_a_message_that_cannot_be_stored_is_not_acknowledged(running: Instance) -> None:
    with psycopg.connect(running.values["DATABASE_URL"]) as connection, _client(running) as client:
        connection.execute("LOCK TABLE consent_inbound IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(smtplib.SMTPDataError) as refused:
            client.sendmail(new_address(), ["unsubscribe@acme.example"], b"Subject: unsubscribe\r\n\r\n")
        connection.rollback()
    assert refused.value.smtp_code == 451


def test_a_message_too_complex_to_be_read_is_kept_for_a_person_and_its_sender_held(running: Instance) -> None:
    address = new_address()
    bomb = f"From: {address}\r\nSubject: {'=?utf-8?q?x?= ' * 20_000}\r\n\r\nunsubscribe".encode()
    with _client(running) as client:
        client.sendmail(address, ["unsubscribe@acme.example"], bomb)
    assert running.check("email", address, "offers")["reason"] == "held"
    rule = "SELECT 1 FROM consent_inbound WHERE state = 'review' AND rule LIKE 'mail.too_complex%%'"
    until(lambda: bool(running.query(rule)))
    assert running.check("email", address, "offers")["reason"] == "held"
