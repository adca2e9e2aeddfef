"""What a listener lets in, and the sessions that are in."""

import ssl
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from consent.smtp.session import SmtpSession


class Limits(NamedTuple):
    """`size`: bytes of a message. `seconds`: without a command, or without the next 64 KB of a message."""

    size: int
    recipients: int = 100
    connections: int = 50
    seconds: float = 300.0


class Door:
    """What all sessions of a process share. Used in its event loop alone."""

    def __init__(self, limits: Limits, tls: ssl.SSLContext | None = None, *, tls_required: bool = False) -> None:
        self.limits, self.tls, self.tls_required = limits, tls, tls_required
        self.sessions: set[SmtpSession] = set()
        self.stopping = False

    def admit(self, session: "SmtpSession") -> bool:
        """Whether one more may come in."""
        if self.stopping or len(self.sessions) >= self.limits.connections:
            return False
        self.sessions.add(session)
        return True

    def send_away(self) -> None:
        """Let nobody in any more, and end every session. One whose message is being kept gets its answer first."""
        self.stopping = True
        for session in list(self.sessions):
            session.end_unless_keeping()
