"""The normal form of a postal address (USPS Publication 28), its two keys, and the comparison of two addresses.

The household key is `country|postal code|street line|unit`; the person key adds the name. The town is part of it only
where there is no postal code: `country|CITY|REGION|…`. ZIP+4 is dropped, as two households can share one and one can
have two. A missing apartment is another key than any apartment: that is for `compare`, and for people, to judge.
"""

from collections.abc import Mapping

import msgspec

from consent.normalise.errors import InvalidAddress
from consent.normalise.post_compare import same_home
from consent.normalise.post_country import of_fields, of_text
from consent.normalise.post_foreign import parse_foreign_fields, parse_foreign_text
from consent.normalise.post_model import Home, Verdict
from consent.normalise.post_quick import quick_us_fields
from consent.normalise.post_text import MAX_INPUT, cut
from consent.normalise.post_us import parse_us_fields, parse_us_text

FIELDS = ("name", "line1", "line2", "city", "region", "postal_code", "country")

# Where a city needs its state, since another state has a city of that name.
_CITIES_REPEAT = frozenset({"AU", "BR", "CA", "IN", "MX", "US"})

Address = str | Mapping[str, str]


class PostalAddress(msgspec.Struct, frozen=True, gc=False):
    """An address in normal form. `name` and `household` are for keys, the rest for people to read; "" where a part is
    missing.
    """

    name: str
    household: str
    country: str
    street: str
    unit: str
    city: str
    region: str
    postal_code: str
    home: Home

    @property
    def person(self) -> str:
        """The normal form of this person at this address, or "" without a name."""
        return f"{self.household}|{self.name}" if self.name else ""


def parse_post(address: Address, region: str = "US") -> PostalAddress:
    """Give the normal form of a whole address: one text, or the fields of `FIELDS`.

    `region` is the ISO 3166 country where the address names none. Raise `InvalidAddress` where no key can be made.
    """
    home = _parse(address, region)
    if not home.street.line:
        raise InvalidAddress("no_street", "There is no street and no box.")
    if home.country == "US" and home.street.kind == "street" and not home.street.number:
        raise InvalidAddress("no_house_number", "The street has no house number.")
    return PostalAddress(
        name=home.name,
        household=household_of(home),
        country=home.country,
        street=home.street.line,
        unit=home.street.unit,
        city=home.city,
        region=home.region,
        postal_code=home.postal_code,
        home=home,
    )


def household_of(home: Home) -> str:
    """The normal form of a home. Raise `InvalidAddress` where nothing tells its town."""
    return "|".join((home.country, _town(home), home.street.key, home.street.unit))


def compare(first: Address, second: Address, region: str = "US") -> Verdict:
    """Tell whether two addresses, each whole or in part ("707 E 37th St"), name the same home, or "review"."""
    try:
        return same_home(_parse(first, region), _parse(second, region))
    except InvalidAddress:
        return "review"


def _parse(address: Address, region: str) -> Home:
    if not isinstance(address, str):
        fields = {key: str(address.get(key) or "") for key in FIELDS}
        if any(fields[key].strip() for key in ("city", "region", "postal_code")):
            return _parse_fields(fields, region)
        address = "\n".join(fields[key] for key in ("name", "line1", "line2", "country") if fields[key].strip())
    country, text = of_text(cut(address), region)
    return parse_us_text(text) if country == "US" else parse_foreign_text(text, country)


def _parse_fields(fields: Mapping[str, str], region: str) -> Home:
    if sum(map(len, fields.values())) > MAX_INPUT:
        raise InvalidAddress("too_long", f"A postal address has at most {MAX_INPUT} characters.")
    quick = quick_us_fields(fields) if region == "US" else None
    if quick is not None:
        return quick
    country = of_fields(fields, region)
    return parse_us_fields(fields) if country == "US" else parse_foreign_fields(fields, country)


def _town(home: Home) -> str:
    """Give what tells the town in a key."""
    if home.postal_code:
        return home.postal_code
    if not home.city or (home.country in _CITIES_REPEAT and not home.region):
        raise InvalidAddress(
            "no_postal_code", "Without a postal code the address needs its city, and its state where there are such."
        )
    return f"{home.city}|{home.region}"
