"""Scanners, previewers and prefetchers fetch every link of our messages, and the links behind them: nothing changes."""

import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from email.message import EmailMessage
from html.parser import HTMLParser
from itertools import cycle
from urllib.parse import urljoin, urlsplit

import httpx
import psycopg
from psycopg import sql

from tests.instance import PATIENCE, Instance, new_address, until
from tests.journeys.outbox import messages_to

DEPTH = 3
OTHERS = ("worker", "errands", "files", "sweep")  # what they had to do before is no effect of a look
# As their logs show them, each with what else tells such a request from a person's.
SCANNERS = (
    {"User-Agent": "Mozilla/5.0 (compatible; BarracudaSentinel/1.0)"},
    {"User-Agent": "OutlookSafeLinksScanner", "Accept": "*/*"},
    {"User-Agent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/141.0", "Sec-Purpose": "prefetch;prerender"},
    {"User-Agent": "Mozilla/5.0 Firefox/60.0", "X-Moz": "prefetch", "Purpose": "prefetch"},
    {"User-Agent": "Google-Safety", "Accept-Language": "xx"},
)
_URL = re.compile(r"https?://[^\s<>\"']+")


class Links(HTMLParser):
    """Every address in a page: href, src, action and their kind, of any element."""

    NAMES = frozenset({"href", "src", "action", "formaction", "srcset", "data", "poster", "cite"})

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if value and name in self.NAMES]
        if tag == "form":
            self.found += [
                "",
                "?page=unsubscribe&scope=all",
                "?List-Unsubscribe=One-Click",
            ]  # what a GET of it would be


def message_with_links(running: Instance, address: str) -> EmailMessage:
    """A campaign's message: the links of ours in its headers, in its text and in its HTML."""
    asked = {"channel": "email", "address": address, "topic": "offers", "campaign": "spring"}
    links = running.api.post("/v1/links", json=asked).json()
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "news@acme.example", address, "Spring offers"
    for name, value in links["headers"].items():
        message[name] = value
    message.set_content(f"Unsubscribe: {links['unsubscribe_url']}\nChoose: {links['preferences_url']}\n")
    message.add_alternative(
        f'<a href="{links["unsubscribe_url"]}">Unsubscribe</a> <a href="{links["preferences_url"]}">Choose</a>'
        f'<img src="{links["unsubscribe_url"]}?open=1">',
        subtype="html",
    )
    return message


def answer_to_a_letter(running: Instance, address: str) -> EmailMessage:
    """Our own mail with a link in it: the answer to a letter, which can be taken back."""
    running.mail(address, "unsubscribe@acme.example", "unsubscribe", "")
    until(lambda: bool(messages_to(running, address)))
    [message] = messages_to(running, address)
    return message


def addresses_in(message: EmailMessage) -> Iterator[str]:
    """As scanners read a message: whatever looks like a URL, in any header and any part."""
    for value in message.values():
        yield from _URL.findall(str(value))
    for part in message.walk():
        if part.get_content_maintype() == "text":
            text = part.get_content()
            links = Links()
            links.feed(text)
            yield from (*links.found, *_URL.findall(text))


def crawl(origin: str, start: set[str]) -> dict[str, int]:
    """Fetch all of it by GET and HEAD, and follow what the pages hold: what the messages hold as every scanner does,
    the rest as one of them in turn. Return the statuses of GET.
    """
    seen: dict[str, int] = {}
    level = {url for url in start if url.startswith(origin)}
    with ExitStack() as stack:
        scanners = [stack.enter_context(httpx.Client(headers=headers, timeout=PATIENCE)) for headers in SCANNERS]
        in_turn = cycle([[scanner] for scanner in scanners])
        for depth in range(DEPTH + 1):
            found = {url: fetch(next(in_turn) if depth else scanners, url) for url in sorted(level)}
            seen |= {url: status for url, (status, _) in found.items()}
            level = {one for _, links in found.values() for one in links if one.startswith(origin)} - seen.keys()
    return seen


def fetch(scanners: Sequence[httpx.Client], url: str) -> tuple[int, set[str]]:
    links, answers = Links(), []
    for scanner in scanners:
        head, got = scanner.head(url), scanner.get(url)
        answers += [head, got]
        assert "set-cookie" not in {*head.headers, *got.headers}
        if got.headers.get("content-type", "").startswith("text/html"):
            links.feed(got.text)
    statuses = {answer.status_code for answer in answers}
    assert len(statuses) == 1, [(answer.request.method, url, answer.status_code, answer.text) for answer in answers]
    return statuses.pop(), {urljoin(url, one).partition("#")[0] for one in links.found}


def state(running: Instance) -> dict[str, tuple[int, str]]:
    """The count and a digest of the content of every table."""
    tables = "SELECT table_schema, table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE'"
    with psycopg.connect(running.values["DATABASE_URL"]) as connection:
        names = connection.execute(f"{tables} AND table_schema !~ '^(pg_|information_schema)'").fetchall()
        return {name: digest(connection, schema, name) for schema, name in names}


def digest(connection: psycopg.Connection, schema: str, table: str) -> tuple[int, str]:
    rows = sql.SQL("SELECT count(*), coalesce(md5(string_agg(row, ',' ORDER BY row)), '') FROM ({}) AS rows")
    each = sql.SQL("SELECT md5(t::text) AS row FROM {} AS t").format(sql.Identifier(schema, table))
    found = connection.execute(rows.format(each)).fetchone()
    assert found
    return found[0], found[1]


def test_fetching_every_link_of_our_messages_leaves_the_database_as_it_was(running: Instance) -> None:
    reader, writer = new_address(), new_address()
    messages = [message_with_links(running, reader), answer_to_a_letter(running, writer)]
    start = {url for message in messages for url in addresses_in(message)}
    with running.frozen(*OTHERS):
        before = state(running)
        seen = crawl(running.url, start)
        after = state(running)
    assert {name for name in before if before[name] != after[name]} == set()
    assert before == after
    kinds = {urlsplit(url).path.split("/")[1] for url, status in seen.items() if status == 200}
    assert kinds == {"u", "preferences", "undo", "static", "theme"}
    assert set(seen.values()) == {200}
    assert len(before) > 30
    assert running.check("email", reader, "offers")["allowed"]
    assert not running.check("email", writer, "offers")["allowed"]


def test_the_digests_see_a_change(running: Instance) -> None:
    path = running.link(new_address(), "offers")
    with running.frozen(*OTHERS):
        before = state(running)
        assert running.outside.post(path).status_code == 200
        after = state(running)
    assert {name for name in before if before[name] != after[name]} == {"consent_inbound", "consent_hold"}
