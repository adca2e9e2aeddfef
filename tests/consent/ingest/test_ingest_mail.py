"""`manage.py ingest_mail`: what it takes, what it tells, and what a mail system hears."""

import base64
import io
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import override_settings

from consent import pipeline, vault
from consent.models import Inbound
from tests.consent.core.doors import letter
from tests.consent.core.example import MAILBOX, Organisation, ask, key_of

pytestmark = pytest.mark.usefixtures("organisation")
SEPARATOR = b"From ann@example.com Tue Mar  3 10:00:00 2026\n"
Give = Callable[[bytes], None]


@pytest.fixture
def give(monkeypatch: pytest.MonkeyPatch) -> Give:
    return lambda raw: monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(raw)))


def ingest(*arguments: Any) -> tuple[int, str]:
    """The exit status, and all that was written."""
    out, status = io.StringIO(), 0
    try:
        call_command("ingest_mail", *map(str, arguments), stdout=out, stderr=out)
    except CommandError as error:
        out.write(str(error))
        status = error.returncode
    return status, out.getvalue()


def box(*messages: bytes) -> bytes:
    return b"".join(SEPARATOR + raw + b"\n\n" for raw in messages)


def no(number: int, **more: Any) -> bytes:
    return letter("unsubscribe", "", f"a{number}@example.com", number, **more)


def denied(organisation: Organisation, number: int) -> tuple[bool, str]:
    verdict = ask(organisation, "offers", [key_of("email", f"a{number}@example.com")])
    return verdict.allowed, verdict.reason


def test_a_message_on_standard_input_denies_at_once(organisation: Organisation, give: Give) -> None:
    give(no(1))
    assert ingest() == (0, "taken 1, already known 0, not ours 0, unreadable 0\n")
    assert denied(organisation, 1) == (False, "held")
    pipeline.drain()
    assert denied(organisation, 1) == (False, "opted_out")


def test_the_envelope_of_a_pipe(give: Give) -> None:
    give(b"Subject: unsubscribe\n\n")
    assert ingest(f"--mailbox={MAILBOX}", "--mail-from=ann@example.com")[0] == 0
    [kept] = Inbound.objects.all()
    assert (kept.endpoint, kept.source, kept.verified) == (MAILBOX, "mail", False)


def test_a_null_sender_is_one(give: Give) -> None:
    give(b"Return-Path: <ann@example.com>\nSubject: unsubscribe\n\n")
    assert ingest(f"--mailbox={MAILBOX}", "--mail-from=")[0] == 0


def test_a_mailbox_that_is_not_ours_is_told_to_the_mail_system(give: Give) -> None:
    give(no(1))
    assert ingest("--mailbox=nobody@acme.example")[0] == os.EX_NOUSER
    assert not Inbound.objects.exists()


def test_mail_to_others_is_counted_and_left(tmp_path: Path) -> None:
    other = no(2).replace(MAILBOX.encode(), b"somebody@else.example")
    (tmp_path / "box").write_bytes(box(no(1), other, no(3)))
    status, told = ingest(tmp_path / "box")
    assert status == os.EX_NOUSER
    assert "taken 2, already known 0, not ours 1, unreadable 0" in told
    assert f"message 2 at byte {len(box(no(1)))}: sent to none of our mailboxes" in told


def test_one_bad_message_does_not_lose_its_neighbours(tmp_path: Path) -> None:
    (tmp_path / "box").write_bytes(box(no(1), b"\x00\xff no message", no(3)))
    status, told = ingest(tmp_path / "box", tmp_path / "missing")
    assert status == os.EX_DATAERR
    assert "taken 2, already known 0, not ours 0, unreadable 2" in told
    assert "message 2 at byte" in told
    assert "missing: No such file or directory" in told


def test_a_repeat_adds_nothing(tmp_path: Path) -> None:
    bare = b"To: " + MAILBOX.encode() + b"\nFrom: bo@example.com\n\nunsubscribe"
    (tmp_path / "box").write_bytes(box(no(1), no(2), bare))
    assert ingest(tmp_path / "box") == (0, "taken 3, already known 0, not ours 0, unreadable 0\n")
    assert ingest(tmp_path / "box") == (0, "taken 0, already known 3, not ours 0, unreadable 0\n")
    assert Inbound.objects.count() == 3


def test_a_message_that_too_many_words_hide_is_kept_once_for_a_person(tmp_path: Path) -> None:
    bomb = f"From: a1@example.com\nTo: {MAILBOX}\nSubject: {'=?utf-8?q?x?= ' * 20_000}\n\nunsubscribe".encode()
    (tmp_path / "one").write_bytes(bomb)
    assert ingest(tmp_path / "one", tmp_path / "one")[1] == "taken 1, already known 1, not ours 0, unreadable 0\n"


def test_a_large_message_is_obeyed_by_its_beginning(organisation: Organisation, tmp_path: Path) -> None:
    large = letter("unsubscribe", "x\n" * 5_000, "a1@example.com")
    asks_nothing = letter("Our holidays", "We were here\n" * 500, "a2@example.com", 2)
    asks_nothing = b"Auto-Submitted: auto-replied\r\n" + asks_nothing
    (tmp_path / "box").write_bytes(box(large, asks_nothing, no(3)))
    with override_settings(SAYSO_MAX_MAIL_BYTES=1_000):
        status, told = ingest(tmp_path / "box")
    assert (status, told.count("its beginning is kept")) == (0, 2)
    pipeline.drain()
    assert denied(organisation, 1) == (False, "opted_out")
    assert denied(organisation, 2) == (False, "held")
    assert denied(organisation, 3) == (False, "opted_out")
    assert Inbound.objects.get(state="review").rule == "mail.too_large @1"


def test_bytes_that_are_no_text(give: Give) -> None:
    give(b"Return-Path: <a\xff\x00@example.com>\nTo: \xff <" + MAILBOX.encode() + b">\nSubject: \xff\x00\n\n\xff\x00")
    assert ingest()[0] == 0


def test_nothing_on_standard_input(give: Give) -> None:
    give(b"")
    assert ingest()[0] == os.EX_DATAERR


def test_a_database_that_cannot_keep_it_makes_the_mail_system_try_again(give: Give) -> None:
    give(no(1))
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE consent_inbound RENAME TO consent_elsewhere")
    assert ingest()[0] == os.EX_TEMPFAIL


@pytest.fixture
def without_the_key() -> Iterator[None]:
    with override_settings(SAYSO_ENCRYPTION_KEYS=[f"9:{base64.b64encode(bytes(range(32))).decode()}"]):
        vault._ring.cache_clear()
        yield
    vault._ring.cache_clear()


@pytest.mark.usefixtures("organisation", "without_the_key")
def test_a_key_ring_that_lacks_the_key_makes_the_mail_system_try_again(give: Give) -> None:
    give(no(1))
    status, told = ingest()
    assert (status, "Stopped by" in told) == (os.EX_TEMPFAIL, True)


def test_settings_that_are_wrong_make_the_mail_system_try_again(give: Give) -> None:
    give(no(1))
    with override_settings(SAYSO_ADDRESS_SECRET=""), pytest.raises(CommandError) as refused:
        call_command("ingest_mail", skip_checks=False)
    assert refused.value.returncode == os.EX_TEMPFAIL
