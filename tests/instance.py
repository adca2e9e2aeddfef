"""A real instance for the journeys: its processes can be frozen and killed, and its doors called as outsiders do."""

import hashlib
import hmac
import json
import os
import secrets
import signal
import smtplib
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from email.message import EmailMessage
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import psycopg
from twilio.request_validator import RequestValidator

from config.local import environment, ports, processes
from config.local.errors import SetupError
from config.local.supervisor import Supervisor
from tests.template import template

ROOT = Path(__file__).resolve().parents[1]
PIPELINE = ("worker", "sweep")
PATIENCE = 120.0  # seconds: machines of tests are shared; it costs only where something is broken
_numbers = count(int(time.time()) % 1_000_000)


class Instance:
    """What the tests may do with a running Sayso."""

    def __init__(self, values: Mapping[str, str], supervisor: Supervisor) -> None:
        self.values = values
        self.url = values["SAYSO_URL"]
        self.admin_user = values["SAYSO_ADMIN_USER"]
        self.admin_password = values["SAYSO_ADMIN_PASSWORD"]
        self.supervisor = supervisor
        self._database: psycopg.Connection[tuple[Any, ...]] | None = None
        key = {"Authorization": f"Bearer {values['SAYSO_API_KEY']}"}
        self.api = httpx.Client(base_url=self.url, headers=key, timeout=PATIENCE)
        self.outside = httpx.Client(base_url=self.url, timeout=PATIENCE)

    # --- asking ---
    def check(self, channel: str, address: Any, topic: str, **more: Any) -> dict[str, Any]:
        answer = self.api.post("/v1/check", json={"channel": channel, "address": address, "topic": topic, **more})
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    def eventually(
        self, channel: str, address: Any, topic: str, seconds: float = PATIENCE, **expected: Any
    ) -> dict[str, Any]:
        """The first answer that has the expected members; fail with the last one after the time."""
        deadline = time.monotonic() + seconds
        while True:
            answer = self.check(channel, address, topic)
            if all(answer[name] == value for name, value in expected.items()):
                return answer
            assert time.monotonic() < deadline, f"expected {expected}, have {answer}"
            time.sleep(0.05)

    def settled(self, event_id: str) -> dict[str, Any]:
        """What became of an event, once it has been worked off."""
        deadline = time.monotonic() + PATIENCE
        while True:
            body: dict[str, Any] = self.api.get(f"/v1/events/{event_id}").json()
            if body["status"] != "pending":
                return body
            assert time.monotonic() < deadline, body
            time.sleep(0.05)

    # --- telling ---
    def twilio(self, number: str, text: str, *, to: str = "+15550100001", sid: str = "", **more: str) -> httpx.Response:
        """Post a text as Twilio does, signed by Twilio's own library."""
        fields = {"MessageSid": sid or f"SM{secrets.token_hex(16)}", "From": number, "To": to, "Body": text, **more}
        path = "/webhooks/sms/twilio/acme"
        signer = RequestValidator(self.values["SAYSO_TWILIO_AUTH_TOKEN"])
        signature = signer.compute_signature(f"{self.url}{path}", fields)
        return self.outside.post(path, data=fields, headers={"X-Twilio-Signature": signature})

    def generic(self, number: str, text: str, *, said_at: str = "", to: str = "+15550100001") -> httpx.Response:
        """Post a text as the generic provider, signed over its body."""
        message = {"id": secrets.token_hex(8), "from": number, "to": to, "text": text}
        body = json.dumps(message | ({"received_at": said_at} if said_at else {})).encode()
        key = self.values["SAYSO_GENERIC_SMS_SECRET"].encode()
        signature = f"sha256={hmac.new(key, body, hashlib.sha256).hexdigest()}"
        return self.outside.post("/webhooks/sms/generic/acme", content=body, headers={"X-Signature": signature})

    def tell(self, channel: str, address: Any, action: str, topic: str, **more: Any) -> str:
        """Tell of an event over the API; return its id."""
        told = {"channel": channel, "address": address, "action": action, "topic": topic, **more}
        answer = self.api.post("/v1/events", json=told)
        assert answer.status_code == 202, answer.text
        return str(answer.json()["id"])

    def mail(self, sender: str, to: str, subject: str, text: str) -> None:
        """Send a message over SMTP. Raises unless the listener answers 250."""
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = sender, to, subject
        message["Message-ID"] = f"<{secrets.token_hex(8)}@mail.example>"
        message.set_content(text)
        host, _, port = self.values["SAYSO_SMTP"].rpartition(":")
        with smtplib.SMTP(host, int(port), timeout=PATIENCE) as client:
            client.send_message(message)

    def link(self, address: str, topic: str) -> str:
        """The path of an unsubscribe link."""
        answer = self.api.post("/v1/links", json={"channel": "email", "address": address, "topic": topic})
        assert answer.status_code == 200, answer.text
        return urlsplit(str(answer.json()["unsubscribe_url"])).path

    # --- looking inside ---
    def query(self, sql: str, *params: Any) -> list[tuple[Any, ...]]:
        """One statement, that may run twice. The connection is kept: to wait for something is to ask often."""
        try:
            return self._connected().execute(sql, params).fetchall()
        except psycopg.OperationalError:
            if not self._connected().closed:
                raise
            self._connected().close()
            self._database = None
            return self._connected().execute(sql, params).fetchall()

    def _connected(self) -> "psycopg.Connection[tuple[Any, ...]]":
        if self._database is None:
            self._database = psycopg.connect(self.values["DATABASE_URL"], autocommit=True)
        return self._database

    def close(self) -> None:
        self.api.close()
        self.outside.close()
        if self._database is not None:
            self._database.close()

    def manage(self, *arguments: str, text: str = "", **values: str) -> "subprocess.CompletedProcess[str]":
        """Run a management command against this instance."""
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.run(
            command,
            cwd=ROOT,
            env={**self.values, **values},
            input=text,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    # --- faults ---
    def kill(self, name: str) -> None:
        """Kill -9 a process with its children, once it runs."""
        until(lambda: self._is_running(name))
        self.supervisor.send(name, signal.SIGKILL)

    def _is_running(self, name: str) -> bool:
        try:
            return self.supervisor.pid(name) > 0
        except SetupError:
            return False

    @contextmanager
    def frozen(self, *names: str) -> Iterator[None]:
        """Stop processes in their tracks for a while, between their transactions: whoever waits for the locks of a
        frozen one waits until the database ends it, after `SAYSO_IDLE_TRANSACTION_TIMEOUT`.
        """
        for name in names:
            until(partial(self._is_frozen_at_rest, name))
        try:
            yield
        finally:
            for name in names:
                self.supervisor.send(name, signal.SIGCONT)

    def _is_frozen_at_rest(self, name: str) -> bool:
        self.supervisor.send(name, signal.SIGSTOP)
        sql = "SELECT 1 FROM pg_stat_activity WHERE application_name = %s AND xact_start IS NOT NULL"
        if not self.query(sql, f"sayso-{name}"):
            return True
        self.supervisor.send(name, signal.SIGCONT)
        return False


def new_number() -> str:
    """A number nobody used before in this run."""
    return f"+1555{next(_numbers) % 10_000_000:07d}"


def new_address() -> str:
    """An e-mail address nobody used before."""
    return f"jane.{secrets.token_hex(6)}@example.org"


@contextmanager
def start() -> Iterator[Instance]:
    """Start everything on the servers of DATABASE_URL and REDIS_URL, in a database and with secrets of its own."""
    given = dict(os.environ)
    with tempfile.TemporaryDirectory(prefix="sayso-journeys-") as folder, _database(given["DATABASE_URL"]) as url:
        web_port, smtp_port, lmtp_port = ports.anywhere(), ports.anywhere(), ports.anywhere()
        generated = {name: make() for name, make in environment.SECRETS.items()}
        origin = f"http://{ports.HOST}:{web_port}"
        values = {
            **given,
            **generated,
            "DATABASE_URL": url,
            "REDIS_URL": f"{given['REDIS_URL'].rpartition('/')[0]}/{_redis_database()}",
            "SAYSO_URL": origin,
            "SAYSO_PUBLIC_ORIGIN": origin,
            "SAYSO_SMTP": f"{ports.HOST}:{smtp_port}",
            "SAYSO_LMTP": f"{ports.HOST}:{lmtp_port}",
            "SAYSO_METRICS_DIR": f"{folder}/metrics",
            # All visitors are this machine.
            **{f"SAYSO_CODES_PER_{whose}_HOUR": "100000" for whose in ("IP", "NETWORK", "CONTROLLER")},
            "SAYSO_FILTER_DIR": f"{folder}/filter",
            "SAYSO_MAIL_URL": f"file://{folder}/outbox",
        }
        rows = [row for row in processes.table(ROOT, values, web_port) if row.name != "beat"]
        with Supervisor(Path(folder), values, say=lambda line: None) as supervisor:
            supervisor.complete(processes.preparation(ROOT))
            supervisor.start(*rows)
            instance = Instance(values, supervisor)
            with supervisor.watching(), closing(instance):
                yield instance


def _redis_database() -> int:
    """A number of its own for each process of pytest; 0 is that of tests without an instance."""
    return 1 + int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))


@contextmanager
def _database(server: str) -> Iterator[str]:
    name = f"journeys_{secrets.token_hex(4)}"
    source = template(server)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{source}"')
    yield urlsplit(server)._replace(path=f"/{name}").geturl()
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def until(condition: Callable[[], bool], seconds: float = PATIENCE) -> None:
    """Wait until something is so; fail after the time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.05)
