"""The other words of a postal address as tables: directions, units (Publication 28, C2), states, highways, boxes."""

from types import MappingProxyType

DIRECTIONS = MappingProxyType(
    {
        "N": "N", "NORTH": "N", "S": "S", "SOUTH": "S", "SO": "S", "E": "E", "EAST": "E", "W": "W", "WEST": "W",
        "NE": "NE", "NORTHEAST": "NE", "NW": "NW", "NORTHWEST": "NW",
        "SE": "SE", "SOUTHEAST": "SE", "SW": "SW", "SOUTHWEST": "SW",
    }
)  # fmt: skip
DIRECTION_NAMES = {
    "N": "NORTH", "S": "SOUTH", "E": "EAST", "W": "WEST",
    "NE": "NORTHEAST", "NW": "NORTHWEST", "SE": "SOUTHEAST", "SW": "SOUTHWEST",
}  # fmt: skip

# Units that have a number or letter. APT, UNIT, FLAT and # name a home in the same way, so they are one word to us: "".
UNITS = {
    "#": "", "NO": "", "NUM": "", "NUMBER": "", "APT": "", "APARTMENT": "", "APTMT": "", "UNIT": "", "FLAT": "",
    "BLDG": "BLDG", "BUILDING": "BLDG", "BLD": "BLDG", "TOWER": "BLDG", "BLOCK": "BLOCK",
    "DEPT": "DEPT", "DEPARTMENT": "DEPT", "FL": "FL", "FLOOR": "FL", "FLR": "FL",
    "HNGR": "HNGR", "HANGAR": "HNGR", "HANGER": "HNGR", "KEY": "KEY", "LOT": "LOT", "PIER": "PIER",
    "RM": "RM", "ROOM": "RM", "SLIP": "SLIP", "SPC": "SPC", "SPACE": "SPC", "STOP": "STOP",
    "STE": "STE", "SUITE": "STE", "TRLR": "TRLR", "TRAILER": "TRLR", "PMB": "PMB", "MSC": "MSC",
    "OFC": "OFC", "OFFICE": "OFC", "PH": "PH", "PENTHOUSE": "PH",
}  # fmt: skip
# Units that say where in the house, with nothing after them.
PLACES_IN_HOUSE = {
    "BSMT": "BSMT", "BASEMENT": "BSMT", "FRNT": "FRNT", "FRONT": "FRNT", "LBBY": "LBBY", "LOBBY": "LBBY",
    "LOWR": "LOWR", "LOWER": "LOWR", "UPPR": "UPPR", "UPPER": "UPPR", "REAR": "REAR", "SIDE": "SIDE",
    "OFC": "OFC", "OFFICE": "OFC", "PH": "PH", "PENTHOUSE": "PH",
}  # fmt: skip

STATES = {
    "ALABAMA": "AL", "ALASKA": "AK", "AMERICAN SAMOA": "AS", "ARIZONA": "AZ", "ARKANSAS": "AR", "CALIFORNIA": "CA",
    "COLORADO": "CO", "CONNECTICUT": "CT", "DELAWARE": "DE", "DISTRICT OF COLUMBIA": "DC", "FLORIDA": "FL",
    "GEORGIA": "GA", "GUAM": "GU", "HAWAII": "HI", "IDAHO": "ID", "ILLINOIS": "IL", "INDIANA": "IN", "IOWA": "IA",
    "KANSAS": "KS", "KENTUCKY": "KY", "LOUISIANA": "LA", "MAINE": "ME", "MARYLAND": "MD", "MASSACHUSETTS": "MA",
    "MICHIGAN": "MI", "MINNESOTA": "MN", "MISSISSIPPI": "MS", "MISSOURI": "MO", "MONTANA": "MT", "NEBRASKA": "NE",
    "NEVADA": "NV", "NEW HAMPSHIRE": "NH", "NEW JERSEY": "NJ", "NEW MEXICO": "NM", "NEW YORK": "NY",
    "NORTH CAROLINA": "NC", "NORTH DAKOTA": "ND", "NORTHERN MARIANA ISLANDS": "MP", "OHIO": "OH", "OKLAHOMA": "OK",
    "OREGON": "OR", "PENNSYLVANIA": "PA", "PUERTO RICO": "PR", "RHODE ISLAND": "RI", "SOUTH CAROLINA": "SC",
    "SOUTH DAKOTA": "SD", "TENNESSEE": "TN", "TEXAS": "TX", "UTAH": "UT", "VERMONT": "VT", "VIRGIN ISLANDS": "VI",
    "VIRGINIA": "VA", "WASHINGTON": "WA", "WEST VIRGINIA": "WV", "WISCONSIN": "WI", "WYOMING": "WY",
    "MARSHALL ISLANDS": "MH", "MICRONESIA": "FM", "PALAU": "PW",
}  # fmt: skip
MILITARY_STATES = frozenset({"AA", "AE", "AP"})
STATE_CODES = frozenset(STATES.values()) | MILITARY_STATES
STATES_THAT_ARE_CITIES = frozenset({"NEW YORK", "WASHINGTON"})

# First digits of a ZIP code → state, longest first (USPS Labeling List L002).
ZIP_STATES = {
    "AL": "35 36", "AK": "995 996 997 998 999", "AZ": "85 86", "AR": "716 717 718 719 72",
    "CA": "90 91 92 93 94 95 960 961",
    "CO": "80 81", "CT": "06", "DC": "200 202 203 204 205 569", "DE": "197 198 199", "FL": "32 33 34",
    "GA": "30 31 398 399",
    "GU": "969", "HI": "967 968", "IA": "50 51 52", "ID": "832 833 834 835 836 837 838", "IL": "60 61 62",
    "IN": "46 47",
    "KS": "66 67", "KY": "40 41 42", "LA": "70 710 711 712 713 714",
    "MA": "010 011 012 013 014 015 016 017 018 019 02 055",
    "MD": "206 207 208 209 21", "ME": "039 04", "MI": "48 49", "MN": "55 560 561 562 563 564 565 566 567",
    "MO": "63 64 65", "MS": "386 387 388 389 39", "MT": "59", "NC": "27 28", "ND": "58", "NE": "68 69",
    "NH": "030 031 032 033 034 035 036 037 038", "NJ": "07 08", "NM": "87 880 881 882 883 884", "NV": "889 89",
    "NY": "005 10 11 12 13 14", "OH": "43 44 45", "OK": "73 74", "OR": "97",
    "PA": "15 16 17 18 190 191 192 193 194 195 196",
    "PR": "006 007 009", "RI": "028 029", "SC": "29", "SD": "57", "TN": "37 380 381 382 383 384 385",
    "TX": "75 76 77 78 79 733 885", "UT": "84",
    "VA": "201 220 221 222 223 224 225 226 227 228 229 23 240 241 242 243 244 245 246",
    "VI": "008", "VT": "05", "WA": "980 981 982 983 984 985 986 988 989 990 991 992 993 994", "WI": "53 54",
    "WV": "247 248 249 25 26", "WY": "82 830 831", "AE": "09", "AA": "340", "AP": "962 963 964 965 966",
}  # fmt: skip
STATE_OF_ZIP_PREFIX = {prefix: state for state, prefixes in ZIP_STATES.items() for prefix in prefixes.split()}


def state_of_zip(postal_code: str) -> str:
    """Give the state that a ZIP code lies in, or "" where its first digits do not tell."""
    return STATE_OF_ZIP_PREFIX.get(postal_code[:3]) or STATE_OF_ZIP_PREFIX.get(postal_code[:2], "")


# Highways (Publication 28, Appendix F): how they are written → standard name, to be followed by a number or letter.
HIGHWAYS = {
    "COUNTY HIGHWAY": "COUNTY HIGHWAY,COUNTY HWY,CNTY HWY,CO HWY,CO HIGHWAY,CH",
    "COUNTY ROAD": "COUNTY ROAD,COUNTY RD,CNTY RD,CNTY ROAD,CO RD,CO ROAD,CR,COUNTY ROUTE,COUNTY RTE,COUNTY RT",
    "FM": "FM,FM ROAD,FM RD,FARM TO MARKET,FARM TO MARKET ROAD,FARM TO MARKET RD,F M",
    "RANCH ROAD": "RANCH ROAD,RANCH RD,RANCH TO MARKET ROAD,RANCH TO MARKET",
    "HIGHWAY": "HIGHWAY,HWY,HIWAY,HWAY",
    "INTERSTATE": "INTERSTATE,INTERSTATE HIGHWAY,INTERSTATE HWY,I,IH",
    "ROUTE": "ROUTE,RTE,RT",
    "STATE HIGHWAY": "STATE HIGHWAY,STATE HWY,ST HIGHWAY,ST HWY,SH",
    "STATE ROAD": "STATE ROAD,STATE RD,ST ROAD,ST RD",
    "STATE ROUTE": "STATE ROUTE,STATE RTE,STATE RT,ST ROUTE,ST RTE,ST RT,SR",
    "TOWNSHIP ROAD": "TOWNSHIP ROAD,TOWNSHIP RD,TWP ROAD,TWP RD,TSR",
    "US HIGHWAY": "US HIGHWAY,US HWY,U S HIGHWAY,U S HWY,US ROUTE,US RTE,US RT,US",
}
HIGHWAY_OF = {tuple(spelling.split()): name for name, row in HIGHWAYS.items() for spelling in row.split(",")}
LONGEST_HIGHWAY = max(map(len, HIGHWAY_OF))

# Rural routes and highway contract routes (Publication 28, 24 and 25), to be followed by a number, BOX and a number.
ROUTES = {
    "RR": "RR,R R,RURAL ROUTE,RURAL RT,RURAL RTE,RFD,RFD ROUTE,RFD RT,RFD RTE,R F D,RD,R D,ROUTE,RTE,RT",
    "HC": "HC,H C,HCR,HC ROUTE,HIGHWAY CONTRACT,HIGHWAY CONTRACT ROUTE,STAR ROUTE,STAR RT,STAR RTE",
}
ROUTE_OF = {tuple(spelling.split()): name for name, row in ROUTES.items() for spelling in row.split(",")}
LONGEST_ROUTE = max(map(len, ROUTE_OF))
# Post office boxes (Publication 28, 28).
BOXES = """
PO BOX,P O BOX,POST OFFICE BOX,POSTOFFICE BOX,POST BOX,POSTAL BOX,PO B,P O B,POB,POBOX,PO BX,PO
PO BOX NUMBER,PO BOX NO,PO BOX NUM,BOX,BOX NUMBER,BOX NO,LOCKBOX,LOCK BOX
POST OFFICE DRAWER,P O DRAWER,PO DRAWER,DRAWER,CALLER,FIRM CALLER,CALLER BOX,BIN
"""
BOX_WORDS = frozenset(tuple(spelling.split()) for spelling in BOXES.strip().replace("\n", ",").split(","))
LONGEST_BOX = max(map(len, BOX_WORDS))
URBANIZATION = frozenset({"URB", "URBANIZACION"})  # Puerto Rico (Publication 28, 29)
MILITARY_UNITS = frozenset({"PSC", "UNIT", "CMR"})
GENERAL_DELIVERY = frozenset({("GENERAL", "DELIVERY"), ("GEN", "DELIVERY"), ("GEN", "DEL"), ("GEN", "DELIV")})

# After these a landmark follows, not the street.
LANDMARK_WORDS = frozenset({"NEAR", "BETWEEN", "BET", "BTWN", "AT", "OPPOSITE", "OPP", "ACROSS", "BEHIND", "OFF"})

# What people shorten inside a street or city name.
NAME_WORDS = {"MT": "MOUNT", "MTN": "MOUNTAIN", "FT": "FORT", "STE": "SAINTE", "PT": "POINT"}
# Streets with a name for each of several ways to write it.
NAMED_AFTER = {
    "MLK": "MARTIN LUTHER KING", "M L KING": "MARTIN LUTHER KING", "ML KING": "MARTIN LUTHER KING",
    "M L K": "MARTIN LUTHER KING", "MARTIN L KING": "MARTIN LUTHER KING", "MARTIN LUTHER KING": "MARTIN LUTHER KING",
    "JFK": "JOHN F KENNEDY", "J F KENNEDY": "JOHN F KENNEDY", "JOHN F KENNEDY": "JOHN F KENNEDY",
    "FDR": "FRANKLIN D ROOSEVELT", "FRANKLIN D ROOSEVELT": "FRANKLIN D ROOSEVELT",
}  # fmt: skip
NAMED_AFTER_WORDS = {tuple(spelling.split()): tuple(name.split()) for spelling, name in NAMED_AFTER.items()}
HONOURS = frozenset({"DR", "DOCTOR", "REV", "REVEREND", "PRES", "PRESIDENT", "HON"})
GENERATIONS = frozenset({"JR", "JUNIOR", "SR", "SENIOR"})
