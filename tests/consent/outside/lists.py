"""Short ways to import a list and to ask about it."""

import io
from datetime import date
from typing import Any

from consent.models import ListVersion, OutsideList
from consent.outside import working
from consent.outside.making import find_list, make_list
from consent.outside.receiving import Given, Received, receive
from tests.consent.core.example import Organisation, ask, key_of


def a_list(organisation: Organisation, slug: str, kind: str, **more: Any) -> OutsideList:
    return find_list(organisation.acme.pk, slug) or make_list(organisation.acme.pk, slug, kind, **more)


def take(outside_list: OutsideList, text: str | bytes, as_of: str = "", **given: Any) -> Received:
    """A file as the next version, not worked off."""
    body = text if isinstance(text, bytes) else text.encode()
    day = date.fromisoformat(as_of) if as_of else None
    return receive(io.BytesIO(body), outside_list, Given(file_name="list.csv", actor="tests", as_of=day, **given))


def bring_in(outside_list: OutsideList, text: str | bytes, as_of: str = "", **given: Any) -> ListVersion:
    """A file as the next version, worked off."""
    received = take(outside_list, text, as_of, **given)
    working.drain()
    return ListVersion.objects.select_related("outside_list").get(pk=received.version.pk)


def reason(organisation: Organisation, channel: str, address: Any, topic: str = "offers") -> str:
    """What a check of acme's topic answers now."""
    return ask(organisation, topic, [key_of(channel, address)], channel).reason


def reasons(organisation: Organisation, channel: str, *addresses: Any) -> list[str]:
    return [reason(organisation, channel, address) for address in addresses]
