"""One post of several events → one body an event, each as the provider would have posted it alone.

So an event that cannot be read costs none of its neighbours their word.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from urllib.parse import urlencode

from consent.intake.contract import Malformed, Request
from consent.intake.providers import wire

MAX_EVENTS = 10_000  # SparkPost's largest batch


def split(request: Request, batch: str, form: Mapping[str, str]) -> list[bytes]:
    """The bodies of the events of a verified post. `form` holds its fields, if it is a form. Raise `Malformed` where
    the post itself cannot be read.
    """
    if batch == "single":
        if "json" in wire.media_type(request) or request.body[:1] in (b"{", b"["):
            decoded(request.body)
        return [request.body]
    found = list(_SPLITTERS[batch](request, form))
    if len(found) > MAX_EVENTS:
        raise Malformed("body", f"more than {MAX_EVENTS} events")
    return found


def decoded(body: bytes) -> object:
    """Checked for nesting. A name given twice is let pass: what a sender adds to its messages comes back in events."""
    try:
        value: object = json.loads(body.decode("utf-8-sig"), parse_constant=wire.refuse_constant)
    except (ValueError, RecursionError) as error:
        raise Malformed("body", "not JSON") from error
    if wire.too_deep(value):
        raise Malformed("body", f"nested deeper than {wire.MAX_DEPTH}")
    return value


def _bytes(value: object) -> bytes:
    return json.dumps(value).encode()


def _items(value: object, field: str) -> list[object]:
    if not isinstance(value, list):
        raise Malformed(field, "not a list")
    return value


def _list(request: Request, form: Mapping[str, str]) -> Iterable[bytes]:
    """A list of events, or a bare one."""
    value = decoded(request.body)
    for item in value if isinstance(value, list) else [value]:
        yield _bytes([item])


def _events(request: Request, form: Mapping[str, str]) -> Iterable[bytes]:
    """An object whose `events` are a list."""
    value = decoded(request.body)
    if not isinstance(value, dict):
        raise Malformed("body", "not an object")
    for item in _items(value.get("events", []), "events"):
        yield _bytes({"events": [item]})


def _form(request: Request, form: Mapping[str, str]) -> Iterable[bytes]:
    """Mandrill: a form whose field `mandrill_events` is a list."""
    if "mandrill_events" not in form:
        raise Malformed("mandrill_events", "missing")
    for item in _items(decoded(form["mandrill_events"].encode("utf-8", "replace")), "mandrill_events"):
        yield urlencode({"mandrill_events": json.dumps([item])}).encode()


def _users(request: Request, form: Mapping[str, str]) -> Iterable[bytes]:
    """Unisender Go: events by user, or one flat event."""
    value = decoded(request.body)
    if not isinstance(value, dict):
        raise Malformed("body", "not an object")
    if "events_by_user" not in value:
        yield request.body
        return
    for user in _items(value["events_by_user"], "events_by_user"):
        events = user.get("events") if isinstance(user, dict) else None
        for event in _items(events, "events_by_user.events"):
            yield _bytes({"events_by_user": [{"events": [event]}]})


_SPLITTERS: dict[str, Callable[[Request, Mapping[str, str]], Iterable[bytes]]] = {
    "list": _list,
    "events": _events,
    "form": _form,
    "users": _users,
}
