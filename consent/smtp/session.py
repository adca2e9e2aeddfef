"""One connection: aiosmtpd's dialogue, with limits on memory, time and numbers, and answers that follow the commit."""

import asyncio
import re
from collections.abc import Callable
from typing import Any, Final

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, syntax

from consent.smtp.hooks import Hooks, keep_for_all, keep_for_each
from consent.smtp.limits import Door

PIECE: Final = 65_536
COMMAND_BYTES: Final = 2_000  # RFC 5321, 4.5.3.1.4 asks for 512 and room for extensions
NAME: Final = "sayso"
END: Final = b"\r\n.\r\n"
TOO_LARGE: Final = "552 5.3.4 The message is larger than we take"
BUSY: Final = b"421 4.3.2 Too many connections, try again later\r\n"
CLOSING: Final = b"421 4.3.2 Closing, try again later\r\n"

# RFC 2034: what aiosmtpd answers without an enhanced status code gets one. Not so greetings and lists of extensions.
_BARE: Final = re.compile(r"([245]\d\d) (?![245]\.\d)")
_ENHANCED: Final = {
    "221": "2.0.0", "250": "2.0.0", "252": "2.5.0", "454": "4.7.0", "500": "5.5.2", "501": "5.5.4", "502": "5.5.1",
    "503": "5.5.1", "552": "5.3.4", "553": "5.1.3", "555": "5.5.4",
}  # fmt: skip


class _CommandLimits(dict[str, int]):
    """The same for every command: aiosmtpd would share one growing table among all connections."""

    def __missing__(self, command: str) -> int:
        return COMMAND_BYTES

    def __setitem__(self, command: str, size: int) -> None:
        """Nothing changes it."""


class SmtpSession(SMTP):
    """aiosmtpd keeps a message line by line, each an object, and a line without end without end: not so here."""

    line_length_limit = PIECE  # of a command, and of what is read at once
    command_size_limit = COMMAND_BYTES
    command_size_limits = _CommandLimits()
    keep = staticmethod(keep_for_all)

    def __init__(self, door: Door) -> None:
        self._door = door
        self._keeping = False
        super().__init__(
            Hooks(door),
            data_size_limit=door.limits.size,
            enable_SMTPUTF8=True,
            ident="Sayso",
            hostname=NAME,
            tls_context=door.tls,
            timeout=door.limits.seconds,
            loop=asyncio.get_running_loop(),
        )

    # --- coming and going ---
    def connection_made(self, transport: Any) -> None:
        begun_tls = self._original_transport is not None
        if begun_tls or self._door.admit(self):
            super().connection_made(transport)
            return
        transport.write(CLOSING if self._door.stopping else BUSY)
        transport.close()

    def eof_received(self) -> bool | None:
        return bool(super().eof_received()) if self.session is not None else None

    def connection_lost(self, error: Exception | None) -> None:
        self._door.sessions.discard(self)
        if self.session is not None:
            super().connection_lost(error)

    def end_unless_keeping(self) -> None:
        """Say goodbye, unless a message is being kept: its answer comes first, then this is asked again."""
        if isinstance(self.transport, asyncio.WriteTransport) and not self._keeping:
            self.transport.write(CLOSING)
            self.transport.close()

    # --- talking ---
    async def push(self, status: Any) -> None:
        if isinstance(status, str) and status not in ("250 HELP", f"250 {NAME}"):
            status = _BARE.sub(lambda bare: f"{bare[1]} {_enhanced(bare[1])} ", status, count=1)
        await super().push(status)

    def _getaddr(self, arg: str) -> tuple[str | None, str | None]:
        """The standard library's parser of addresses trips over some that are none."""
        try:
            address, rest = super()._getaddr(arg)
        except (IndexError, ValueError, RecursionError):
            return None, None
        return address, rest

    @syntax("DATA")
    async def smtp_DATA(self, arg: str | None) -> None:  # noqa: N802  (aiosmtpd's name)
        if await self.check_helo_needed():
            return
        if arg or not self._recipients():
            await self.push("501 Syntax: DATA" if arg else "503 Error: need RCPT command")
            return
        await self.push("354 End data with <CR><LF>.<CR><LF>")
        content = await self._content()
        answers = await self._answers(content)
        self.envelope = self._create_envelope()
        for answer in answers:
            await self.push(answer)
        if self._door.stopping:
            self.end_unless_keeping()

    async def _answers(self, content: bytes | None) -> list[str]:
        if content is None:
            return self.for_recipients(TOO_LARGE)
        sender = (self.envelope.mail_from if self.envelope else "") or ""
        self._keeping = True
        try:
            return await self.keep(content, "" if sender == "<>" else sender, self._recipients())
        finally:
            self._keeping = False

    def _recipients(self) -> list[str]:
        return list(self.envelope.rcpt_tos) if self.envelope else []

    def for_recipients(self, answer: str) -> list[str]:
        """The answers after the message where all recipients get the same."""
        return [answer]

    async def _content(self) -> bytes | None:
        """The message, its dots undone (RFC 5321, 4.5.2), or none where it is too large: then none of it is held."""
        # The line before was DATA itself: with its end put back, a message of one dot ends as all others do.
        self._reader._buffer[:0] = b"\r\n"  # type: ignore[attr-defined]
        limit = self._door.limits.size + len(END)
        pieces: list[bytes] = []
        size, more = 0, True
        while more:
            piece, more = await self._piece()
            size += len(piece)
            if size > limit:
                pieces.clear()
            else:
                pieces.append(piece)
                self._reset_timeout()
        if size > limit:
            return None
        whole = b"".join(pieces)
        pieces.clear()
        return whole.removesuffix(END[2:]).replace(b"\r\n.", b"\r\n")[2:]

    async def _piece(self) -> tuple[bytes, bool]:
        """What comes next of the message, and whether more follows. Nothing after its end is taken."""
        try:
            return await self._reader.readuntil(END), False
        except asyncio.LimitOverrunError as further:
            return await self._reader.read(further.consumed), True


class LmtpSession(SmtpSession, LMTP):
    """LMTP: LHLO in place of EHLO, and an answer for each recipient."""

    keep = staticmethod(keep_for_each)

    def for_recipients(self, answer: str) -> list[str]:
        return [answer] * len(self._recipients())


def _enhanced(code: str) -> str:
    return _ENHANCED.get(code, f"{code[0]}.0.0")


Session = Callable[[Door], SmtpSession]
