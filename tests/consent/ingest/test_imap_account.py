"""Accounts as the settings name them."""

from pathlib import Path

import pytest

from consent.ingest.imap_account import BadAccount, read_account
from tests.each import each

ENVIRONMENT = {"SAYSO_IMAP_PASSWORD": "common", "OTHER": "other"}


def test_what_a_url_says(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("of the file\nmore\n")
    account = read_account("imaps://no%40acme.example@imap.acme.example", ENVIRONMENT)
    assert account == ("imap.acme.example", 993, False, "no@acme.example", "INBOX", "", "common")
    account = read_account("imap://no@host:1143/In%20box/Sub?mailbox=no@acme.example&password=env:OTHER", ENVIRONMENT)
    assert account == ("host", 1143, True, "no", "In box/Sub", "no@acme.example", "other")
    assert read_account(f"imaps://no@host?password=file:{tmp_path}/secret", {}).password == "of the file"


@each(
    ("url", "why"),
    [
        ("no@host/INBOX", "begin with imaps"),
        ("https://no@host", "begin with imaps"),
        ("imaps://host/INBOX", "name user and host"),
        ("imaps://no:hunter2@host", "password does not belong"),
        ("imaps://no@host:port", "no URL"),
        ("imaps://no@host?folder=x", "unknown option 'folder'"),
        ("imaps://no@host?password=hunter2", "say where"),
        ("imaps://no@host?password=env:NOBODY", "no password in env:NOBODY"),
        ("imaps://no@host?password=file:/nowhere/at/all", "cannot be read"),
    ],
)
def test_what_is_refused(url: str, why: str) -> None:
    with pytest.raises(BadAccount) as refused:
        read_account(url, ENVIRONMENT)
    assert why in str(refused.value)
    assert "hunter2" not in str(refused.value)
