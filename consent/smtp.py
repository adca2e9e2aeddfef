"""The SMTP listener: takes mail for our mailboxes, and answers 250 only after the commit."""

import asyncio
import logging
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.conf import settings
from django.db import connection

from consent import mailbox

logger = logging.getLogger(__name__)


class Handler:
    """aiosmtpd's hooks. The database is spoken to in threads, so that one slow commit keeps nobody else waiting."""

    async def handle_RCPT(  # noqa: N802  (aiosmtpd's name)
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        try:
            owner = await asyncio.to_thread(_with_fresh_connection, mailbox.owner_of, address)
        except Exception as error:
            # Whatever it was, a key ring that lacks a key too: aiosmtpd would answer 500, and the message be given up.
            logger.error("a recipient could not be looked up: %s", type(error).__name__)
            return "451 4.3.0 Try again later"
        if owner is None:
            return "550 5.1.1 No such mailbox here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        try:
            await asyncio.to_thread(
                _with_fresh_connection, mailbox.accept_mail, content, envelope.mail_from or "", envelope.rcpt_tos
            )
        except Exception as error:
            # Whatever it was: not kept, so not acknowledged. The sending server keeps the message and tries again.
            logger.error("a message could not be stored: %s", type(error).__name__)
            return "451 4.3.0 It could not be stored, try again later"
        return "250 2.0.0 Kept"


def _with_fresh_connection(call: Any, *args: Any) -> Any:
    """Run in a thread of the pool: its connection may have died since its last use."""
    connection.close_if_unusable_or_obsolete()
    return call(*args)


class _Server(SMTP):
    """Takes lines beyond RFC 5321's 1,000 octets: real programs send them, and a refusal would lose what they say."""

    line_length_limit = 1_000_000


class _Listener(Controller):
    def factory(self) -> SMTP:
        return _Server(self.handler, **self.SMTP_kwargs)


def make_controller(host: str, port: int) -> Controller:
    """The listener, ready to start."""
    return _Listener(
        Handler(),
        hostname=host,
        port=port,
        data_size_limit=settings.SAYSO_MAX_MAIL_BYTES,
        enable_SMTPUTF8=True,
        ident="Sayso",
        server_hostname="sayso",
        decode_data=False,
    )
