"""`SAYSO_MAIL_URL` → Django's settings of a mail backend. Pure: config/settings.py asks it before there is a Django.

| URL | |
|---|---|
| `file:` and a folder | one .eml file a message (the default, `var/outbox`) |
| `smtp://user:password@host:587` | a mail server, by STARTTLS; without it on this machine, or with `?starttls=no` |
| `smtps://user:password@host:465` | a mail server, by TLS from the start |
| `anymail+PROVIDER:` | a provider's API; its settings are those of Anymail, from the environment (`ANYMAIL_…`) |
"""

import ipaddress
import re
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

FILES = "consent.mailing.files.EmailBackend"
SMTP = "consent.mailing.smtp.EmailBackend"
TIMEOUT_SECONDS = 8
_ANYMAIL = re.compile(r"anymail\+([a-z][a-z-]{1,30}):(?://)?")
_PORTS = {"smtp": 587, "smtps": 465}
ANYMAIL_PREFIX = "ANYMAIL_"
# A mail provider must be away for no longer than another process waits before it takes a row over.
_ANYMAIL_PLAIN: Mapping[str, Any] = {"REQUESTS_TIMEOUT": (5, 20)}


class Where(NamedTuple):
    """The settings of a backend. `problem` says what is wrong with the URL; then mail goes to files."""

    backend: str
    folder: str = ""
    host: str = ""
    port: int = 0
    user: str = ""
    password: str = ""
    use_tls: bool = False
    use_ssl: bool = False
    problem: str = ""


def read(url: str, folder: Path) -> Where:
    """Read the setting; `folder` is where messages go without one. Never raises."""
    try:
        return _read(url.strip(), folder)
    except ValueError as error:
        return Where(FILES, str(folder), problem=str(error))


def _read(url: str, folder: Path) -> Where:
    if not url:
        return Where(FILES, str(folder))
    scheme = url.partition(":")[0].lower()
    if scheme == "file":
        return Where(FILES, _folder(url))
    if scheme.startswith("anymail+"):
        return Where(_anymail(url))
    if scheme in _PORTS:
        return _smtp(scheme, url)
    raise ValueError("its scheme is none of file, smtp, smtps, anymail+PROVIDER")


def _folder(url: str) -> str:
    path = unquote(urlsplit(url).path)
    if not path.startswith("/") or urlsplit(url).netloc not in ("", "localhost"):
        raise ValueError("file: needs an absolute path, file:///var/spool/sayso")
    return path


def _anymail(url: str) -> str:
    found = _ANYMAIL.fullmatch(url.lower())
    module = f"anymail.backends.{found[1].replace('-', '_')}" if found else ""
    if not module or module.endswith((".base", ".base_requests")) or find_spec(module) is None:
        raise ValueError("Anymail knows no such provider: anymail+postmark:, anymail+amazon-ses: …")
    return f"{module}.EmailBackend"


def _smtp(scheme: str, url: str) -> Where:
    parts = _split(url)
    if not parts.hostname or parts.path not in ("", "/"):
        raise ValueError("a mail server is smtp://user:password@host:port")
    starttls = parse_qs(parts.query).get("starttls", [""])[0]
    if starttls not in ("", "yes", "no"):
        raise ValueError("starttls is yes or no")
    secure = starttls == "yes" or (starttls == "" and not _is_here(parts.hostname))
    return Where(
        SMTP,
        host=parts.hostname,
        port=parts.port or _PORTS[scheme],
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        use_ssl=scheme == "smtps",
        use_tls=scheme == "smtp" and secure,
    )


def _split(url: str) -> SplitResult:
    """The parts of a URL. An error says nothing of its text: there is a password in it."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise ValueError("a mail server is smtp://user:password@host:port") from error
    return parts


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def anymail_settings(environment: Mapping[str, str]) -> dict[str, Any]:
    """Anymail's settings: each `ANYMAIL_NAME` of the environment is its setting NAME."""
    own = {name: value for name, value in environment.items() if name.startswith(ANYMAIL_PREFIX)}
    return {**_ANYMAIL_PLAIN, **{name.removeprefix(ANYMAIL_PREFIX): value for name, value in own.items()}}
