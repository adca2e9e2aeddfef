"""`manage.py import_suppressions`: what it takes, and what it says."""

import gzip
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from consent.models import ConsentEvent, ListVersion, OutsideList
from consent.outside import working
from tests.consent.core.example import Organisation
from tests.consent.outside.lists import reason, reasons

pytestmark = pytest.mark.django_db


class Said(StringIO):
    """What a command wrote, lines of both streams together."""


def run(*arguments: Any) -> str:
    said = Said()
    call_command("import_suppressions", *map(str, arguments), stdout=said, stderr=said)
    return said.getvalue()


def test_a_file_is_imported_and_bad_rows_are_named_by_line(organisation: Organisation, tmp_path: Path) -> None:
    file = tmp_path / "list.csv.gz"
    file.write_bytes(gzip.compress("Kontakt;Name\njörg@example.com;J\nnobody;N\nann@example.com;A\n".encode("cp1252")))
    options = ("--list=no-mail", "--controller=acme", "--as-of=2026-10-01", "--map=email=Kontakt")
    with pytest.raises(CommandError, match="--kind"):
        run(file, *options)
    said = run(file, *options, "--kind=other", "--name=No mail")
    assert "No mail, version 1 of 2026-10-01: In force. Rows 3: added 2, kept 0, repeated 0, bad 1; dropped 0" in said
    assert "line 3: email: " in said
    assert "nobody" not in said
    assert reasons(organisation, "email", "ann@example.com", "jörg@example.com") == ["listed", "listed"]
    again = run(file, *options)
    assert "This file is known: it is version 1." in again
    assert ConsentEvent.objects.count() == 2
    assert "too old" in run(tmp_path / "list.csv.gz", *options[:2], "--as-of=2026-10-02", options[3])


def test_what_it_would_drop_waits_until_it_is_confirmed(organisation: Organisation, tmp_path: Path) -> None:
    file = tmp_path / "list.txt"
    options = ("--list=no-mail", "--controller=acme")
    file.write_text("a@example.com\nb@example.com\n")
    run(file, *options, "--kind=other")
    file.write_text("a@example.com\n")
    with pytest.raises(CommandError, match="--list no-mail --confirm-drop"):
        run(file, *options)
    assert reason(organisation, "email", "b@example.com") == "listed"
    assert "dropped 1" in run(*options, "--confirm-drop")
    assert reason(organisation, "email", "b@example.com") == "opt_out_basis"
    file.write_text("c@example.com\n")
    assert "added 1, kept 0" in run(file, *options, "--confirm-drop")
    assert reason(organisation, "email", "a@example.com") == "opt_out_basis"


def test_what_cannot_be_done_is_said(organisation: Organisation, tmp_path: Path) -> None:
    file, empty = tmp_path / "list.txt", tmp_path / "empty"
    file.write_text("a@example.com\n")
    empty.write_text("")
    for arguments, says in (
        ((file, "--list=x", "--kind=other", "--controller=nobody"), "no controller nobody"),
        ((file, "--list=x", "--kind=fax"), "one of ctps, deceased"),
        ((tmp_path / "gone", "--list=x", "--kind=other"), "No such file"),
        ((empty, "--list=x", "--kind=other"), "the file is empty"),
        ((file, "--list=x", "--kind=other", "--map=email=Mail"), "no such column"),
        ((file, "--list=x", "--kind=other", "--as-of=2999-01-01"), "has not come"),
        ((file, "--list=x", "--kind=other", "--map=email"), "FIELD=COLUMN"),
        (("--list=x", "--confirm-drop"), "There is no list x"),
    ):
        with pytest.raises(CommandError, match=says):
            run(*arguments)
    assert not OutsideList.objects.exists()
    run(file, "--list=x", "--kind=other")
    with pytest.raises(CommandError, match="Name the FILE"):
        run("--list=x")
    with pytest.raises(CommandError, match="No version"):
        run("--list=x", "--confirm-drop")


def test_what_a_killed_import_left_is_gone_on_with(
    organisation: Organisation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "list.txt"
    file.write_text("a@example.com\n")
    with monkeypatch.context() as killed:
        killed.setattr(working, "work_on", _die)
        with pytest.raises(KeyboardInterrupt):
            run(file, "--list=x", "--kind=other")
    version = ListVersion.objects.get()
    assert (version.state, working.claim()) == ("received", None)
    ListVersion.objects.update(next_try_at=version.received_at)
    assert "In force" in run(file, "--list=x")


def _die(*args: Any, **kwargs: Any) -> int:
    raise KeyboardInterrupt
