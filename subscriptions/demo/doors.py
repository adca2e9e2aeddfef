"""The doors of an instance, called as outsiders call them."""

import base64
import hmac
import json
import os
import secrets
import smtplib
from email.message import EmailMessage
from http.client import HTTPException
from typing import Any, NamedTuple
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from django.conf import settings

_SECONDS = 20


class NotRunning(Exception):
    """There is no instance to speak to."""


class Refused(Exception):
    """The instance answered otherwise than it should."""


class Doors(NamedTuple):
    """Where an instance listens, and the secrets of its example organisation."""

    url: str
    api_key: str
    twilio_token: str
    smtp: str

    @classmethod
    def of_this_checkout(cls) -> "Doors":
        """From the environment, else from var/local.env as `make up` writes it."""
        names = ("SAYSO_URL", "SAYSO_API_KEY", "SAYSO_TWILIO_AUTH_TOKEN", "SAYSO_SMTP")
        values = {**local_environment(), **os.environ}
        if any(name not in values for name in names):
            raise NotRunning("Nothing is known of a running instance: start it with `make up` in another terminal.")
        return cls(*(values[name] for name in names))

    def check(self, channel: str, address: Any, topic: str) -> dict[str, Any]:
        """`POST /v1/check`."""
        return self._api("/v1/check", {"channel": channel, "address": address, "topic": topic})

    def links(self, address: str, topic: str) -> dict[str, Any]:
        """`POST /v1/links`."""
        return self._api("/v1/links", {"channel": "email", "address": address, "topic": topic})

    def twilio(self, number: str, text: str) -> str:
        """A text as Twilio posts it: signed over the URL and the sorted fields."""
        fields = {"MessageSid": f"SM{secrets.token_hex(16)}", "From": number, "To": "+15550100001", "Body": text}
        url = f"{self.url}/webhooks/sms/twilio/acme"
        signed = url + "".join(name + fields[name] for name in sorted(fields))
        signature = base64.b64encode(hmac.digest(self.twilio_token.encode(), signed.encode(), "sha1")).decode()
        return self._post(url, urlencode(fields).encode(), {"X-Twilio-Signature": signature})[0]

    def pressed_by(self, address: str) -> list[str]:
        """`GET /v1/contacts/status`: who pressed the links that its history tells of, the first one first."""
        query = urlencode({"channel": "email", "address": address})
        url, headers = f"{self.url}/v1/contacts/status?{query}", {"Authorization": f"Bearer {self.api_key}"}
        body = self._open(Request(url, headers=headers))[1]  # noqa: S310  (our own instance)
        return [line["pressed_by"] for line in reversed(json.loads(body)["history"]) if line["pressed_by"]]

    def letter(self, sender: str, subject: str, text: str) -> str:
        """A MIME message over SMTP."""
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = f"Jane Roe <{sender}>", "privacy@acme.example", subject
        message["Message-ID"] = f"<{secrets.token_hex(8)}@example.org>"
        message.set_content(text)
        host, _, port = self.smtp.rpartition(":")
        try:
            with smtplib.SMTP(host, int(port), timeout=_SECONDS) as client:
                client.ehlo_or_helo_if_needed()
                client.mail(sender)
                client.rcpt("privacy@acme.example")
                code, answer = client.data(message.as_bytes())
        except OSError as error:
            raise NotRunning(f"The SMTP listener at {self.smtp} does not answer: {error}") from error
        if code != 250:
            raise Refused(f"the SMTP listener answered {code} {answer.decode()}")
        return f"{code} {answer.decode()}"

    def _api(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.api_key}", "Content-Type": "application/json"}
        answer: dict[str, Any] = json.loads(self._post(self.url + path, json.dumps(body).encode(), headers)[1])
        return answer

    def _post(self, url: str, body: bytes, headers: dict[str, str]) -> tuple[str, bytes]:
        return self._open(Request(url, data=body, headers=headers, method="POST"))  # noqa: S310  (our own instance)

    def _open(self, request: Request) -> tuple[str, bytes]:
        try:
            with urlopen(request, timeout=_SECONDS) as response:  # noqa: S310
                return f"{response.status} {response.reason}", response.read()
        except HTTPError as error:
            with error:
                told = error.read(500).decode(errors="replace")
                raise Refused(f"{request.full_url} answered {error.code}: {told}") from error
        except (URLError, HTTPException, OSError) as error:
            raise NotRunning(
                f"{self.url} does not answer ({error}): start it with `make up` in another terminal."
            ) from error


def local_environment() -> dict[str, str]:
    """What `make up` wrote into var/local.env; nothing where it never ran."""
    path = settings.BASE_DIR / "var" / "local.env"
    if not path.exists():
        return {}
    lines = (line for line in path.read_text().splitlines() if "=" in line and not line.startswith("#"))
    return dict(line.split("=", 1) for line in lines)
