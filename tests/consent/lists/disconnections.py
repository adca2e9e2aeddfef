"""A number that was disconnected, and what is said of it."""

from datetime import date, datetime, timedelta
from typing import Any

from consent import pipeline
from consent.lists.dates import end_of_day
from consent.lists.disconnected import accept_disconnected, disconnection
from consent.models import Controller
from consent.normalise.keys import Key
from tests.consent.core.example import Organisation, ask, entry, key_of, record

NUMBER = "+14155550123"
GONE_ON = date(2026, 3, 5)
GONE = end_of_day(GONE_ON)
DAY = timedelta(days=1)


def key() -> Key:
    return key_of("sms", NUMBER)


def tell(owner: Controller, on: date = GONE_ON, number: str = NUMBER, *, everywhere: bool = False) -> None:
    """A disconnection, worked off."""
    one = disconnection(number, on, everywhere=everywhere)
    accept_disconnected([one], owner.pk, by="api", actor="key:tests")
    pipeline.drain()


def grant(organisation: Organisation, at: datetime, scope: str = "newsletter", **more: Any) -> None:
    said: dict[str, Any] = {"channel": "sms", "basis": "opt_in", "occurred_at": at}
    record(entry(key(), organisation.scope(scope), "grant", **(said | more)))


def reason(organisation: Organisation, topic: str = "newsletter") -> str:
    return ask(organisation, topic, [key()], "sms").reason
