"""Two addresses are one home, are not, or need a person to look. The worst error is True for two homes."""

from hypothesis import given
from hypothesis import strategies as st

from consent.normalise.post import Address, compare
from tests.each import each

SAME = [
    ("18 N Birch Ave", "18 North Birch Avenue"),
    ("18 NE Birch", "18 N.E. Birch Ave."),
    ("18 Birch Ave South", "18 Birch Avenue S"),
    ("18 W 31st St", "18 West 31 Street"),
    ("18 Fifth Ave", "18 5th Avenue"),
    ("18 Twenty-First St", "18 21st St"),
    ("Twelve Birch Rd", "12 Birch Road"),
    ("Eighteen oh two Birch Rd", "1802 Birch Road"),
    ("Two hundred ten Birch Rd", "210 Birch Rd"),
    ("18 ½ Birch Rd", "18 1/2 Birch Rd"),
    ("18-A Birch Rd", "18 A Birch Rd"),
    ("18 16 E 40th St", "18-16 E 40th St"),
    ("18 St Anne St", "18 Saint Anne Street"),
    ("18 La Mesa Dr", "18 LaMesa Drive"),
    ("18 South Gate Rd", "18 Southgate Road"),
    ("18 Lake Shore", "18 Lake Shore Drive"),
    ("18 Avenue K", "18 Ave K"),
    ("18 County Rd 7", "18 CR 7"),
    ("18 US-31", "18 US Highway 31"),
    ("18 MLK Blvd", "18 Dr. Martin Luther King Jr Boulevard"),
    ("18 Mill Crk Rd", "18 Mill Creek Road"),
    ("18 Birch Rd Fl 2", "18 Birch Rd 2nd Floor"),
    ("18 Birch Rd Apt. C-3", "18 Birch Rd # C3"),
    ("18 Birch Rd 4B", "Unit 4B, 18 Birch Rd"),
    ("18 Birch Rd Bldg 2 Apt 4", "18 Birch Rd, Apt 4, Building 2"),
    ("18 Birch Rd Galleria Mall, Dayton", "18 Birch Rd, Dayton"),
    ("18 Birch Rd near the old mill, Dayton", "18 Birch Rd between 5th and 6th Ave, Dayton"),
    ("18 Birch Rd Dayton", "18 Birch Rd, Dayton"),
    ("18 Birch Rd, St Paul MN", "18 Birch Road, Saint Paul, Minnesota"),
    ("18 Birch Rd, NYC", "18 Birch Rd, New York"),
    ("18 Birch Rd Dayton OH 45402-1111", "18 Birch Rd, Kettering 45402-2222"),
    ("RR 2 Box 15 Birch Rd", "RURAL ROUTE 02 BOX 15"),
    ("PO Drawer B", "PO Box B"),
    ("5 rue du Four, 75006 Paris", "5, rue du Four, 75006 PARIS, FRANCE"),
]
DIFFERENT = [
    ("18 Birch Rd Apt 1", "18 Birch Rd Apt 2"),
    ("18 Birch Rd Bldg A Apt 1", "18 Birch Rd Bldg B Apt 1"),
    ("18 Birch Rd Rear", "18 Birch Rd"),
    ("18 Birch Rd PMB 7", "18 Birch Rd PMB 8"),
    ("18 Birch Rd", "20 Birch Rd"),
    ("18 Birch Rd", "18A Birch Rd"),
    ("18 Birch Rd", "18 1/2 Birch Rd"),
    ("18 Birch Rd", "18 Birch Ln"),
    ("18 N Birch Rd", "18 S Birch Rd"),
    ("18 Birch St NW", "18 Birch St SW"),
    ("18 Avenue S", "18 S Avenue"),
    ("18 Avenue C", "18 Avenue D"),
    ("18 Highway 10", "18 Highway 101"),
    ("18 St Anne St", "18 Anne St"),
    ("18 E 200 S, Provo UT", "200 S 18 E, Provo UT"),
    ("PO Box 18, Provo UT 84601", "18 Box St, Provo UT 84601"),
    ("RR 2 Box 15", "HC 2 Box 15"),
    ("RR 2 Box 15", "RR 2 Box 15B"),
    ("18 Birch Rd, Dayton OH", "18 Birch Rd, Dayton TN"),
    ("18 Birch Rd, Dayton OH 45402", "18 Birch Rd, Salem OR 97301"),
    ("5 rue du Four, 75006 Paris", "7 rue du Four, 75006 Paris"),
    ("Lindenstr. 5, 80331 München", "Lindenstr. 5a, 80331 München"),
    ("12 Mill Lane, Leeds LS1 4AP", "12 Mill Lane, Troy MI 48007"),
]
REVIEW = [
    ("18 Birch Rd", "18 Birch Rd Apt 2"),
    ("18 Birch Rd Apt 2", "18 Birch Rd Ste 2"),
    ("18 Birch Rd", "18 N Birch Rd"),
    ("18 S Gate Rd", "18 Southgate Rd"),
    ("18 N Ave", "18 North Ave"),
    ("18 E 114THR St", "18 E 114th St"),
    ("18 Winslow Rd", "18 Wisnlow Rd"),
    ("18-16 Birch Rd", "1816 Birch Rd"),
    ("18 Birch Rd", "18 Birch Rd, Dayton OH 45402"),
    ("18 Birch Rd, Dayton OH 45402", "18 Birch Rd, Dayton OH 45403"),
    ("18 King Blvd", "18 Martin Luther King Dr"),
    ("18 Birch Rd", ""),
    ("Ringweg 3, 1010 Irgendwo", "Ringweg 3, 1010 Irgendwo"),
]


@each(("first", "second"), SAME)
def test_the_same_home(first: str, second: str) -> None:
    assert compare(first, second) is True
    assert compare(second, first) is True


@each(("first", "second"), DIFFERENT)
def test_two_homes(first: str, second: str) -> None:
    assert compare(first, second) is False
    assert compare(second, first) is False


@each(("first", "second"), REVIEW)
def test_in_doubt_a_person_looks(first: str, second: str) -> None:
    assert compare(first, second) == "review"
    assert compare(second, first) == "review"


def test_fields_and_text_are_compared_alike() -> None:
    fields: Address = {"name": "Ida Oak", "line1": "18 Birch Road", "city": "Dayton", "region": "Ohio"}
    assert compare(fields, "18 Birch Rd, Dayton OH") is True


NUMBERS = st.integers(1, 9999)
STREETS = st.sampled_from(["Birch", "N Elm", "Lake View", "5th", "St Anne", "Martin Luther King"])
SUFFIXES = st.sampled_from(["St", "Ave", "Road", "Boulevard", "Ct"])


@given(NUMBERS, NUMBERS, STREETS, SUFFIXES)
def test_another_house_number_is_never_the_same_home(first: int, second: int, street: str, suffix: str) -> None:
    town = "Dayton OH 45402"
    assert (compare(f"{first} {street} {suffix}, {town}", f"{second} {street} {suffix} {town}") is True) == (
        first == second
    )


@given(NUMBERS, NUMBERS, STREETS, SUFFIXES, st.sampled_from(["Apt {}", "#{}", "Unit {}", "Ste {}", "Fl {}", "Bldg {}"]))
def test_another_unit_is_never_the_same_home(first: int, second: int, street: str, suffix: str, unit: str) -> None:
    one, other = (f"18 {street} {suffix} {unit.format(number)}, Dayton OH 45402" for number in (first, second))
    assert (compare(one, other) is True) == (first == second)


@given(SUFFIXES, SUFFIXES, STREETS)
def test_another_suffix_is_never_the_same_home(first: str, second: str, street: str) -> None:
    assert (compare(f"18 {street} {first}", f"18 {street} {second}") is True) == (first == second)
