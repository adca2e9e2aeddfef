"""For browser tests of the preference page: a person with several addresses, and the proof that a code gives."""

import hashlib
import secrets
from typing import Any, NamedTuple

import psycopg
from django.test import override_settings
from playwright._impl._api_structures import SetCookieParam

from consent.tokens import read_token
from tests.instance import Instance, new_address, new_number

_PROVE = """
INSERT INTO consent_accessproof (digest, controller_id, channel, key, proved_at, expires_at)
VALUES (%s, %s, %s, %s, now(), now() + interval '30 minutes')
"""
HOME = {"line1": "12 Oak St", "city": "Springfield", "region": "IL", "postal_code": "62701"}


class Owner(NamedTuple):
    """A person whose addresses `acme` knows, and the path of their preference page."""

    running: Instance
    addresses: dict[str, Any]
    path: str

    def check(self, topic: str, channel: str = "email") -> bool:
        return bool(self.running.check(channel, self.addresses[channel], topic)["allowed"])

    def becomes(self, topic: str, channel: str = "email", **expected: Any) -> None:
        self.running.eventually(channel, self.addresses[channel], topic, **expected)


def make_owner(running: Instance) -> Owner:
    """Somebody new, with an e-mail address, a number and a home of their own."""
    email = new_address()
    name = f"Ann {email.partition('@')[0][5:]}"
    addresses = {"email": email, "sms": new_number(), "post": {**HOME, "name": name}}
    for channel, address in addresses.items():
        person = {"external_id": email, "name": name}
        running.settled(running.tell(channel, address, "opt_in", "service", person=person))
    return Owner(running, addresses, running.link(email, "offers").replace("/u/", "/preferences/"))


def proof_of(running: Instance, path: str) -> SetCookieParam:
    """The cookie of whoever entered a code that was sent to the address of a page."""
    value = secrets.token_urlsafe(32)
    with override_settings(SECRET_KEY=running.values["SECRET_KEY"], SECRET_KEY_FALLBACKS=[]):
        token = read_token(path.rpartition("/")[2])
    digest, place = hashlib.sha256(value.encode()).digest(), (token.scope.controller_id, token.channel, token.key)
    with psycopg.connect(running.values["DATABASE_URL"]) as connection:
        connection.execute(_PROVE, [digest, *place])
    return {"name": "sayso_proof", "value": value, "domain": "127.0.0.1", "path": "/", "sameSite": "Lax"}
