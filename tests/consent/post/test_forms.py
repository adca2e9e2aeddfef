"""Two spellings that may be one home share a form, so that one is found when the other is asked about."""

from itertools import permutations, product

from consent.normalise.errors import InvalidAddress
from consent.normalise.post import household_of, parse_post
from consent.normalise.post_compare import same_home
from consent.normalise.post_forms import asked_forms, marks, written_forms
from consent.normalise.post_model import Home
from consent.normalise.post_normal import home_of_household
from tests.consent.normalise.test_post_compare import DIFFERENT, REVIEW, SAME

TOWNS = ("", ", Dayton OH 45402", ", Dayton, OH", ", 45402")
# What is missing on one side only is found; a slip in the street besides, where each side lacks another part of the
# town, is not.
COMPLEMENTS = ({TOWNS[2], TOWNS[3]},)
ABROAD = [
    ("Flat 4, 12 High Street, Leeds LS1 4AP, UK", "12 High St Flat 4, LS1 4AP, United Kingdom"),
    ("Rose Cottage, High Street, Leeds LS1 4AP, UK", "High Street, Leeds LS1 4AP, UK"),
    ("Hauptstr. 5, 10115 Berlin, Germany", "Hauptstraße 5, 10115 Berlin, Deutschland"),
    ("Hauptstr. 5, 10115 Berlin, Germany", "Haupstraße 5, 10115 Berlin, Deutschland"),
    ("5 rue du Four, 75006 Paris, France", "5 r. du Four, 75006 PARIS, FRANCE"),
    ("10-123 Main St, Toronto ON M5V 2T6, Canada", "123 Main Street Unit 10, Toronto, ON M5V 2T6, Canada"),
]


def homes(written: str, town: str) -> list[Home]:
    try:
        return [parse_post(written + town).home]
    except InvalidAddress:
        return []


def test_what_may_be_one_home_shares_a_form() -> None:
    missing, compared = [], 0
    pairs = [
        (written[0] + town, written[1] + other)
        for written in (*SAME, *DIFFERENT, *REVIEW)
        for town, other in product(TOWNS, TOWNS)
        if isinstance(written[0], str) and isinstance(written[1], str) and {town, other} not in COMPLEMENTS
    ]
    for pair in (*pairs, *ABROAD):
        for one, other in permutations([home for written in pair for home in homes(written, "")], 2):
            if same_home(one, other) is not False:
                compared += 1
                if not set(written_forms(one)) & set(asked_forms(other)):
                    missing.append(pair)
    assert missing == []
    assert compared > 500


def test_what_may_be_one_home_shares_each_mark_that_both_have() -> None:
    apart = []
    # Where one reads "Shore" as the suffix and one as the name, hashes cannot tell.
    for first, second in (pair for pair in SAME if pair[0] != "18 Lake Shore"):
        for one, other in permutations(
            [home for written in (first, second) for home in homes(written, TOWNS[1])][:2], 2
        ):
            kept, asked = marks(one, "ANN LUND"), marks(other, "LUND ANN")
            parts = [part for part in kept if kept[part] and asked[part] and not kept[part] & asked[part]]
            apart += [(first, second, parts)] if parts else []
    assert apart == []


def test_the_normal_form_tells_the_parts_again() -> None:
    """For addresses that were kept before their parts were."""
    different = []
    for written in {written for pair in (*SAME, *DIFFERENT) for written in pair if isinstance(written, str)}:
        for home in homes(written, TOWNS[1]) or homes(written, ""):
            again = home_of_household(household_of(home))
            if household_of(again) != household_of(home) or same_home(again, home) is False:
                different.append((written, again))
    assert different == []
