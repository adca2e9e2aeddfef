"""A million homes whose people said no, and how others write them.

A fifth of them are made up in the proportions of a country: few large towns and many small ones, low house numbers, a
third with a unit, streets of some hundred names. These are as dense as if all were; the others only fill the tables.
"""

import random
from collections.abc import Iterator
from functools import cache

import msgspec
import psycopg

from bench import messages
from bench.stack import Stack
from consent import neighbours, vault
from consent.addresses import contact_of_person
from consent.models.vocabulary import Cause
from consent.normalise.keys import Key
from consent.normalise.post import household_of
from consent.normalise.post_forms import written_forms
from consent.normalise.post_model import Home, Street
from consent.normalise.post_suffixes import FULL_NAME

COUNT = 1_000_000
KNOWN = 200_000
TOWNS = 800
Fields = dict[str, str]

_STATES = ("IL 62", "OH 45", "TX 77", "CA 94", "NY 14", "FL 33", "PA 19", "MI 48", "GA 30", "WA 98")
_STREETS = (
    "Main", "Oak", "Maple", "Elm", "Cedar", "Pine", "Walnut", "Chestnut", "Spruce", "Birch", "Washington",
    "Lincoln", "Jefferson", "Madison", "Jackson", "Franklin", "Adams", "Monroe", "Harrison", "Grant", "Park",
    "Lake", "Hill", "River", "Church", "School", "Mill", "Spring", "Sunset", "Highland", "Meadow", "Forest",
    "Prairie", "Ridge", "Valley", "Orchard", "Garden", "Center", "Market", "Water", "Front", "College", "Union",
    "Liberty", "Cherry", "Willow", "Poplar", "Sycamore", "Hickory", "Magnolia", "Dogwood", "Laurel", "Juniper",
    "Aspen", "Hawthorne", "Westwood", "Eastwood", "Northfield", "Fairview", "Pleasant", "Broadway", "Wilson",
    "Taylor", "Clark", "Lewis", "Cleveland", "Garfield", "Roosevelt", "Kennedy", "Hamilton", "Douglas", "Sherman",
    "Sheridan", "Wabash", "Ashland", "Winthrop",
)  # fmt: skip
_ENDINGS = ("", "", "", "dale", "view", "wood", "crest", "field")
_SUFFIXES = ("ST", "ST", "ST", "AVE", "AVE", "RD", "RD", "DR", "DR", "LN", "CT", "BLVD", "PL", "WAY", "CIR")
_DIRECTIONS = ("", "", "", "N", "S", "E", "W")
_GIVEN = (
    "James", "Mary", "Robert", "Patricia", "John", "Jennifer", "Michael", "Linda", "David", "Elizabeth",
    "William", "Barbara", "Richard", "Susan", "Joseph", "Jessica", "Thomas", "Sarah", "Charles", "Karen",
    "Daniel", "Lisa", "Matthew", "Nancy", "Anthony", "Betty", "Mark", "Sandra", "Steven", "Ashley", "Paul",
    "Emily", "Andrew", "Donna",
)  # fmt: skip
_SURNAMES = (
    "Smith", "Johnson", "Williams", "Brown", "Jones", "Garcia", "Miller", "Davis", "Rodriguez", "Martinez",
    "Hernandez", "Lopez", "Gonzalez", "Wilson", "Anderson", "Thomas", "Taylor", "Moore", "Jackson", "Martin",
    "Lee", "Perez", "Thompson", "White", "Harris", "Sanchez", "Clark", "Ramirez", "Lewis", "Robinson", "Walker",
    "Young", "Allen", "King", "Wright", "Scott", "Torres", "Nguyen", "Hill", "Flores", "Green", "Adams", "Nelson",
    "Baker", "Hall", "Rivera", "Campbell", "Mitchell", "Carter",
)  # fmt: skip


class Living(msgspec.Struct, frozen=True):
    """A person and where they live."""

    name: str
    home: Home

    @property
    def fields(self) -> Fields:
        """As a clean mailing file has it."""
        home, street = self.home, self.home.street
        line = f"{street.number} {street.predirection} {street.name.title()} {street.suffix.title()}"
        unit = f"Apt {street.unit}" if street.unit else ""
        town = {"city": home.city.title(), "region": home.region, "postal_code": home.postal_code}
        return {"name": self.name.title(), "line1": " ".join(line.split()), "line2": unit, **town}


def living(number: int) -> Living:
    """One of the `KNOWN` who said no, or with a number beyond them one who did not."""
    chance = random.Random(number)
    town = int(TOWNS ** chance.random()) - 1  # the larger the fewer
    state, start = _STATES[town % len(_STATES)].split()
    # The largest town has some thirty postal codes, most have one.
    code = f"{start}{(town * 7 + chance.randrange(1 + 30 * 20 // (town + 20))) % 1000:03}"
    street = Street(
        "street",
        number=str(int(10 ** (1 + 3 * chance.random() ** 0.8))),
        predirection=chance.choice(_DIRECTIONS),
        words=((chance.choice(_STREETS) + chance.choice(_ENDINGS)).upper(),),
        suffix=chance.choice(_SUFFIXES),
        units=(str(chance.randrange(1, 60)),) if chance.random() < 0.3 else (),
    )
    name = f"{chance.choice(_GIVEN)} {chance.choice(_SURNAMES)}".upper()
    return Living(name, Home("US", street, name, f"{_town(town)}", state, code))


def _town(number: int) -> str:
    """A name of letters alone, as towns have: no two alike."""
    return f"{_STREETS[number % len(_STREETS)]}{_SURNAMES[number // len(_STREETS) % len(_SURNAMES)]}".upper()


def otherwise(one: Living, way: int) -> str:
    """The address as somebody writes it in a letter."""
    home, street = one.home, one.home.street
    suffix, place = FULL_NAME[street.suffix].title(), f"{home.city.title()}, {home.region} {home.postal_code}"
    name = street.name.title()
    unit = f", Apartment {street.unit}" if street.unit else ""
    if way % 4 == 1:
        suffix = ""
    elif way % 4 == 2 and len(name) > _SHORTEST_SLIP:
        name = name[:2] + name[3:]
    elif way % 4 == 3:
        unit = ""
    return f"{one.name.title()}\n{street.number} {street.predirection} {name} {suffix}{unit}\n{place}"


_SUPPRESSION = "COPY consent_suppression (key, controller_id, since, event_id, cause, sender) FROM STDIN"
_HOME = "COPY consent_posthome (key, sealed_parts, marks) FROM STDIN (FORMAT BINARY)"
_FORM = "COPY consent_neighbour (form, key) FROM STDIN (FORMAT BINARY)"
_PAGE = 50_000
_SHORTEST_SLIP = 6  # letters; a slip in a shorter name makes another street


_OTHERS = """
WITH other AS MATERIALIZED (SELECT gen_random_uuid() AS key FROM generate_series(1, %s)),
home AS (INSERT INTO consent_posthome (key, sealed_parts, marks)
         SELECT key, decode(repeat('00', 120), 'hex'), decode(repeat('00', 100), 'hex') FROM other),
said AS (INSERT INTO consent_suppression (key, controller_id, since, event_id, cause, sender)
         SELECT key, %s, now(), gen_random_uuid(), %s, '' FROM other)
INSERT INTO consent_neighbour (form, key) SELECT gen_random_uuid(), key FROM other, generate_series(1, 4)
"""


@cache
def fill(stack: Stack) -> None:
    """Suppress them and write their index, once a run; marks, which are read after an erasure alone, are of zeros."""
    with psycopg.connect(stack.database, autocommit=True) as database:
        database.execute("ALTER TABLE consent_neighbour DROP CONSTRAINT consent_neighbour_pkey")
        written: set[bytes] = set()
        for start in range(0, KNOWN, _PAGE):
            rows = {row[0]: row for row in _rows(start) if row[0] not in written}
            written.update(rows)
            _fill(database, list(rows.values()))
        said = [messages.controller_id(), Cause.CHOICE.value]
        database.execute(_OTHERS, [COUNT - len(written), *said], prepare=False)
        database.execute("ALTER TABLE consent_neighbour ADD PRIMARY KEY (form, key)")
        database.execute("VACUUM ANALYZE consent_neighbour, consent_posthome, consent_suppression")


def _rows(start: int) -> Iterator[tuple[Key, bytes, list[Key]]]:
    for number in range(start, start + _PAGE):
        one = living(number)
        parts = msgspec.msgpack.encode(neighbours.Parts(one.home, one.name))
        key = contact_of_person(household_of(one.home), one.name).said[0]
        forms = list(dict.fromkeys(neighbours.form_keys(written_forms(one.home))))
        yield key, vault.seal(neighbours.PARTS_PURPOSE, parts), forms


def _fill(database: psycopg.Connection[tuple[object, ...]], rows: list[tuple[Key, bytes, list[Key]]]) -> None:
    controller = messages.controller_id()
    with database.cursor() as cursor:
        with cursor.copy(_HOME) as copy:
            copy.set_types(["uuid", "bytea", "bytea"])
            for key, sealed, _ in rows:
                copy.write_row((key, sealed, bytes(100)))
        with cursor.copy(_FORM) as copy:
            copy.set_types(["uuid", "uuid"])
            for key, _, forms in rows:
                for form in forms:
                    copy.write_row((form, key))
        with cursor.copy(_SUPPRESSION) as copy:
            for key, _, _ in rows:
                copy.write(f"{key.hex()}\t{controller}\t2026-01-01\t{key.hex()}\t{Cause.CHOICE.value}\t\n")
