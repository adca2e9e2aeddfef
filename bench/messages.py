"""Prepared requests: signed webhooks, opt-outs by link and by API, checks. Each person in them is new."""

import base64
import hashlib
import hmac
import itertools
import json
from collections.abc import Mapping, Sequence
from typing import NamedTuple
from urllib.parse import urlencode

from bench.client import request
from bench.stack import Stack
from consent import configuration
from consent.addresses import contact
from consent.configuration import Scope
from consent.normalise.keys import Key
from consent.tokens import Token, make_token

CONTROLLER = "acme"
WEBHOOK = f"/webhooks/sms/twilio/{CONTROLLER}"
FORM = "application/x-www-form-urlencoded"
_people = itertools.count(1)


class Said(NamedTuple):
    """An opt-out: its request, whose it is, and a question that only that opt-out makes us answer with no."""

    telling: bytes
    key: Key
    asking: bytes


def stop(stack: Stack, path: str = WEBHOOK) -> bytes:
    """A signed STOP, posted to `path` (the signature is of the webhook's)."""
    return _stop(stack, new_number(), path)


def new_number() -> str:
    # 555-01xx and the like are too few; 200 to 999 are area codes and exchanges.
    person = next(_people)
    return f"+1{200 + person // 8_000_000}{2_000_000 + person % 8_000_000}"


def new_email() -> str:
    return f"person{next(_people)}@example.com"


def _stop(stack: Stack, number: str, path: str) -> bytes:
    fields = {
        "ToCountry": "US",
        "SmsMessageSid": (sid := "SM" + hashlib.md5(number.encode(), usedforsecurity=False).hexdigest()),
        "NumMedia": "0",
        "FromZip": "94105",
        "SmsSid": sid,
        "FromState": "CA",
        "SmsStatus": "received",
        "FromCity": "SAN FRANCISCO",
        "Body": "STOP",
        "FromCountry": "US",
        "To": "+15550100001",
        "MessagingServiceSid": "MG0123456789abcdef0123456789abcdef",
        "NumSegments": "1",
        "MessageSid": sid,
        "AccountSid": "AC0123456789abcdef0123456789abcdef",
        "From": number,
        "ApiVersion": "2010-04-01",
    }
    return request(
        "POST",
        path,
        urlencode(fields).encode(),
        Content_Type=FORM,
        User_Agent="TwilioProxy/1.1",
        Accept="*/*",
        X_Twilio_Signature=_signature(stack, fields),
        I_Twilio_Idempotency_Token=sid,
    )


def _signature(stack: Stack, fields: dict[str, str]) -> str:
    """https://www.twilio.com/docs/usage/webhooks/webhooks-security: the URL, then each name and value, sorted."""
    signed = stack.values["SAYSO_PUBLIC_ORIGIN"] + WEBHOOK + "".join(f"{name}{fields[name]}" for name in sorted(fields))
    digest = hmac.digest(stack.values["SAYSO_TWILIO_AUTH_TOKEN"].encode(), signed.encode(), "sha1")
    return base64.b64encode(digest).decode()


def api(stack: Stack, path: str, body: object) -> bytes:
    """A JSON request with the API key."""
    key = stack.values["SAYSO_API_KEY"]
    return request(
        "POST", path, json.dumps(body).encode(), Content_Type="application/json", Authorization=f"Bearer {key}"
    )


def check(stack: Stack, channel: str, address: str, topic: str, path: str = "/v1/check") -> bytes:
    return api(stack, path, {"channel": channel, "address": address, "topic": topic})


def by_sms(stack: Stack) -> Said:
    """A STOP; the service messages that it silences are allowed to everybody else."""
    number = new_number()
    return Said(_stop(stack, number, WEBHOOK), key_of("sms", number), check(stack, "sms", number, "service"))


def by_api(stack: Stack) -> Said:
    """An opt-out that a system tells of; everybody else may be sent offers."""
    address = new_email()
    told = {"channel": "email", "address": address, "action": "opt_out", "topic": "*"}
    return _email(stack, address, api(stack, "/v1/events", told))


def by_link(stack: Stack) -> Said:
    """A one-click request (RFC 8058)."""
    address = new_email()
    token = Token("email", Scope(controller_id(), None), key_of("email", address))
    return _email(
        stack, address, request("POST", f"/u/{make_token(token)}", b"List-Unsubscribe=One-Click", Content_Type=FORM)
    )


def _email(stack: Stack, address: str, telling: bytes) -> Said:
    return Said(telling, key_of("email", address), check(stack, "email", address, "offers"))


MIX = (*[by_sms] * 18, by_api, by_link)  # one in ten is about e-mail


def mixed(stack: Stack, count: int) -> list[Said]:
    """Opt-outs in the proportions of `MIX`."""
    return [make(stack) for make in itertools.islice(itertools.cycle(MIX), count)]


def bulk(
    stack: Stack, addresses: Sequence[str | Mapping[str, str]], channel: str = "email", topic: str = "offers"
) -> bytes:
    return api(stack, "/v1/check/bulk", {"channel": channel, "topic": topic, "addresses": addresses})


def key_of(channel: str, address: str) -> Key:
    return contact(channel, address).said[0]


def controller_id() -> int:
    return configuration.recent().controller_id(CONTROLLER)


def checks(stack: Stack, addresses: Sequence[str]) -> list[bytes]:
    return [check(stack, "email", address, "offers") for address in addresses]
