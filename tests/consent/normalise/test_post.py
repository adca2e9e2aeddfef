"""A whole postal address gives one household key, by Publication 28 in the US and by its country's format elsewhere."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.normalise.errors import InvalidAddress
from consent.normalise.form import normal_form
from consent.normalise.post import parse_post
from consent.normalise.post_names import person_name
from tests.each import each

HOME = "US|62701|48 ELM ST|101"


@each(
    "written",
    [
        "48 Elm St Apt 101\nSpringfield, IL 62701",
        "Ida Oak\n48 Elm Street, Apt. 101\nSpringfield, Illinois 62701-1234",
        "Ida Oak, 48 elm street #101, Springfield 62701",
        "Ida Oak 48 Elm St Unit 101 Springfield IL 62701",
        "APT 101\n48 ELM ST.\nSPRINGFIELD IL 627011234",
        "48 Elm St, # 101, Springfield, IL, 62701, USA",
        "48 Elm St Apt 101 Springfield IL 62701 United States",
        "48 Elm St Apt 101, 62701 Springfield",
        {"line1": "48 Elm St", "line2": "Apartment 101", "city": "Springfield", "region": "IL", "postal_code": "62701"},
        {"name": "Oak, Ida", "line1": "48 Elm St #101", "city": "x", "postal_code": "62701-0001", "country": "US"},
        {"line1": "48 Elm St Apt 101, Springfield IL 62701"},
    ],
)
def test_one_home_is_one_household(written: str | Mapping[str, str]) -> None:
    assert parse_post(written).household == HOME


@each(
    ("written", "household"),
    [
        ("PO Box 12, Troy MI 48007", "US|48007|PO BOX 12|"),
        ("P.O.Box12\nTroy MI 48007", "US|48007|PO BOX 12|"),
        ("Post Office Drawer 12, Troy MI 48007", "US|48007|PO BOX 12|"),
        ("R.R. #2, Box 15-A, Troy MI 48007", "US|48007|RR 2 BOX 15A|"),
        ("RFD 2 Box 15A Troy MI 48007", "US|48007|RR 2 BOX 15A|"),
        ("Highway Contract Route 7 Box 3, Elko NV 89801", "US|89801|HC 7 BOX 3|"),
        ("PSC 41, Box 77, APO, AE 09464-0001", "US|09464|PSC 41 BOX 77|"),
        ("General Delivery, Elko NV 89801", "US|89801|GENERAL DELIVERY|"),
        ("9 Pine Rd, Springfield, Illinois", "US|SPRINGFIELD|IL|9 PINE RD|"),
        ("500 Ocean Ave N Bldg C Apt 4, Elko NV 89801", "US|89801|500 OCEAN AVE N|4 BLDG C"),
        ("500 Fifth Avenue 3rd Floor, New York NY 10110", "US|10110|500 5 AVE|FL 3"),
        ("77 Wall St New York NY 10005", "US|10005|77 WALL ST|"),
        ("77 Bowery New York NY 10002", "US|10002|77 BOWERY|"),
        ("12 Mount St Helens Dr Kelso WA 98626", "US|98626|12 MOUNTSAINTHELENS DR|"),
        ("88 FM 1960 Rd W, Houston TX 77069", "US|77069|88 FM1960 W|"),
        ("Urb Los Pinos\n15 Calle A\nSan Juan PR 00926", "US|00926|15 LOSPINOSCALLEA|"),
        ("Urb Los Pinos 15 Calle A, San Juan PR 00926", "US|00926|15 LOSPINOSCALLEA|"),
    ],
)
def test_american_addresses(written: str, household: str) -> None:
    assert parse_post(written).household == household


@each(
    ("written", "region", "household"),
    [
        ("8 rue des Lilas, 69003 Lyon", "US", "FR|69003|8 RUELILAS|"),
        ("8, rue des Lilas\n69003 LYON\nFrance", "US", "FR|69003|8 RUELILAS|"),
        ({"line1": "8 rue des Lilas", "city": "Lyon", "postal_code": "69 003"}, "FR", "FR|69003|8 RUELILAS|"),
        ("Lindenstr. 5a, 80331 München", "US", "DE|80331|5A LINDENSTRASSE|"),
        ("Lindenstraße 5 A, D-80331 München", "US", "DE|80331|5A LINDENSTRASSE|"),
        ("Linden-Strasse 5a\n80331 Muenchen\nDeutschland", "US", "DE|80331|5A LINDENSTRASSE|"),
        ("Flat 2, 12 Mill Lane, Leeds LS1 4AP", "US", "GB|LS14AP|12 MILL LN|2"),
        ("12 Mill Ln\nFlat 2\nLeeds\nLS14AP\nUK", "US", "GB|LS14AP|12 MILL LN|2"),
        ("4-90 Lake Road, Toronto, ON M5V 2T6", "US", "CA|M5V2T6|90 LAKE RD|4"),
        ("90 Lake Rd Unit 4, Toronto ON M5V 2T6 Canada", "US", "CA|M5V2T6|90 LAKE RD|4"),
        ("〒604-8005 京都市中京区恵比須町１−２", "US", "JP|6048005|京都市中京区恵比須町1-2|"),
        ("Dorpsstraat 5, 3512 AB Utrecht", "US", "NL|3512AB|5 DORPSSTRAAT|"),
        ("Storgatan 12\n111 22 Stockholm\nSweden", "US", "SE|11122|12 STORGATAN|"),
        ("Ringgasse 3, 1010 Wien", "AT", "AT|1010|3 RINGGASSE|"),
        ("18 Nathan Rd, Hong Kong, Hong Kong", "US", "HK|HONG KONG||18 NATHAN RD|"),
    ],
)  # fmt: skip
def test_foreign_addresses(written: str | Mapping[str, str], region: str, household: str) -> None:
    assert parse_post(written, region).household == household


@each(
    ("written", "code"),
    [
        ("", "empty"),
        ("x" * 100_000, "too_long"),
        ({"line1": "x" * 100_000, "city": "y"}, "too_long"),
        ("48 Elm St", "no_postal_code"),
        ("48 Elm St, Springfield", "no_postal_code"),
        ("Elm St, Springfield IL 62701", "no_house_number"),
        ({"city": "Springfield", "region": "IL", "postal_code": "62701"}, "no_street"),
        ({"line1": "48 Elm St", "city": "Springfield", "country": "Ruritania"}, "unknown_country"),
        ("Ringweg 3, 1010 Irgendwo", "ambiguous"),
    ],
)
def test_what_makes_no_key_is_refused_with_its_reason(written: str | Mapping[str, str], code: str) -> None:
    with pytest.raises(InvalidAddress) as refused:
        parse_post(written)
    assert refused.value.code == code


@each(
    ("written", "normal"),
    [
        ("Ida Oak", "IDA OAK"),
        ("Ms. Ida Q. Oak, PhD", "IDA OAK"),
        ("Oak, Ida", "IDA OAK"),
        ("Oak, Ida Q.", "IDA OAK"),
        ("Dr Zoë Núñez-Oak", "ZOE NUNEZ OAK"),
        ("Ed Oak Jr.", "ED OAK JR"),
        ("Ed Oak, Jr.", "ED OAK JR"),
        ("E. Oak", "E OAK"),
        ("O'Hara, Rosa May", "ROSA MAY OHARA"),
        ("", ""),
    ],
)
def test_a_persons_name(written: str, normal: str) -> None:
    assert person_name(written) == normal


def test_a_person_is_a_name_in_a_household() -> None:
    address = parse_post("Ms. Ida Oak\n48 Elm St Apt 101\nSpringfield, IL 62701")
    assert address.person == f"{HOME}|IDA OAK"
    assert (address.street, address.unit, address.city, address.region) == ("48 ELM ST", "101", "SPRINGFIELD", "IL")
    assert parse_post("48 Elm St Apt 101\nSpringfield, IL 62701").person == ""


def test_the_door_gives_each_channel_its_form() -> None:
    assert normal_form("post", "48 Elm St #101, Springfield IL 62701") == HOME
    assert normal_form("email", "Rosa@Garden.example") == "rosa@garden.example"
    assert normal_form("sms", "(202) 555-0143", "US") == "+12025550143"
    with pytest.raises(InvalidAddress):
        normal_form("email", {"line1": "48 Elm St"})


WORDS = st.sampled_from(
    [
        *("12", "4B", "1/2", "1ST", "ONE", "62701", "75002", "W1A 1AA", "#", ",", "\n", "-", "/", "."),
        *("APT", "UNIT", "FLOOR", "PO", "BOX", "RR", "HC", "PSC", "URB", "ST", "AVENUE", "N", "MAIN", "rue", "BIS"),
        *("NEW", "YORK", "PARIS", "IL", "DE", "US"),
    ]
)


@given(st.text(max_size=120) | st.lists(WORDS, max_size=14).map(" ".join), st.sampled_from(["US", "GB", "FR", "JP"]))
def test_no_text_breaks_the_parser(written: str, region: str) -> None:
    try:
        household = parse_post(written, region).household
    except InvalidAddress:
        return
    assert household.count("|") >= 3
