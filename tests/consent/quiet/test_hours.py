"""Each state and country with its own rule, to the minute, in its own zone."""

from datetime import UTC, datetime, timedelta

import pytest

from consent.quiet.hours import not_before, not_before_each
from consent.quiet.hours import zone as pinned
from tests.each import each

TUESDAY, THANKSGIVING, SATURDAY, SUNDAY = "2026-11-17", "2026-11-26", "2026-11-14", "2026-11-15"
CHRISTMAS_EVE, CHRISTMAS = "2026-12-24", "2026-12-25"
E, C, M, P = "America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles"
NIGHT = "08:00-21:00"  # S8, and the federal rule


def moment(day: str, clock: str, zone: str) -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=pinned(zone)).astimezone(UTC)


# A number's beginning, the zone that the hours are written in, a day, and the hours in which a text is permitted.
OWN_RULES = [
    ("+1205555", C, TUESDAY, "08:00-20:00"),  # Alabama
    ("+1205555", C, SUNDAY, ""),
    ("+1205555", C, CHRISTMAS, ""),
    ("+1860555", E, TUESDAY, "09:00-20:00"),  # Connecticut
    ("+1860555", E, "2023-09-30", "09:00-21:00"),
    ("+1860555", E, "2023-10-01", "09:00-20:00"),
    ("+1305555", E, TUESDAY, "08:00-20:00"),  # Florida
    ("+1305555", E, "2021-06-30", NIGHT),
    ("+1305555", E, "2021-07-01", "08:00-20:00"),
    ("+1502555", E, SATURDAY, "10:00-21:00"),  # Kentucky
    ("+1504555", C, SATURDAY, "08:00-20:00"),  # Louisiana
    ("+1504555", C, SUNDAY, ""),
    ("+1504555", C, "2026-02-17", ""),  # Mardi Gras
    ("+1617555", E, SUNDAY, "08:00-20:00"),  # Massachusetts
    ("+1301555", E, TUESDAY, "08:00-20:00"),  # Maryland
    ("+1301555", E, "2023-12-31", NIGHT),
    ("+1313555", "America/Detroit", TUESDAY, "09:00-21:00"),  # Michigan
    ("+1612555", C, SUNDAY, "09:00-21:00"),  # Minnesota
    ("+1601555", C, TUESDAY, "08:00-20:00"),  # Mississippi
    ("+1601555", C, SUNDAY, ""),
    ("+1505555", M, TUESDAY, "09:00-21:00"),  # New Mexico
    ("+1702555", P, TUESDAY, "09:00-20:00"),  # Nevada
    ("+1405555", C, TUESDAY, "08:00-20:00"),  # Oklahoma
    ("+1503555", P, TUESDAY, "08:00-20:00"),  # Oregon
    ("+1503555", P, "2025-12-31", NIGHT),
    ("+1215555", E, TUESDAY, NIGHT),  # Pennsylvania
    ("+1215555", E, THANKSGIVING, ""),
    ("+1215555", E, "2026-11-03", ""),  # Election Day
    ("+1401555", E, TUESDAY, "09:00-18:00"),  # Rhode Island
    ("+1401555", E, SATURDAY, "10:00-17:00"),
    ("+1401555", E, SUNDAY, ""),
    ("+1401555", E, "2026-08-10", ""),  # Victory Day
    ("+1605555", C, TUESDAY, "10:00-21:00"),  # South Dakota, in both of its zones
    ("+1605555", C, SATURDAY, ""),
    ("+1512555", C, TUESDAY, "09:00-21:00"),  # Texas
    ("+1512555", C, SATURDAY, "09:00-21:00"),
    ("+1512555", C, SUNDAY, "12:00-21:00"),
    ("+1801555", M, SATURDAY, NIGHT),  # Utah
    ("+1801555", M, SUNDAY, ""),
    ("+1801555", M, "2026-07-24", ""),  # Pioneer Day
    ("+1206555", P, TUESDAY, "08:00-20:00"),  # Washington
    ("+1206555", P, "2022-06-08", NIGHT),
    ("+1307555", M, TUESDAY, "08:00-20:00"),  # Wyoming
]
FEDERAL = [
    (f"+1{codes}", zone)
    for zone, group in (
        (E, "302 202 404 207 603 201 212 919 614 803 802 804 304 317 865"),
        (C, "501 312 515 316 314 402 615 608 901"),
        (M, "303 406"),
        (P, "213 916"),
        ("America/Phoenix", "602 480"),
        ("Pacific/Honolulu", "808"),
        ("America/Puerto_Rico", "787 939"),
        ("America/St_Thomas", "340"),
        ("Pacific/Guam", "671"),
        ("Pacific/Saipan", "670"),
        ("Pacific/Pago_Pago", "684"),
    )
    for codes in group.split()
]
# The strictest of the zones that a number may be in, written in one of them.
SEVERAL_ZONES = [
    ("+1850555", E, TUESDAY, "09:00-20:00"),  # Florida: 8:00 Central to 20:00 Eastern
    ("+1812555", E, TUESDAY, "09:00-21:00"),  # Indiana
    ("+1219555", C, TUESDAY, "08:00-20:00"),
    ("+1270555", E, TUESDAY, "11:00-21:00"),  # Kentucky: 10:00 Central to 21:00 Eastern
    ("+1423555", E, TUESDAY, "09:00-21:00"),  # Tennessee
    ("+1208555", "America/Boise", TUESDAY, "09:00-21:00"),  # Idaho
    ("+1541555", P, TUESDAY, "08:00-19:00"),  # Oregon: 20:00 Mountain
    ("+1701555", C, TUESDAY, "09:00-21:00"),  # North Dakota
    ("+1308555", C, TUESDAY, "09:00-21:00"),  # Nebraska
    ("+1785555", C, TUESDAY, "09:00-21:00"),  # Kansas
    ("+1906555", "America/Detroit", TUESDAY, "10:00-21:00"),  # Michigan
    ("+1915555", M, SUNDAY, "12:00-20:00"),  # Texas: noon Mountain to 21:00 Central
    ("+1775555", P, TUESDAY, "09:00-19:00"),  # Nevada: to 20:00 Mountain
    ("+1928555", "America/Phoenix", TUESDAY, NIGHT),  # Arizona, in winter the same as the Navajo Nation
    ("+1928555", "America/Phoenix", "2026-07-14", "08:00-20:00"),
    ("+1907555", "America/Anchorage", TUESDAY, "09:00-21:00"),  # Alaska with the Aleutians
]
ABROAD = [
    ("+1416555", "America/Toronto", TUESDAY, "09:00-21:00"),
    ("+1416555", "America/Toronto", SATURDAY, "10:00-18:00"),
    ("+1604555", "America/Vancouver", SUNDAY, "10:00-18:00"),
    ("+1709555", "America/St_Johns", TUESDAY, "09:30-21:00"),  # 9:00 in Goose Bay
    ("+1807555", "America/Toronto", "2026-01-20", "10:00-21:00"),  # 9:00 in Kenora
    ("+1250555", "America/Vancouver", TUESDAY, "09:00-20:00"),  # to 21:00 in the east of the province
    ("+442079", "Europe/London", TUESDAY, NIGHT),
    ("+447911", "Europe/London", SUNDAY, "09:00-21:00"),
    ("+336123", "Europe/Paris", TUESDAY, "10:00-13:00 14:00-20:00"),
    ("+336123", "Europe/Paris", SATURDAY, ""),
    ("+336123", "Europe/Paris", "2026-05-14", ""),  # Ascension
    ("+336123", "Europe/Paris", "2023-02-28", NIGHT),
    ("+596696", "America/Martinique", TUESDAY, "10:00-13:00 14:00-20:00"),
    ("+491511", "Europe/Berlin", SUNDAY, NIGHT),
    ("+393331", "Europe/Rome", TUESDAY, "09:00-20:00"),
    ("+393331", "Europe/Rome", CHRISTMAS_EVE, "10:00-19:00"),
    ("+393331", "Europe/Rome", CHRISTMAS, ""),
    ("+346001", "Europe/Madrid", TUESDAY, "10:00-21:00"),  # 9:00 on the Canaries
    ("+346001", "Europe/Madrid", SATURDAY, ""),
    ("+316123", "Europe/Amsterdam", SATURDAY, "10:00-16:00"),
    ("+819012", "Asia/Tokyo", SUNDAY, NIGHT),
    ("+821012", "Asia/Seoul", SUNDAY, NIGHT),
    ("+919812", "Asia/Kolkata", TUESDAY, "10:00-21:00"),
    ("+61291", "Australia/Sydney", TUESDAY, "09:00-20:00"),
    ("+61411", "Australia/Sydney", TUESDAY, "13:30-20:00"),  # 9:00 on the Cocos Islands to 20:00 in Sydney
    ("+61411", "Australia/Sydney", SATURDAY, "13:30-17:00"),
    ("+61411", "Australia/Sydney", SUNDAY, ""),
    ("+79161", "Europe/Moscow", TUESDAY, "09:00-12:00"),  # 8:00 in Kaliningrad to 21:00 in Kamchatka
    ("+77011", "Asia/Almaty", TUESDAY, NIGHT),
    ("+551191", "America/Sao_Paulo", TUESDAY, "09:00-21:00"),
    ("+559291", "America/Manaus", SATURDAY, "10:00-16:00"),
    ("+551191", "America/Sao_Paulo", "2026-09-07", ""),
    ("+573001", "America/Bogota", TUESDAY, "08:00-19:00"),
    ("+573001", "America/Bogota", "2026-11-16", ""),  # a Monday, Independence of Cartagena
    ("+27821", "Africa/Johannesburg", SATURDAY, "09:00-13:00"),
    ("+97150", "Asia/Dubai", TUESDAY, "09:00-18:00"),
    ("+86138", "Asia/Shanghai", TUESDAY, NIGHT),
    ("+84901", "Asia/Ho_Chi_Minh", TUESDAY, NIGHT),
    ("+882161", "UTC", TUESDAY, NIGHT),
]
# Where the day is shorter or longer by an hour, the hours are those of the clock.
CLOCKS_CHANGE = [
    ("+1305555", E, "2026-03-08", "08:00-20:00"),
    ("+1305555", E, "2026-11-01", "08:00-20:00"),
    ("+1602555", "America/Phoenix", "2026-03-08", NIGHT),
    ("+442079", "Europe/London", "2026-03-29", "09:00-21:00"),
    ("+491511", "Europe/Berlin", "2026-10-25", NIGHT),
    ("+56912", "America/Santiago", "2026-09-06", "10:00-21:00"),  # to 8:00 on Easter Island; no midnight that day
]


@each(
    ("beginning", "zone", "day", "hours"),
    [
        *OWN_RULES,
        *((beginning, zone, TUESDAY, NIGHT) for beginning, zone in FEDERAL),
        *SEVERAL_ZONES,
        *ABROAD,
        *CLOCKS_CHANGE,
    ],
)
def test_the_hours_of_a_day_to_the_minute(beginning: str, zone: str, day: str, hours: str) -> None:
    number = beginning + "0100"
    ends = [clock for window in hours.split() for clock in window.split("-")]
    expected: list[tuple[datetime, bool]] = [(moment(day, "00:00", zone), True)] if not ends else []
    for opens, closes in zip(ends[::2], ends[1::2], strict=True):
        first, end = moment(day, opens, zone), moment(day, closes, zone)
        minute = timedelta(minutes=1)
        expected += [(first - minute, True), (first, False), (end - minute, False), (end, True)]
        assert not_before(number, first - minute) == first
    assert [(at, not_before(number, at) is not None) for at, _ in expected] == expected
    latest = not_before(number, expected[-1][0])
    assert latest is not None
    assert latest.astimezone(pinned(zone)).date().isoformat() > day


def test_a_day_without_hours_is_skipped() -> None:
    assert not_before("+12055550123", moment(SATURDAY, "20:00", C)) == moment("2026-11-16", "08:00", C)
    # Good Friday to Easter Monday, in France a weekend and a holiday.
    assert not_before("+33612345678", moment("2026-04-03", "20:00", "Europe/Paris")) == moment(
        "2026-04-07", "10:00", "Europe/Paris"
    )


def test_a_day_that_a_zone_never_had_is_skipped() -> None:
    # Samoa went from 29 to 31 December 2011.
    assert not_before("+685721234", datetime(2011, 12, 30, 9, tzinfo=UTC)) == datetime(2011, 12, 30, 18, tzinfo=UTC)


@pytest.mark.parametrize("number", ["+18005550100", "+15005550100", "+19995550100", "+17105550100"])
def test_what_may_be_in_any_state_waits_for_all(number: str) -> None:
    # 8:00 in Hawaii, 18:00 in Rhode Island; nothing at all on Saturday's evening and on Sunday.
    noon = moment(TUESDAY, "12:00", "UTC")
    assert not_before(number, noon) == moment(TUESDAY, "08:00", "Pacific/Honolulu")
    assert not_before(number, moment(TUESDAY, "17:59", E)) is None
    assert not_before(number, moment(TUESDAY, "18:00", E)) == moment("2026-11-18", "08:00", "Pacific/Honolulu")
    sunday = not_before(number, moment(SUNDAY, "12:00", P))
    assert sunday == moment("2026-11-16", "08:00", "Pacific/Honolulu")


def test_any_zone_may_ask() -> None:
    asked = datetime.fromisoformat("2026-11-17T07:30:00-05:00")
    assert not_before("+13055550100", asked) == not_before("+13055550100", asked.astimezone(UTC))


@pytest.mark.parametrize("year", [1, 1970, 9000, 9999])
def test_years_without_texts_are_not_quiet(year: int) -> None:
    assert not_before("+13055550100", datetime(year, 1, 1, 3, tzinfo=UTC)) is None


def test_many_are_answered_as_each() -> None:
    numbers = ["+13055550100", "+442079460000", "+13055550101", "+33612345678", "+12055550100", "+8821612345"]
    for day in (TUESDAY, SUNDAY):
        at = moment(day, "22:30", "UTC")
        assert list(not_before_each(numbers, at)) == [not_before(number, at) for number in numbers]
