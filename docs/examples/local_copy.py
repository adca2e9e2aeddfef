"""A copy of all denials and permissions in SQLite, which answers "may I send?" without a call (docs/FEED.md).

    copy = LocalCopy("sayso.db", "https://sayso.example", API_KEY)
    copy.learn("email", addresses)  # once for each address that you may write to
    copy.follow()  # for ever; in other processes: LocalCopy("sayso.db").allowed("email", "offers", "jane@example.org")

Whatever the copy cannot know is denied: an address that it did not learn, a topic that it does not have, and everything
once it has heard nothing for `max_age` seconds. Copy this file; it needs Python 3.10 or later and nothing else.
"""

import json
import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from http.client import HTTPException
from itertools import islice
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

TABLES = """
CREATE TABLE IF NOT EXISTS state (name TEXT PRIMARY KEY, value TEXT);
CREATE TABLE IF NOT EXISTS address (channel TEXT, written TEXT, id TEXT, PRIMARY KEY (channel, written)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS held (id TEXT, topic INTEGER);
CREATE TABLE IF NOT EXISTS said (id TEXT, ref TEXT, topic INTEGER, cause TEXT, until REAL, confirmed INTEGER,
    notice TEXT, version INTEGER, PRIMARY KEY (id, ref)) WITHOUT ROWID;
"""
PUT = "INSERT OR REPLACE INTO said VALUES (:id, :ref, :topic, :cause, :until, :confirmed, :notice, :notice_version)"
GONE = "DELETE FROM said WHERE id = :id AND ref = :ref"
SAID = """SELECT cause, topic, confirmed, notice, version FROM said
    WHERE id = ? AND (topic IS NULL OR topic = ?) AND (until IS NULL OR until > ?)"""
HELD = "SELECT id FROM held WHERE id = ? AND (topic IS NULL OR topic = ?)"
NOTHING = {"cause": None, "confirmed": None, "notice": None, "notice_version": None}
AT_ONCE, WAIT, PAUSE, TIMEOUT = 10_000, 20, 0.5, 60  # addresses; seconds: at the server, between asks, for an answer


class LocalCopy:
    """The copy in a file, for one thread: each opens its own."""

    def __init__(self, path: str, url: str = "", api_key: str = "", max_age: float = 60.0) -> None:
        self.db = sqlite3.connect(path, timeout=30, isolation_level=None)
        self.db.executescript(f"PRAGMA journal_mode = WAL; {TABLES}")
        self.url, self.api_key, self.max_age = url.rstrip("/"), api_key, max_age

    def allowed(self, channel: str, topic: str, address: str) -> bool:
        """Whether the address may get a message of the topic now."""
        with self.db:
            self.db.execute("BEGIN")  # one moment of the copy
            return self._decide(channel, topic, address, time.time())

    def _decide(self, channel: str, topic: str, address: str, now: float) -> bool:
        rules, age = json.loads(self._state("rules") or "{}"), now - float(self._state("current_at") or 0)
        rule = rules.get("topics", {}).get(topic, {})
        basis, kind = rule.get("basis", {}).get(channel), rule.get("class")
        [[name]] = self._rows("SELECT max(id) FROM address WHERE channel = ? AND written = ?", channel, address)
        if basis is None or name is None or not 0 <= age <= self.max_age:
            return False
        said, is_held = self._rows(SAID, name, rule["id"], now), self._rows(HELD, name, rule["id"])
        refused = any(cause and kind in rules["silences"][cause] for cause, *_ in said)
        if refused or ((is_held or self._state("held_all")) and kind in rules["held_silences"][channel]):
            return False
        if basis == "opt_out" or (basis == "none" and kind == "service"):
            return True
        return any(self._counts(grant, rules, rule, basis) for cause, *grant in said if cause is None)

    def _counts(self, grant: Any, rules: Any, rule: Any, basis: str) -> bool:
        topic, confirmed, notice, version = grant
        if (topic is None and rule["class"] == "sharing") or (basis == "confirmed_opt_in" and not confirmed):
            return False
        newer = [one for one in rules["material"] if one["notice"] == notice and one["topic"] in (None, rule["id"])]
        return all(version >= one["version"] for one in newer)

    def learn(self, channel: str, addresses: Iterable[str]) -> None:
        """Ask for the ids of e-mail addresses or numbers, which stay the same for ever."""
        rest = iter(addresses)
        while some := list(islice(rest, AT_ONCE)):
            with self._call("/v1/suppressions/ids", {"channel": channel, "addresses": some}) as got:
                rows = [(channel, *pair) for pair in zip(some, json.load(got)["ids"], strict=True)]
            with self.db:
                self.db.execute("BEGIN IMMEDIATE")
                self.db.executemany("INSERT OR REPLACE INTO address VALUES (?, ?, ?)", rows)

    def follow(self) -> None:
        """Keep the copy current. While the server cannot be reached it grows old, and then it denies."""
        while True:
            began = time.monotonic()
            with suppress(OSError, ValueError, LookupError, HTTPException, sqlite3.Error):
                if not self.step(WAIT):
                    continue
            time.sleep(max(0.0, began + PAUSE - time.monotonic()))

    def step(self, wait: int = 0) -> bool:
        """Take what is new, or everything where there is no copy yet. Tell whether there was no more."""
        began, cursor = time.time(), self._state("cursor")
        if not cursor:
            with self._call("/v1/suppressions/export?format=ndjson") as got:
                lines = map(json.loads, got)
                head: dict[str, Any] = next(lines, {})
                self._keep(head, whole(lines), head["position"], began, "DELETE FROM said")
            return True
        known = {"rules": json.loads(self._state("rules"))["version"], "held": self._state("held")}
        try:
            with self._call("/v1/suppressions/changes?" + urlencode(known | {"cursor": cursor, "wait": wait})) as got:
                page = json.load(got)
        except HTTPError as error:
            if error.code == 410:  # the server's history is not the one that this is a copy of: begin anew
                self.db.execute("DELETE FROM state")
            raise
        self._keep(page, page["results"], page["next"], None if page["more"] else began)
        return not page["more"]

    def _keep(self, told: Any, rows: Iterable[Any], cursor: str, began: float | None, first: str = "SELECT 1") -> None:
        state, held = {"cursor": cursor} | ({"current_at": repr(began)} if began else {}), told.get("held", {})
        with self.db:  # all of it, or nothing
            self.db.execute("BEGIN IMMEDIATE")
            self.db.execute(first)
            for row in rows:
                row["until"] = row["until"] and datetime.fromisoformat(row["until"].replace("Z", "+00:00")).timestamp()
                self.db.execute(GONE if row["type"].endswith(("lifted", "withdrawn")) else PUT, NOTHING | row)
            if "rows" in held:
                self.db.execute("DELETE FROM held")
                self.db.executemany("INSERT INTO held VALUES (:id, :topic)", held["rows"])
                state |= {"held": held["version"], "held_all": "yes" if held["all"] else ""}
            if "topics" in told.get("rules", {}):
                state["rules"] = json.dumps(told["rules"])
            self.db.executemany("INSERT OR REPLACE INTO state VALUES (?, ?)", state.items())

    def _state(self, name: str) -> Any:
        return next(iter(self._rows("SELECT value FROM state WHERE name = ?", name)), ("",))[0]

    def _rows(self, sql: str, *values: Any) -> list[Any]:
        return self.db.execute(sql, values).fetchall()

    def _call(self, path: str, body: Any = None) -> Any:
        headers = {"Authorization": f"Bearer {self.api_key}", "Content-Type": "application/json"}
        data = json.dumps(body).encode() if body else None
        return urlopen(Request(self.url + path, data, headers), timeout=TIMEOUT)  # noqa: S310


def whole(lines: Iterator[Any]) -> Iterator[Any]:
    """The rows of an export. Raise `ValueError` unless its last line is there."""
    for line in lines:
        if line.get("end"):
            return
        yield line
    raise ValueError("the export broke off")
