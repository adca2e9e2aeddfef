"""Why may a text be sent now, or not before when? The answers of `manage.py explain_quiet`."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from consent.normalise.errors import InvalidAddress
from consent.normalise.phone import normalise_phone
from consent.quiet.hours import next_opening, zone
from consent.quiet.places import Area, area_of
from consent.quiet.rules import Rule, rules_on

_LONGEST_TIME = 40  # characters


def explain_quiet(item: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Answer {number, at?} with {number, places, zones, at, quiet, not_before, decided_by, rules}.

    `zones` gives the local time in each. `rules` are the rows of that local day, and `decided_by` those of them that
    forbid a text at that moment. Raise `KeyError` for a missing field and `ValueError` for one that cannot be read.
    """
    number, at = _number(item["number"]), _moment(item.get("at"), now)
    area = area_of(number)
    opens = next_opening(area, at)
    found = list(_rules(area, at))
    return {
        "number": number,
        "places": [f"{place.code} {place.name}" for place in area.places],
        "zones": {name: at.astimezone(zone(name)).isoformat(timespec="minutes") for name, _ in area.zones},
        "at": _utc(at),
        "quiet": opens is not None,
        "not_before": None if opens is None else _utc(opens),
        "decided_by": list(dict.fromkeys(row for row, forbids in found if forbids)),
        "rules": list(dict.fromkeys(row for row, _ in found)),
    }


def _number(written: object) -> str:
    if not isinstance(written, str):
        raise ValueError("number: must be text")
    try:
        return normalise_phone(written)
    except InvalidAddress as error:
        raise ValueError(f"number: {error}") from error


def _moment(written: object, now: datetime) -> datetime:
    if written is None or written == "":
        return now
    if not isinstance(written, str) or len(written) > _LONGEST_TIME:
        raise ValueError("at: must be a time such as 2026-01-31T12:00:00Z")
    try:
        at = datetime.fromisoformat(written)
    except ValueError as error:
        raise ValueError("at: must be a time such as 2026-01-31T12:00:00Z") from error
    if at.tzinfo is None or not 1971 <= at.year < 9000:
        raise ValueError("at: needs its offset from UTC, and a year of telephones")
    return at


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _rules(area: Area, at: datetime) -> Iterator[tuple[str, bool]]:
    """The rows of the day in each zone, as written, and whether they forbid a text at the moment."""
    for name, jurisdictions in area.zones:
        local = at.astimezone(zone(name))
        minute = local.hour * 60 + local.minute
        for rule in rules_on(jurisdictions, local.date()):
            yield _written(rule), not any(opens <= minute < closes for opens, closes in rule.windows)


def _written(rule: Rule) -> str:
    valid_from, valid_until, days, hours = rule.written
    dates = f" ({valid_from}…{valid_until})" if valid_from or valid_until else ""
    return f"{rule.jurisdiction} {days} {hours}{dates}: {rule.source} [{rule.covers}, {rule.basis}]"
