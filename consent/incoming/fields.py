"""A message that an API tells of field by field, where it has no raw one to give."""

from collections.abc import Iterable, Mapping
from typing import Any

from consent.incoming.contract import Elsewhere, Fetched, Found
from consent.intake.mail_inbound import assemble
from consent.intake.mail_notice import addresses_in
from consent.outgoing.contract import Refused, members

_LISTS = ("received_for", "to", "cc", "bcc")
_HEAD = (("From", "from"), ("To", "to"), ("Cc", "cc"), ("Subject", "subject"), ("Message-ID", "message_id"))


def read(answer: Fetched, url: object, texts: tuple[str, str]) -> Found | Elsewhere | Refused:
    """The letter of a JSON answer: at the `url` that it names, else put together of its fields.

    `texts` name the one of the plain text and that of the HTML.
    """
    fields = members(answer.body)
    if answer.cut or not fields:
        return Refused("the answer is too large" if answer.cut else "the answer is no message")
    written = list(_written(fields.get("headers")))
    envelope = (_return_path(written), addresses_in(_texts(fields, _LISTS)))
    if isinstance(url, str) and url:
        return Elsewhere(url, *envelope)
    plain, html = (fields.get(name) for name in texts)
    if not (plain or html or written or fields.get("from")):
        return Refused("the answer is no message")
    return Found(assemble(_head(fields, written), plain, html), *envelope)


def _written(headers: object) -> Iterable[tuple[str, str]]:
    """An object, in which a field that occurs several times is a list; or a list of names and values."""
    if isinstance(headers, dict):
        for name, value in headers.items():
            yield from ((name, one) for one in (value if isinstance(value, list) else [value]) if isinstance(one, str))
    for one in headers if isinstance(headers, list) else []:
        if isinstance(one, dict) and isinstance(one.get("name"), str) and isinstance(one.get("value"), str):
            yield one["name"], one["value"]


def _head(fields: Mapping[str, Any], written: list[tuple[str, str]]) -> list[tuple[str, str]]:
    known = {name.lower() for name, _ in written}
    told = [(name, ", ".join(_texts(fields, (field,)))) for name, field in _HEAD if name.lower() not in known]
    return [*((name, value) for name, value in told if value), *written]


def _texts(fields: Mapping[str, Any], names: Iterable[str]) -> list[str]:
    values = [fields.get(name) for name in names]
    return [one for value in values for one in (value if isinstance(value, list) else [value]) if isinstance(one, str)]


def _return_path(written: Iterable[tuple[str, str]]) -> str:
    return next((value.strip("<> ")[:320] for name, value in written if name.lower() == "return-path"), "")
