"""Who else may be meant by a postal address: contact points of the same home in another spelling, or perhaps of it.

A check looks by exact keys first (consent/status.py); this only ever adds denials. What is surely the same home and
person denies as its own; what may be is held. Candidates come from the index (consent/neighbours.py) and are weighed by
`post_compare` and `post_people`.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from consent import neighbours
from consent.addresses import Contact
from consent.normalise.keys import Key
from consent.normalise.post_compare import same_home, weakest
from consent.normalise.post_forms import asked_forms
from consent.normalise.post_model import Home, Verdict
from consent.normalise.post_people import name_tokens, same_person
from consent.prepared import KEYS, Statement

_CROWD = 16  # candidates of one form, from which on they are sorted by unit and name before they are weighed
_WEIGHED = 500  # candidates weighed for one address; the others of a crowd as large are all doubtful
_ANY, _ALL = "", "*"


class Near(NamedTuple):
    """Keys of contact points: surely of the same person and home, and perhaps."""

    certain: tuple[Key, ...] = ()
    doubtful: tuple[Key, ...] = ()


NOBODY = Near()

_CANDIDATES = """
SELECT uuid_send(n.form), uuid_send(n.key), h.sealed_parts, h.marks
FROM consent_neighbour n JOIN consent_posthome h ON h.key = n.key
WHERE n.form = ANY(%(forms)s)
"""
_DENIED_NOW = """
      AND (EXISTS (SELECT FROM consent_suppression s WHERE s.key = n.key)
           OR EXISTS (SELECT FROM consent_hold d WHERE d.key = n.key))
"""
_DENIED = Statement("sayso_near_denied", _CANDIDATES + _DENIED_NOW, {"forms": KEYS})
_FORMS = "SELECT DISTINCT uuid_send(n.form) FROM consent_neighbour n WHERE n.form = ANY(%(forms)s)"
_DENIED_FORMS = Statement("sayso_denied_forms", _FORMS + _DENIED_NOW, {"forms": KEYS})
_KNOWN = Statement("sayso_near_known", _CANDIDATES, {"forms": KEYS})


class Candidate:
    """A contact point that shares a form with an address that is asked about. `home` is None after an erasure."""

    def __init__(self, key: Key, sealed: bytes | None, packed: bytes) -> None:
        self.key = key
        self.marks = packed
        parts = None if sealed is None else neighbours.unseal_parts(sealed)
        self.home = parts.home if parts else None
        self.name = parts.name if parts else ""

    def weigh(self, home: Home, name: str) -> Verdict:
        """Whether it is of the same home, and of the same person where both are named."""
        if self.home is None:
            return "review" if _may_be(self, home, name) else False
        verdict = same_home(self.home, home)
        return verdict if verdict is False else weakest(verdict, same_person(self.name, name))


def _may_be(erased: Candidate, home: Home, name: str) -> bool:
    kept = neighbours.split_marks(erased.marks)
    return all(
        not kept.isdisjoint(values) or neighbours.nothing_of(erased.key, part) in kept | values
        for part, values in neighbours.marks_of(erased.key, home, name).items()
    )


class _Group:
    """The candidates of one form. A crowd, such as those of a house of 400 flats, is sorted by units and names."""

    def __init__(self) -> None:
        self.all: list[Candidate] = []
        self._sorted: dict[tuple[str, str], list[Candidate]] | None = None

    def for_(self, home: Home, name: str) -> Iterable[Candidate]:
        """Those that may be the same."""
        if len(self.all) < _CROWD:
            return self.all
        if self._sorted is None:
            self._sorted = _by_unit_and_name(self.all)
        units, words = _units(home), name_tokens(name)
        at = [(unit, word) for unit in _or_all(units) for word in _or_all(words)]
        return (one for place in at for one in self._sorted.get(place, ()))


def _or_all(values: Iterable[str]) -> set[str]:
    """What a candidate has, or lacks, where something is asked for; else all."""
    return {*values, _ANY} if values else {_ALL}


def _by_unit_and_name(candidates: Sequence[Candidate]) -> dict[tuple[str, str], list[Candidate]]:
    places: dict[tuple[str, str], list[Candidate]] = {}
    for one in candidates:
        units = _units(one.home) if one.home else set()
        for unit in {*(units or {_ANY}), _ALL}:
            for word in {*(name_tokens(one.name) or {_ANY}), _ALL}:
                places.setdefault((unit, word), []).append(one)
    return places


def _units(home: Home) -> set[str]:
    return {unit.split()[-1] for unit in home.street.units}


def near_of(contacts: Sequence[Contact], *, ever: bool = False) -> list[Near]:
    """Who else may be meant by each postal contact, in order: those that are denied now, or with `ever` all known."""
    # Of an address that was erased nothing is known but its key.
    asked = [neighbours.home_of(found) if found.normal else None for found in contacts]
    forms = [neighbours.form_keys(asked_forms(who[0])) if who else [] for who in asked]
    groups = _groups(list({form for each in forms for form in each}), _KNOWN if ever else _DENIED)
    if not groups:
        return [NOBODY] * len(contacts)
    return [
        NOBODY
        if who is None or groups.keys().isdisjoint(each)
        else _near(found, *who, [groups[form] for form in each if form in groups])
        for found, who, each in zip(contacts, asked, forms, strict=True)
    ]


def denied_forms(forms: Iterable[Key]) -> set[bytes]:
    """Those of the forms under which somebody is kept who is denied now."""
    return {form for [form] in _DENIED_FORMS.fetch({"forms": list(forms)})}


def wanted(near: Sequence[Near]) -> Sequence[Near]:
    """The same, or nothing where nobody is near, so that exact keys are decided in the quick way."""
    return near if any(one is not NOBODY for one in near) else ()


def candidates_of(contact: Contact) -> list[tuple[Candidate, Verdict]]:
    """Every known contact point that is, or may be, of the contact's home, whoever lives there, with the verdict on
    the home. Those erased are left out.
    """
    home, _ = neighbours.home_of(contact)
    groups = _groups(neighbours.form_keys(asked_forms(home)), _KNOWN)
    found = {one.key: one for group in groups.values() for one in group.for_(home, "")}
    weighed = [(one, same_home(one.home, home)) for one in found.values() if one.home]
    return [(one, verdict) for one, verdict in weighed if verdict is not False]


def _groups(forms: Sequence[Key], statement: Statement) -> dict[bytes, _Group]:
    groups: dict[bytes, _Group] = {}
    known: dict[bytes, Candidate] = {}
    for form, key, sealed, packed in statement.fetch({"forms": forms}):
        one = known.get(key)
        if one is None:
            one = known[key] = Candidate(Key(key), sealed, packed)
        groups.setdefault(form, _Group()).all.append(one)
    return groups


def _near(contact: Contact, home: Home, name: str, groups: Iterable[_Group]) -> Near:
    found = {one.key: one for group in groups for one in group.for_(home, name)}
    # Its own keys are looked up in any case.
    others = [one for one in found.values() if one.key not in contact.asked]
    verdicts = [(one.key, one.weigh(home, name)) for one in others[:_WEIGHED]]
    unweighed = tuple(one.key for one in others[_WEIGHED:])
    certain = tuple(key for key, verdict in verdicts if verdict is True)
    doubtful = tuple(key for key, verdict in verdicts if verdict == "review") + unweighed
    return Near(certain, doubtful) if certain or doubtful else NOBODY
