"""What a sender of texts takes and gives: a text in, an HTTP call out; an HTTP answer in, what became of it out.

Everything here is pure: no database, no Django, no network. `consent/errands.py` makes the call.
"""

import base64
from collections.abc import Mapping
from typing import Any, Protocol

import msgspec


class Text(msgspec.Struct, frozen=True):
    """One text to a person. `to` is in E.164; `sender` is our number, short code or name, as the gateway wrote it.

    `reference` is the errand's id: the same for each attempt.
    """

    to: str
    sender: str
    body: str
    reference: str


class Access(msgspec.Struct, frozen=True):
    """How an account is called: its credentials, and the base URL without a slash at its end."""

    credentials: Mapping[str, str]
    url: str


class Call(msgspec.Struct, frozen=True):
    """One HTTP request."""

    method: str
    url: str
    headers: Mapping[str, str]
    content: bytes


class Sent(msgspec.Struct, frozen=True):
    """The gateway took it. `id` is its own name for the text, where it gives one."""

    id: str = ""


class Refused(msgspec.Struct, frozen=True):
    """The gateway will not send it, now or later. `opted_out`: because it holds an opt-out of this number."""

    error: str
    opted_out: bool = False


class Later(msgspec.Struct, frozen=True):
    """Nothing was sent, and nothing speaks against another attempt."""

    error: str


class Unsure(msgspec.Struct, frozen=True):
    """Nobody can say whether it was sent."""

    error: str


Outcome = Sent | Refused | Later | Unsure


class Gateway(Protocol):
    """A gateway's module.

    `CREDENTIALS` are the names that an account must have; `API_URL` is where its API is, with names of credentials in
    braces, or empty where each account has its own. `IDEMPOTENT`: a call with the same reference sends one text.
    """

    @property
    def CREDENTIALS(self) -> tuple[str, ...]: ...  # noqa: N802 - a constant of the module

    @property
    def API_URL(self) -> str: ...  # noqa: N802

    @property
    def IDEMPOTENT(self) -> bool: ...  # noqa: N802

    def call(self, text: Text, access: Access) -> Call:
        """The request that sends a text."""

    def read(self, status: int, body: bytes) -> Outcome:
        """What the answer says."""


JSON = {"Content-Type": "application/json", "Accept": "application/json"}


def post_json(url: str, value: object, **headers: str) -> Call:
    """A POST of JSON. Names of headers are written with `_` for `-`."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return Call("POST", url, JSON | named, msgspec.json.encode(value))


def basic(user: str, password: str) -> str:
    """HTTP Basic (RFC 7617)."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def digits(number: str) -> str:
    """A number without its plus sign, for the gateways that write it so; names and short codes as they are."""
    return number[1:] if number.startswith("+") and number[1:].isdigit() else number


def by_status(status: int) -> Outcome:
    """What an HTTP status says by itself, for an answer that was no success.

    RFC 9110 and RFC 6585: 429 and 503 were not worked on. After any other 5xx nobody knows how far it got.
    """
    error = f"http {status}"
    if status in (429, 503):
        return Later(error)
    return Unsure(error) if status >= 500 or status < 400 else Refused(error)


def members(body: bytes) -> dict[str, Any]:
    """The members of a JSON object; none if it is no such thing."""
    try:
        value = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def first(value: object) -> dict[str, Any]:
    """The first object of a list; an empty one if there is none."""
    found = value[0] if isinstance(value, list) and value else None
    return found if isinstance(found, dict) else {}


def name_of(value: object) -> str:
    """An id or a code as text, cut to what a column takes."""
    return str(value)[:100] if isinstance(value, str | int) and not isinstance(value, bool) else ""
