"""Accounts at IMAP servers, as the settings name them: one URL each.

`imaps://user@host/FOLDER` speaks TLS from the start; `imap://` begins without and must change to TLS (STARTTLS) before
anything is said: nothing is ever fetched in clear. The user is percent-encoded (`%40` for its `@`), so is the folder.
`?mailbox=` names the mailbox of ours whose mail it is; `?password=` where the password is (`env:NAME`, `file:PATH`).
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

PORTS: Final = {"imaps": 993, "imap": 143}
OPTIONS: Final = {"mailbox", "password"}
PASSWORD: Final = "env:SAYSO_IMAP_PASSWORD"  # noqa: S105  (where it is, not what it is)


class BadAccount(Exception):
    """The URL names no account that could be read. The text says why, and never the password."""


class ImapAccount(NamedTuple):
    """One folder of one user. `starttls`: TLS begins after the greeting."""

    host: str
    port: int
    starttls: bool
    user: str
    folder: str
    mailbox: str
    password: str

    @property
    def name(self) -> str:
        return f"{self.user} at {self.host}, {self.folder}"


def read_account(written: str, environment: Mapping[str, str]) -> ImapAccount:
    """The account of a URL. Raise `BadAccount`."""
    try:
        url = urlsplit(written)
        port = url.port
    except ValueError as error:
        raise BadAccount(f"no URL: {error}") from error
    if url.scheme not in PORTS:
        raise BadAccount("begin with imaps:// (or imap://, for STARTTLS)")
    if url.password is not None:
        raise BadAccount("a password does not belong into the URL: say ?password=env:NAME or file:PATH")
    if not url.hostname or not url.username:
        raise BadAccount("name user and host: imaps://user@host/INBOX")
    options = _options(url.query)
    return ImapAccount(
        host=url.hostname,
        port=port or PORTS[url.scheme],
        starttls=url.scheme == "imap",
        user=unquote(url.username),
        folder=unquote(url.path.strip("/")) or "INBOX",
        mailbox=options.get("mailbox", ""),
        password=_password(options.get("password", PASSWORD), environment),
    )


def _options(query: str) -> dict[str, str]:
    options = {name: values[-1] for name, values in parse_qs(query, keep_blank_values=True).items()}
    unknown = sorted(options.keys() - OPTIONS)
    if unknown:
        raise BadAccount(f"unknown option {unknown[0]!r}: there are mailbox and password")
    return options


def _password(where: str, environment: Mapping[str, str]) -> str:
    kind, _, name = where.partition(":")
    if kind not in ("env", "file") or not name:
        raise BadAccount("say where the password is: ?password=env:NAME or file:PATH")
    found = environment.get(name, "") if kind == "env" else _first_line(name)
    if not found:
        raise BadAccount(f"there is no password in {where}")
    return found


def _first_line(path: str) -> str:
    try:
        with Path(path).open(encoding="utf-8") as opened:
            return opened.readline().rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise BadAccount(f"the password's file {path} cannot be read: {type(error).__name__}") from error
