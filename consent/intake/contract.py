"""What an adapter takes and gives: bytes and headers in, frozen values out.

Everything here is pure: no database, no Django, no clock of its own (the caller says what time it is). A provider is a
module with the three functions of `Provider`; `registry.py` names them all.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal, Protocol

import msgspec

Channel = Literal["email", "sms", "post"]
Verdict = Literal["opt_out", "opt_in", "help"]
MessageKind = Literal["message", "report", "unknown"]


class Forbidden(Exception):
    """The request does not prove that it comes from the provider: 403, and nothing is written."""


class Malformed(Exception):
    """The request is genuine but cannot be read: 400, and nothing is written. `field` names the part at fault."""

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(f"{field}: {detail}")
        self.field = field
        self.detail = detail


class Needed(Forbidden):
    """The proof hangs on a document that must be fetched from `url` first (a signing certificate).

    An adapter does no I/O. It has checked the address before it asks; whoever can fetch does so, keeps the document and
    verifies again with it in `Account.documents`. Whoever cannot fetch refuses, as for any other `Forbidden`.
    """

    def __init__(self, url: str) -> None:
        super().__init__(f"not proven before this is fetched: {url}")
        self.url = url


class Request(msgspec.Struct, frozen=True, dict=True):
    """One HTTP request as received. `url` is built from the configured public origin, never from client headers.

    What was decoded of it for its proof may be kept in its `__dict__` for whoever reads it next.
    """

    method: str
    url: str
    headers: Mapping[str, str]  # names in lower case
    body: bytes


class Account(msgspec.Struct, frozen=True):
    """A configured account at a provider. Several secrets are valid at once, so that they can be rotated.

    `documents` holds, by URL, what was fetched because an adapter raised `Needed`. `hypothetical` is an account that
    nobody has: in a question about a given secret, an empty one is a secret too.
    """

    provider: str
    endpoint: str
    secrets: Sequence[str]
    options: Mapping[str, str] = {}
    documents: Mapping[str, bytes] = {}
    hypothetical: bool = False


class Message(msgspec.Struct, frozen=True):
    """One thing a provider tells us.

    `sender` is the person's address and `recipient` ours, both as the provider wrote them. `verdict` is the provider's
    own reading and outranks ours. `reply_to_us` says that the provider knows it for an answer to a message of ours.
    `occurred_at` is timezone-aware or absent.

    In a report about a message of ours, `sender` is still the person's address, and `external_id` holds the status too,
    so that two reports about one message are not taken for a repetition.

    A long text may come as several messages: `part` counts from 1 to `parts`, and all parts share `reference` (unique
    only between one sender and one recipient, for some minutes). `confirm_url`, where it is set, must be fetched once
    to accept a subscription; the adapter has checked it.

    An entry that cannot be read, in a batch whose others can, is `unknown` with an `event` that begins with
    `UNREADABLE`: a person looks at it.
    """

    kind: MessageKind
    sender: str
    recipient: str
    text: str
    external_id: str
    occurred_at: datetime | None = None
    verdict: Verdict | None = None
    reply_to_us: bool = False
    event: str = ""  # the provider's own name of the event, for what is unknown or reported
    part: int = 0
    parts: int = 0
    reference: str = ""
    confirm_url: str = ""


class Answer(msgspec.Struct, frozen=True):
    """What the provider wants to read in a 2xx."""

    content_type: str = "application/json"
    body: bytes = b"{}"


UNREADABLE = "unreadable"  # how the event of such an entry of a batch begins; its text is the entry as it came

POSTS = frozenset({"POST"})  # METHODS of a provider that only ever posts
GETS_TOO = frozenset({"GET", "POST"})  # and of one whose users may choose, with the query signed


class Provider(Protocol):
    """What a provider module has: the methods by which it may call, and three functions."""

    @property
    def METHODS(self) -> frozenset[str]:  # noqa: N802 - a constant of the module
        ...

    def verify(self, request: Request, account: Account, now: datetime) -> None:
        """Raise `Forbidden` unless the request was signed with one of the account's secrets, over its raw bytes.

        A body too large to be read at all may raise `Malformed` at once.
        """

    def parse(self, request: Request, account: Account) -> list[Message]:
        """Read a verified request. Raise `Malformed` where a field is missing or unreadable."""

    def answer(self) -> Answer:
        """What to say after the commit."""
