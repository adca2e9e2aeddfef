"""Which column of a list is which, by its header."""

from collections.abc import Sequence
from typing import NamedTuple

from consent.lists.table import column_name

# Names of a header's cells, in the form of `column_name`, the surest first.
NUMBERS = (
    *("phonenumber", "phone", "number", "mobilenumber", "mobile", "mobilephone", "msisdn", "tn", "telephonenumber"),
    *("telephone", "tel", "cell", "cellphone", "optedoutnumber", "disconnectednumber", "endpoint", "contact"),
    *("destination", "destinationnumber", "recipient", "subscriber", "customernumber", "from", "fromnumber", "to"),
)
SENDERS = (
    *("sender", "senderid", "sendernumber", "ournumber", "shortcode", "longcode", "origination", "originator"),
    *("originationnumber", "virtualnumber", "vln", "to", "tonumber", "from", "fromnumber"),
)
OPTED_OUT_ON = (
    *("optedoutat", "optoutdate", "optouttime", "optouttimestamp", "optedouttimestamp", "optoutat", "unsubscribedat"),
    *("unsubscribedate", "stoppedat", "occurredat", "receivedat", "createdat", "created", "datecreated", "dateadded"),
    *("addedat", "timestamp", "datetime", "date", "time", "datesent"),
)
DISCONNECTED_ON = (
    *("disconnectedon", "disconnecteddate", "disconnectiondate", "disconnectdate", "permanentdisconnectdate"),
    *("lastdisconnectdate", "deactivationdate", "deactivatedon", "deactivated", "date", "consentdate", "timestamp"),
)
ANSWERS = ("disconnected", "reassigned", "response", "responsecode", "result", "answer")
# Of a gateway that lists its own side as `from`, the person is `to` (Telnyx: GET /v2/messaging_optouts).
PERSON_IS_TO = frozenset({"telnyx"})


class UnknownColumn(Exception):
    """A column that was asked for and is not there, or no column that could hold the numbers."""


class Columns(NamedTuple):
    """Places of columns; -1 where the list has none. `header`: whether the first row names them.

    `answer` is a register's yes or no to whether the number was disconnected since the date.
    """

    number: int
    date: int
    sender: int
    header: bool
    answer: int = -1


def find_columns(first: Sequence[str], dates: Sequence[str], column: str = "", provider: str = "") -> Columns:
    """Find the columns by a list's first row. A list without header has its numbers first, then a date, an answer.

    Raise `UnknownColumn`.
    """
    names = [column_name(cell) for cell in first]
    if not column and any(_is_number_like(cell) for cell in first):
        return _without_header(first)
    number = _asked(names, column) if column else _first(names, _numbers_of(provider))
    if number < 0:
        raise UnknownColumn("no column that holds the numbers could be told by its header: name it with --column")
    others = [name if place != number else "" for place, name in enumerate(names)]
    return Columns(number, _first(others, dates), _first(others, SENDERS), True, _first(others, ANSWERS))


def cell(row: Sequence[str], place: int) -> str:
    """A row's cell, empty where the row is too short."""
    return row[place] if 0 <= place < len(row) else ""


def _numbers_of(provider: str) -> Sequence[str]:
    return ("to", *NUMBERS) if provider in PERSON_IS_TO else NUMBERS


def _asked(names: Sequence[str], column: str) -> int:
    place = _first(names, (column_name(column),))
    if place < 0:
        raise UnknownColumn(f"there is no column {column!r}")
    return place


def _first(names: Sequence[str], wanted: Sequence[str]) -> int:
    return next((names.index(name) for name in wanted if name in names), -1)


def _is_number_like(text: str) -> bool:
    """Whether a cell has the digits of a number, and no letter."""
    return sum(character.isdigit() for character in text) >= 7 and not any(map(str.isalpha, text))


def _without_header(first: Sequence[str]) -> Columns:
    number = next(place for place, one in enumerate(first) if _is_number_like(one))
    date, answer = (place if place < len(first) else -1 for place in (number + 1, number + 2))
    return Columns(number, date, -1, False, answer)
