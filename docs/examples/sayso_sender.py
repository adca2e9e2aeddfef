"""Check and stamp: no message leaves for somebody who said no, and each that leaves carries its links.

    sayso = Sayso("https://sayso.example", API_KEY)
    for one in check_and_stamp(message, "offers", sayso, campaign="spring"):
        if one.message:
            smtp.send_message(one.message, one.return_path or SENDER, [one.recipient])

Copy this file; it needs Python 3.10 or later and nothing else. docs/SENDING.md describes it. Whatever goes wrong raises
`SaysoError`, and then nothing may be sent: nobody is taken to have agreed because a service was down.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from email.utils import getaddresses
from http.client import HTTPException
from typing import Any, NamedTuple
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, Request, build_opener

AT_ONCE = 10_000
# Editors and templates write braces and blanks in links with percent signs.
PLACEHOLDER = re.compile(
    r"(?:\{\{|%7b%7b)(?:\s|%20)?(unsubscribe_url|preferences_url)(?:\s|%20)?(?:\}\}|%7d%7d)", re.IGNORECASE
)
_KEPT = ("content-id", "content-language", "content-location", "content-description", "content-disposition")
OURS = ("X-Sayso-Topic", "X-Sayso-Campaign", "Bcc")
# Python's default would write a long List-Unsubscribe as encoded words, which no mail program reads as a link.
POLICY = policy.default.clone(max_line_length=998)


class SaysoError(Exception):
    """Nothing is known: send nothing. `temporary` tells whether the same question may be answered later."""

    def __init__(self, detail: str, temporary: bool = True) -> None:
        super().__init__(detail)
        self.temporary = temporary


class Verdict(NamedTuple):
    """Whether an address may be written to, and why."""

    address: str
    allowed: bool
    reason: str


class Outgoing(NamedTuple):
    """A recipient's own copy of a message; None for one who must not get it. `return_path` is its envelope sender."""

    recipient: str
    reason: str
    message: EmailMessage | None
    return_path: str | None


class Sayso:
    """The service at `url`, asked with an API key that has the scopes `check` and `links`."""

    def __init__(self, url: str, api_key: str, timeout: float = 10.0) -> None:
        if not url.startswith(("https://", "http://")):
            raise ValueError("the URL of the service begins with https://")
        self.url, self.timeout = url.rstrip("/"), timeout
        self._headers = {"Authorization": f"Bearer {api_key}", "Content-Type": "application/json"}
        self._opener = build_opener(_NoRedirect)

    def allowed(self, addresses: Sequence[str], topic: str) -> list[Verdict]:
        """Whether each address may get a message of the topic, in order. Raise `SaysoError`."""
        rows = self._rows("/v1/check/bulk", addresses, {"channel": "email", "topic": topic})
        return [Verdict(row["address"], row.get("allowed") is True, str(row.get("reason"))) for row in rows]

    def links(self, addresses: Sequence[str], topic: str, campaign: str = "") -> list[dict[str, Any]]:
        """The links and headers of a message to each address, in order. Raise `SaysoError`."""
        rows = self._rows("/v1/links", addresses, {"channel": "email", "topic": topic, "campaign": campaign})
        if not all(row.get("unsubscribe_url") and row.get("headers") for row in rows):
            raise SaysoError("an address got no links", temporary=False)
        return rows

    def _rows(self, path: str, addresses: Sequence[str], asked: dict[str, Any]) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        for start in range(0, len(addresses), AT_ONCE):
            part = list(addresses[start : start + AT_ONCE])
            answered = self._call(path, {**asked, "addresses": part})
            if [row.get("address") for row in answered] != part:
                raise SaysoError(f"{path} answered for other addresses than were asked about")
            rows += answered
        return rows

    def _call(self, path: str, asked: dict[str, Any]) -> list[dict[str, Any]]:
        request = Request(self.url + path, json.dumps(asked).encode(), self._headers)  # noqa: S310 (http or https)
        try:
            with self._opener.open(request, timeout=self.timeout) as answer:
                results: list[dict[str, Any]] = json.load(answer)["results"]
                return results
        except HTTPError as error:
            with error:
                said = error.read(2_000).decode("utf-8", "replace")
            raise SaysoError(
                f"{path}: {error.code} {said}", temporary=error.code >= 500 or error.code == 429
            ) from error
        except (OSError, HTTPException, ValueError, KeyError, TypeError) as error:
            raise SaysoError(f"{path}: {error or type(error).__name__}") from error


class _NoRedirect(HTTPRedirectHandler):
    """The key goes to the service alone."""

    def redirect_request(self, *_: Any) -> None:
        return None


def check_and_stamp(
    message: Message,
    topic: str,
    sayso: Sayso,
    campaign: str = "",
    recipients: Iterable[str] | None = None,
) -> Iterator[Outgoing]:
    """Ask about each recipient (To, Cc and Bcc, unless they are given) and stamp a copy for each who may have it.

    All are asked before the first one is given. Raise `SaysoError`, and `ValueError` where there are no recipients.
    """
    addresses = list(dict.fromkeys(recipients_of(message) if recipients is None else recipients))
    if not addresses:
        raise ValueError("the message has no recipients")
    verdicts = sayso.allowed(addresses, topic)
    going = [verdict.address for verdict in verdicts if verdict.allowed]
    links = dict(zip(going, sayso.links(going, topic, campaign), strict=True))
    return (_outgoing(message, verdict, links.get(verdict.address)) for verdict in verdicts)


def _outgoing(message: Message, verdict: Verdict, links: dict[str, Any] | None) -> Outgoing:
    if links is None:
        return Outgoing(verdict.address, verdict.reason, None, None)
    return Outgoing(verdict.address, verdict.reason, stamp(message, links), links["return_path"])


def recipients_of(message: Message) -> list[str]:
    """The addresses in To, Cc and Bcc."""
    fields = [str(value) for name in ("To", "Cc", "Bcc") for value in message.get_all(name, [])]
    return [address for _, address in getaddresses(fields) if address]


def stamp(message: Message, links: dict[str, Any]) -> EmailMessage:
    """A copy of a message with a recipient's headers, and with their links in place of `{{unsubscribe_url}}` and
    `{{preferences_url}}`. What is signed is left as it is.
    """
    raw = message.as_bytes(policy=message.policy.clone(max_line_length=998, mangle_from_=False))
    stamped: Any = message_from_bytes(raw, policy=POLICY)
    for name in OURS:
        del stamped[name]
    for name, value in links["headers"].items():
        del stamped[name]
        stamped[name] = value
    for part in list(_texts(stamped)):
        _fill_part(part, links)
    return stamped  # type: ignore[no-any-return]


def fill(text: str, links: dict[str, Any]) -> str:
    """A text with the links in place. They hold no character that HTML would have escaped."""
    return PLACEHOLDER.sub(lambda found: str(links[found[1].lower()]), text)


def _texts(message: Any) -> Iterator[Any]:
    kind = message.get_content_type()
    if message.is_multipart():
        if kind not in ("multipart/signed", "multipart/encrypted") and not kind.startswith("message/"):
            for part in message.iter_parts():
                yield from _texts(part)
    elif kind in ("text/plain", "text/html") and not message.is_attachment():
        yield message


def _fill_part(part: Any, links: dict[str, Any]) -> None:
    try:
        text = part.get_content(errors="strict")
    except (LookupError, ValueError):  # a character set that nobody knows, or that it does not keep to
        return
    filled = fill(text, links)
    if filled == text:
        return
    kind, is_inner = part["content-type"], part["mime-version"] is None
    parameters = {name: value for name, value in kind.params.items() if name != "charset"} if kind else {}
    kept = [(name, value) for name, value in part.items() if name.lower() in _KEPT]
    part.set_content(filled, subtype=part.get_content_subtype(), params=parameters)
    for name, value in kept:
        part[name] = value
    if is_inner:
        del part["mime-version"]
