"""The parts of a postal address, as the parsers find them and `compare` weighs them."""

from typing import Literal

import msgspec

Kind = Literal["street", "box", "route", "military", "general"]
Verdict = Literal[True, False, "review"]


class Street(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Where in its town mail goes. All text is folded; "" where a part is missing.

    `number` is the house number, or the number of a box, or of route and box ("4 BOX 87A"). `words` are the words of
    the name in full, `name` the same without spaces. `units` are sorted: "4B" (an apartment), "FL 2", "BLDG C".
    `rest` is what followed.
    """

    kind: Kind
    number: str = ""
    predirection: str = ""
    words: tuple[str, ...] = ()
    suffix: str = ""
    postdirection: str = ""
    units: tuple[str, ...] = ()
    rest: tuple[str, ...] = ()
    direction_spelled_out: bool = False

    @property
    def name(self) -> str:
        return "".join(self.words)

    @property
    def line(self) -> str:
        """The delivery line without the units, for people to read."""
        return self._line(" ".join(self.words))

    @property
    def key(self) -> str:
        """The same without spaces within the name, as people write both La Salle and LaSalle."""
        return self._line(self.name)

    def _line(self, name: str) -> str:
        parts = (self.number, self.predirection, name, self.suffix, self.postdirection)
        return " ".join([part for part in parts if part])

    @property
    def unit(self) -> str:
        return " ".join(self.units)


class Home(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A whole address, each part folded and "" where it is missing. `country` is an ISO 3166 code."""

    country: str
    street: Street
    name: str = ""
    city: str = ""
    region: str = ""
    postal_code: str = ""

    @property
    def has_place(self) -> bool:
        return bool(self.city or self.region or self.postal_code)
