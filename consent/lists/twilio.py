"""Twilio's opt-outs, from the log of its messages.

Twilio has no list of opt-outs to be read: its Consent API only writes. What it documents is the Messages list resource
(`GET /2010-04-01/Accounts/{sid}/Messages.json`, newest first, pages by `next_page_uri`): a message of ours that failed
with error 21610 met an opt-out, and a lone keyword from a person set one, until a lone START.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import urllib3
from urllib3.util import Retry, Timeout

from consent.lists.dates import read_moment
from consent.lists.listed import Incomplete, Listed, Rows, Unreadable, bounded

API = "https://api.twilio.com"
PAGE_SIZE = 1000  # messages, the most that a page may hold
TRIES = 6
READS = 3  # of a page that breaks off
WAIT_SECONDS = 1.0  # doubled with each try; what the gateway says in Retry-After comes first
LONGEST_WAIT_SECONDS = 120
_TIMEOUT = Timeout(connect=10.0, read=60.0)
_MAX_PAGE_BYTES = 64 * 1024 * 1024
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
OPTED_OUT = 21610  # https://www.twilio.com/docs/api/errors/21610

# A message of this one word sets or ends an opt-out at Twilio (its "default handling"), whatever the case.
SETS = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"})
ENDS = frozenset({"START", "YES", "UNSTOP"})

_OTHER_CHANNELS = ("whatsapp:", "messenger:")
_EVIDENCE = ("sid", "direction", "from", "to", "status", "error_code", "messaging_service_sid", "date_sent")
_DATES = ("date_sent", "date_updated", "date_created")


def read_twilio(
    credentials: Mapping[str, str], options: Mapping[str, str], now: datetime, since: date | None = None
) -> Rows:
    """The opt-outs that the account's messages tell of, each pair of numbers once. Raise `Incomplete`."""
    known: dict[tuple[str, str], datetime] = {}  # the newest word of a pair
    for message in _messages(credentials, options, since):
        says = _says(message)
        if says is None:
            continue
        found = _listed(message, says, now)
        if isinstance(found, Unreadable):
            yield found
            continue
        pair, at = (found.number, found.sender), found.occurred_at or now
        newer = pair not in known or at > known[pair]
        if newer:
            known[pair] = at
            if says == "out":
                yield found


def _says(message: Mapping[str, Any]) -> str | None:
    """What a message tells of an opt-out: that there is one (`out`), that there is none since (`in`), or nothing."""
    if any(str(message.get(end)).startswith(_OTHER_CHANNELS) for end in ("from", "to")):
        return None
    if message.get("direction") == "inbound":
        word = str(message.get("body") or "")[:40].strip().upper()
        return "out" if word in SETS else "in" if word in ENDS else None
    return "out" if str(message.get("error_code") or "") == str(OPTED_OUT) else None


def _listed(message: Mapping[str, Any], says: str, now: datetime) -> Listed | Unreadable:
    inbound = message.get("direction") == "inbound"
    person, ours = (message.get("from"), message.get("to")) if inbound else (message.get("to"), message.get("from"))
    place = f"message {str(message.get('sid') or 'without a sid')[:40]}"
    if not isinstance(person, str) or not person:
        return Unreadable(place, "it names no number")
    moments = (read_moment(str(message.get(name) or ""), now) for name in _DATES)
    evidence = {name: message.get(name) for name in (*_EVIDENCE, *(("body",) if inbound else ()))}
    return Listed(
        number=person,
        place=place,
        sender=str(ours or ""),
        occurred_at=next((moment for moment in moments if moment), None),
        row=bounded(evidence),
    )


def _messages(
    credentials: Mapping[str, str], options: Mapping[str, str], since: date | None
) -> Iterator[Mapping[str, Any]]:
    """Every message of the account, page by page."""
    account, headers = _authorised(credentials)
    origin = origin_of(options.get("api_url") or API)
    query = {"PageSize": str(PAGE_SIZE), **({"DateSent>": since.isoformat()} if since else {})}
    following = f"/2010-04-01/Accounts/{quote(account, safe='')}/Messages.json?{urlencode(query)}"
    seen: set[str] = set()
    with urllib3.PoolManager(timeout=_TIMEOUT, retries=_patience()) as http:
        while following:
            if following in seen or not following.startswith("/"):
                raise Incomplete("the gateway's next page is not one of its list")
            seen.add(following)
            page = _page(http, origin + following, headers)
            yield from page["messages"]
            following = page.get("next_page_uri") or ""


def _authorised(credentials: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    account = credentials.get("account_sid", "")
    user = credentials.get("api_key") or account
    secret = credentials.get("api_secret" if credentials.get("api_key") else "auth_token", "")
    if not account or not secret:
        raise Incomplete("credentials are missing: account_sid, and auth_token or api_key with api_secret")
    return account, urllib3.make_headers(basic_auth=f"{user}:{secret}")


def origin_of(url: str) -> str:
    """Scheme and host of an API. Raise `Incomplete` for one to which a password would travel in clear."""
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise Incomplete("the account's option api_url must begin with https://")
    return f"{parts.scheme}://{parts.netloc}"


def _patience() -> Retry:
    return Retry(
        total=TRIES,
        redirect=0,
        status_forcelist=(429, 500, 502, 503, 504),
        backoff_factor=WAIT_SECONDS,
        retry_after_max=LONGEST_WAIT_SECONDS,
        raise_on_status=False,
    )


def _page(http: urllib3.PoolManager, url: str, headers: Mapping[str, str]) -> dict[str, Any]:
    for left in reversed(range(READS)):
        try:
            status, body = _answer(http, url, headers)
        except urllib3.exceptions.HTTPError as error:
            # A request is repeated by urllib3; an answer that breaks off is asked for again by us.
            if left and not isinstance(error, urllib3.exceptions.MaxRetryError):
                continue
            raise Incomplete(f"the gateway cannot be reached: {type(error).__name__}") from error
        if status != 200:
            raise Incomplete(_refusal(status))
        break
    return _decoded(body)


def _answer(http: urllib3.PoolManager, url: str, headers: Mapping[str, str]) -> tuple[int, bytes]:
    """Status and body, the latter cut where it is longer than any page."""
    answer = http.request("GET", url, headers=headers, redirect=False, preload_content=False)
    try:
        return answer.status, answer.read(_MAX_PAGE_BYTES + 1)
    finally:
        answer.release_conn()


def _refusal(status: int) -> str:
    reasons = {401: "it refuses the credentials", 403: "the credentials may not read this", 429: "too many requests"}
    return f"the gateway answered {status}" + (f": {reasons[status]}" if status in reasons else "")


def _decoded(body: bytes) -> dict[str, Any]:
    try:
        page = json.loads(body) if len(body) <= _MAX_PAGE_BYTES else None
    except (ValueError, RecursionError) as error:
        raise Incomplete("the gateway's answer is not JSON") from error
    messages = page.get("messages") if isinstance(page, dict) else None
    if not isinstance(page, dict) or not isinstance(messages, list) or not all(isinstance(m, dict) for m in messages):
        raise Incomplete("the gateway's answer is no list of messages")
    return page
