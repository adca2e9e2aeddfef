"""`manage.py fetch_mail` from a real IMAP server: never lost, never twice, nothing in clear."""

import io
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import override_settings

from consent.ingest.fetching import Afterwards, Fetcher, Then
from consent.ingest.imap_account import read_account
from consent.ingest.taking import Fate, Tally
from consent.models import Hold, Inbound
from tests.consent.core.doors import letter
from tests.consent.ingest.imap_server import PASSWORD, Server, serving

pytestmark = pytest.mark.usefixtures("organisation")


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with serving(tmp_path) as found:
        monkeypatch.setenv("SSL_CERT_FILE", str(found.authority))
        monkeypatch.setenv("SAYSO_IMAP_PASSWORD", PASSWORD)
        yield found


def fetch(url: str, *arguments: str) -> tuple[int, str]:
    """The exit status, and all that was written."""
    out, status = io.StringIO(), 0
    try:
        with override_settings(SAYSO_IMAP=url.split()):
            call_command("fetch_mail", *arguments, stdout=out, stderr=out)
    except CommandError as error:
        status = error.returncode
    return status, out.getvalue()


def no(number: int, to: str = "", text: str = "") -> bytes:
    raw = letter(f"unsubscribe {number}", text, f"a{number}@example.com", number)
    return raw.replace(b"unsubscribe@acme.example", to.encode()) if to else raw


def test_flagged_as_seen_and_never_twice(server: Server) -> None:
    server.deliver(no(1), no(2))
    assert fetch(server.url) == (0, "taken 2, already known 0, not ours 0, unreadable 0\n")
    assert server.lying() == [("unsubscribe 1", True), ("unsubscribe 2", True)]
    assert Hold.objects.count() == 2
    fetch(server.url)
    assert Inbound.objects.count() == 2


def test_what_a_person_has_opened_before_us_is_taken_too(server: Server) -> None:
    server.deliver(no(1))
    with server.owner() as box:
        assert len(list(box.fetch(mark_seen=True))) == 1
    assert "taken 1" in fetch(server.url)[1]


def test_moved_once_kept_and_what_is_not_ours_stays(server: Server) -> None:
    server.deliver(no(1), no(2, to="somebody@else.example"), b"\r\nno message", no(3))
    status, told = fetch(server.url, "--then", "move:Taken & done")
    assert status == os.EX_DATAERR
    assert "taken 2, already known 0, not ours 1, unreadable 1" in told
    assert "UID 102: sent to none of our mailboxes" in told
    assert [subject for subject, _ in server.lying()] == ["unsubscribe 2", ""]
    assert server.lying("Taken & done") == [("unsubscribe 1", False), ("unsubscribe 3", False)]


def test_left_as_it_was(server: Server) -> None:
    server.deliver(no(1))
    assert fetch(server.url, "--then", "leave")[0] == 0
    assert server.lying() == [("unsubscribe 1", False)]
    assert "already known 1" in fetch(server.url, "--then=leave")[1]


def test_the_account_says_whose_mail_it_is(server: Server) -> None:
    server.deliver(no(1, to="undisclosed-recipients:;"))
    assert fetch(f"{server.url}?mailbox=privacy@acme.example")[0] == 0
    assert Inbound.objects.get().endpoint == "privacy@acme.example"


def test_a_connection_lost_in_the_middle(server: Server) -> None:
    server.deliver(*(no(number, text="words " * 1_000) for number in range(20)))
    server.gate.cut_after = 60_000
    status, told = fetch(server.url, "--then", "move:Taken")
    some = Inbound.objects.count()
    assert status == os.EX_TEMPFAIL
    assert f"taken {some}," in told
    assert 0 < some < 20
    server.gate.cut_after = 0
    assert fetch(server.url, "--then", "move:Taken")[0] == 0
    assert Inbound.objects.count() == 20
    assert (len(server.lying()), len(server.lying("Taken"))) == (0, 20)


def test_what_cannot_be_kept_is_not_touched(server: Server) -> None:
    server.deliver(no(1))
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE consent_inbound RENAME TO consent_elsewhere")
    assert fetch(server.url, "--then", "move:Taken")[0] == os.EX_TEMPFAIL
    assert server.lying() == [("unsubscribe 1", False)]


def test_a_large_message_is_fetched_in_pieces_and_cut(server: Server) -> None:
    server.deliver(no(1, text="x" * 60 + "\r\n" + ("y" * 70 + "\r\n") * 40_000), no(2))
    with override_settings(SAYSO_MAX_MAIL_BYTES=1_500_000):
        status, told = fetch(server.url)
    assert status == 0
    assert "taken 2" in told
    assert told.count("its beginning is kept") == 1


def test_a_server_that_cannot_prove_its_name_hears_no_password(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    status, told = fetch(server.url)
    assert status == os.EX_TEMPFAIL
    assert "CERTIFICATE_VERIFY_FAILED" in told
    assert server.gate.connections == 0


def test_a_server_without_tls_hears_no_password(server: Server) -> None:
    status, told = fetch(server.url.replace("imaps", "imap").replace(str(server.gate.port), str(server.port)))
    assert status == os.EX_TEMPFAIL
    assert "TLS" in told


def test_one_account_that_fails_costs_no_other(server: Server) -> None:
    server.deliver(no(1))
    gone = server.url.replace(str(server.gate.port), "1")
    status, told = fetch(f"{gone} {server.url.replace('unsubscribe', 'nobody')} {server.url}")
    assert status == os.EX_TEMPFAIL
    assert "taken 1," in told
    assert PASSWORD not in told


def test_watching_hears_of_what_comes(server: Server) -> None:
    server.deliver(no(1))
    stop, fates = threading.Event(), []

    def report(tally: Tally, trouble: str) -> None:
        # A server that loses its thread while it idles costs a reconnection, never a message.
        fates.append(tally.counts[Fate.TAKEN])
        if len(fates) == 1:
            threading.Timer(0.5, server.deliver, [no(2)]).start()
        if sum(fates) == 2:
            stop.set()

    account = read_account(server.url, os.environ)
    Fetcher(account, Afterwards(Then.LEAVE), lambda *_: None).watch(5.0, stop, report)
    assert [count for count in fates if count] == [1, 1]
    assert Inbound.objects.count() == 2


@pytest.mark.parametrize("written", ["seen:x", "move", "move:", "leave:", "delete"])
def test_what_is_to_be_done_then_must_be_clear(written: str) -> None:
    assert fetch("imaps://a@127.0.0.1:1", "--then", written)[0] == 1


@pytest.mark.parametrize("url", ["", "imaps://127.0.0.1"])
def test_an_account_must_be_clear(url: str) -> None:
    with override_settings(SAYSO_IMAP=url.split()), pytest.raises(CommandError, match="SAYSO_IMAP"):
        call_command("fetch_mail")
