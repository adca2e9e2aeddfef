"""What the library `holidays` knows, as rows of `consent/quiet/tables/holidays.tsv`.

`python -m tests.consent.quiet.holiday_rows FIRST LAST` prints them for these years: compare, and take over what is new.
"""

import sys
from collections.abc import Iterator

import holidays

from consent.quiet.rules import RULES


def jurisdictions() -> list[str]:
    """Those whose rules ask for holidays."""
    return sorted({rule.jurisdiction for rule in RULES if rule.days & {"holiday", "eve"}})


def known_to_the_library(jurisdiction: str, year: int) -> set[str]:
    """The public holidays, as `MM-DD`."""
    country, _, subdivision = jurisdiction.partition("-")
    found = holidays.country_holidays(country, subdiv=subdivision or None, years=year)
    return {day.strftime("%m-%d") for day in found if day.year == year}


def rows(first: int, last: int) -> Iterator[str]:
    for jurisdiction in jurisdictions():
        for year in range(first, last + 1):
            yield "\t".join((jurisdiction, str(year), " ".join(sorted(known_to_the_library(jurisdiction, year)))))


if __name__ == "__main__":
    sys.stdout.write("\n".join(rows(int(sys.argv[1]), int(sys.argv[2]))) + "\n")
