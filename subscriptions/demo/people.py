"""A person nobody has heard of, anew for each run."""

import secrets
from typing import NamedTuple


class Somebody(NamedTuple):
    """A person with an address on each channel."""

    email: str
    number: str
    other_number: str
    home: dict[str, str]

    @property
    def letter(self) -> str:
        """The body of her letter, as people write addresses."""
        home = self.home
        return f"{home['name']}\n{home['line1']}\n{home['city']}, {home['region']} {home['postal_code']}\n"

    @property
    def letter_line(self) -> str:
        return ", ".join(self.letter.strip().split("\n"))


def somebody() -> Somebody:
    """Jane Roe, somewhere else each time."""
    number = secrets.randbelow(9_000_000) + 1_000_000
    home = {
        "name": "Jane Roe",
        "line1": f"{secrets.randbelow(9000) + 100} Main Street #101",
        "city": "Springfield",
        "region": "IL",
        "postal_code": "62701",
    }
    return Somebody(f"jane.{secrets.token_hex(4)}@example.org", f"+1555{number}", f"+1556{number}", home)
