"""What the listener answers: whose mailbox it is, and whether a message is kept."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from aiosmtpd.smtp import SMTP, Envelope, Session, TLSSetupException
from django.db import connection

from consent import mailbox
from consent.smtp.limits import Door

logger = logging.getLogger(__name__)
T = TypeVar("T")

OK = "250 2.1.0 OK"
KEPT = "250 2.0.0 Kept"
LATER = "451 4.3.0 It could not be stored, try again later"
NOT_OURS_NOW = "451 4.3.0 The mailbox has changed, try again"


class Hooks:
    """aiosmtpd's hooks. The database is spoken to in threads, so that one slow commit keeps nobody else waiting."""

    def __init__(self, door: Door) -> None:
        self._door = door

    async def handle_EHLO(  # noqa: N802  (aiosmtpd's name)
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        offered = [line for line in responses if not line.startswith("250-AUTH")]
        more = ("PIPELINING", "ENHANCEDSTATUSCODES", f"LIMITS RCPTMAX={self._door.limits.recipients}")
        return [*offered[:-1], *(f"250-{name}" for name in more), offered[-1]]

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self._door.tls_required and session.ssl is None:
            return "530 5.7.0 Must issue a STARTTLS command first"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return OK

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if len(envelope.rcpt_tos) >= self._door.limits.recipients:
            return "452 4.5.3 Too many recipients, send the rest apart"
        try:
            owner = await in_thread(mailbox.owner_of, address)
        except Exception as error:
            # Whatever it was, a key ring that lacks a key too: aiosmtpd would answer 500, and the message be given up.
            logger.error("a recipient could not be looked up: %s", type(error).__name__)
            return "451 4.3.0 Try again later"
        if owner is None:
            return "550 5.1.1 No such mailbox here"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_exception(self, error: Exception) -> str:
        if not isinstance(error, TLSSetupException | OSError):  # whoever called broke off, or knows no TLS of ours
            logger.error("a session failed: %s", type(error).__name__)
        return "451 4.3.0 Try again later"


async def keep_for_all(content: bytes, mail_from: str, recipients: Sequence[str]) -> list[str]:
    """SMTP: all or nothing, and one answer."""
    return [await in_thread(_keep, content, mail_from, recipients)]


async def keep_for_each(content: bytes, mail_from: str, recipients: Sequence[str]) -> list[str]:
    """LMTP: an answer for each recipient, in their order (RFC 2033, 4.2); each controller's is kept apart."""
    return await in_thread(_keep_apart, content, mail_from, recipients)


def _keep_apart(content: bytes, mail_from: str, recipients: Sequence[str]) -> list[str]:
    try:
        owners = [mailbox.owner_of(address) for address in recipients]
    except Exception as error:
        return [_trouble(error)] * len(recipients)
    answers = {
        owner: _keep(content, mail_from, [one for one, its in zip(recipients, owners, strict=True) if its == owner])
        for owner in set(owners)
    }
    return [answers[owner] for owner in owners]


def _keep(content: bytes, mail_from: str, recipients: Sequence[str]) -> str:
    try:
        return KEPT if mailbox.accept_mail(content, mail_from, recipients) else NOT_OURS_NOW
    except Exception as error:
        return _trouble(error)


def _trouble(error: Exception) -> str:
    """Whatever it was: not kept, so not acknowledged. The sending server keeps the message and tries again."""
    logger.error("a message could not be stored: %s", type(error).__name__)
    return LATER


async def in_thread(call: Callable[..., T], *args: Any) -> T:
    return await asyncio.to_thread(_with_fresh_connection, call, *args)


def _with_fresh_connection(call: Callable[..., T], *args: Any) -> T:
    """Run in a thread of the pool: its connection may have died since its last use."""
    connection.close_if_unusable_or_obsolete()
    return call(*args)
