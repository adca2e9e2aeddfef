"""Origins of sites: scheme, host and port, as browsers write them (RFC 6454 §6.2)."""

import re
from urllib.parse import urlsplit

_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?")
_PORTS = {"https": 443, "http": 80}
_HERE = ("localhost", "127.0.0.1")


class BadOrigin(ValueError):
    """Not an origin that may be named in a policy."""


def origin_of(written: str) -> str:
    """An origin in normal form. Raise `BadOrigin` for a path, a wildcard, or plain HTTP but on this machine."""
    try:
        parts = urlsplit(written)
        port = parts.port
    except ValueError as error:
        raise BadOrigin(written) from error
    host = parts.hostname or ""
    secure = parts.scheme == "https" or (parts.scheme == "http" and host in _HERE)
    bare = not parts.path.strip("/") and not parts.query and not parts.fragment and parts.username is None
    if not secure or not bare or not _HOST.fullmatch(host):
        raise BadOrigin(written)
    return f"{parts.scheme}://{host}" + (f":{port}" if port and port != _PORTS[parts.scheme] else "")


def origin_in(url: str) -> str:
    """The origin of a URL that a browser sent along; "" where it has none."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme and parts.netloc else ""
