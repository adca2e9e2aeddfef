"""The sockets: where mail is taken, with what certificate, and how the process ends."""

import asyncio
import ssl
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

from django.conf import settings

from consent.smtp.limits import Door, Limits
from consent.smtp.session import LmtpSession, Session, SmtpSession

UNIX: Final = "unix:"
GRACE_SECONDS: Final = 20.0  # longer than a statement may take
BACKLOG: Final = 100


class Unusable(Exception):
    """A setting by which no listener can be started. The text names it."""


class Place(NamedTuple):
    """Where a protocol is spoken. `address` is `host:port` or `unix:/path`."""

    setting: str
    address: str
    session: Session


def places() -> list[Place]:
    """Where the settings want mail to be taken."""
    both = (
        Place("SAYSO_SMTP", settings.SAYSO_SMTP, SmtpSession),
        Place("SAYSO_LMTP", settings.SAYSO_LMTP, LmtpSession),
    )
    return [place for place in both if place.address]


def door_of_settings() -> Door:
    """The limits and the certificate of the settings. Raise `Unusable`."""
    limits = Limits(
        settings.SAYSO_MAX_MAIL_BYTES,
        settings.SAYSO_SMTP_RECIPIENTS,
        settings.SAYSO_SMTP_CONNECTIONS,
        settings.SAYSO_SMTP_TIMEOUT,
    )
    return Door(limits, tls_context(), tls_required=settings.SAYSO_SMTP_TLS_REQUIRED)


def tls_context() -> ssl.SSLContext | None:
    """TLS 1.2 or later with the certificate of the settings, or none without one."""
    if not settings.SAYSO_SMTP_TLS_CERT:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    load_certificate(context)
    return context


def load_certificate(context: ssl.SSLContext) -> None:
    """Read the certificate, at the start or when it was renewed. Raise `Unusable`."""
    certificate, key = settings.SAYSO_SMTP_TLS_CERT, settings.SAYSO_SMTP_TLS_KEY
    try:
        # A passphrase would be asked for on the terminal, and nobody is there.
        context.load_cert_chain(certificate, key or None, password=lambda: b"")
    except (OSError, ValueError) as error:
        raise Unusable(f"SAYSO_SMTP_TLS_CERT {certificate}, SAYSO_SMTP_TLS_KEY {key}: {error}") from error


async def serve(door: Door, stop: asyncio.Event, ready: Callable[[Mapping[str, str]], None]) -> None:
    """Take mail until `stop` is set. `ready` is told, by setting, where. Raise `Unusable` for an address not to be had.

    At the end nobody is let in any more, and whose message is being kept gets an answer: what got none is sent again.
    """
    servers: list[asyncio.Server] = []
    try:
        for place in places():
            servers.append(await _listen(place, door))  # noqa: PERF401  (those before it are closed if it fails)
        ready({place.setting: place.address for place in places()})
        await stop.wait()
    finally:
        for server in servers:
            server.close()
        door.send_away()
        await _sessions_end(door)


async def _sessions_end(door: Door) -> None:
    deadline = asyncio.get_running_loop().time() + GRACE_SECONDS
    while door.sessions and asyncio.get_running_loop().time() < deadline:
        await asyncio.sleep(0.02)


async def _listen(place: Place, door: Door) -> asyncio.Server:
    loop = asyncio.get_running_loop()
    try:
        if place.address.startswith(UNIX):
            return await _listen_on_file(place, door)
        host, _, port = place.address.rpartition(":")
        host = host.strip("[]") or "127.0.0.1"
        return await loop.create_server(lambda: place.session(door), host, int(port), backlog=BACKLOG)
    except (OSError, ValueError, OverflowError) as error:
        raise Unusable(f"{place.setting} {place.address}: {error}") from error


async def _listen_on_file(place: Place, door: Door) -> asyncio.Server:
    """A socket file, which whoever may enter its folder may write to: it is the folder that says who."""
    path = Path(place.address.removeprefix(UNIX))
    loop = asyncio.get_running_loop()
    server = await loop.create_unix_server(lambda: place.session(door), str(path), backlog=BACKLOG)
    with suppress(OSError):
        path.chmod(0o666)
    return server
