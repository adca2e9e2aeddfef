"""Postal addresses in the ways that people write them into a letter."""

from consent.classify.mail_address import find_addresses
from tests.each import each

ROE = ("JANE ROE", "US|89501|102 MAIN ST|4")
NO_UNIT = ("JANE ROE", "US|89501|102 MAIN ST|")
CASES = {
    "lines": ("Jane Roe\n102 Main St Apt 4\nReno, NV 89501", [ROE]),
    "lower case": ("jane roe\n102 main st apt 4\nreno nv 89501", [ROE]),
    "blank lines between": ("Jane Roe\n\n102 Main St #4\n\nReno, NV 89501", [ROE]),
    "one line": ("Jane Roe, 102 Main Street #4, Reno 89501", [ROE]),
    "bars": ("Jane Roe | 102 Main St | Reno, NV 89501", [NO_UNIT]),
    "country": ("Jane Roe\n102 Main St\nReno, NV 89501 USA", [NO_UNIT]),
    "telephone below": ("Jane Roe\n102 Main St\nReno, NV 89501\nPhone: 775-555-0100", [NO_UNIT]),
    "form": ("Name: Jane Roe\nAddress: 102 Main St\nApt: 4\nCity: Reno\nState: NV\nZIP: 89501", [ROE]),
    "form in a line": ("Name: Jane Roe, Address: 102 Main St, City: Reno, State: NV, ZIP code: 89501", [NO_UNIT]),
    "form, street and town together": ("Name: Jane Roe\nAddress: 102 Main St, Reno, NV\nZip Code: 89501", [NO_UNIT]),
    "form, first and last": ("First name: Jane\nLast name: Roe\nStreet: 102 Main St\nZip: 89501", [NO_UNIT]),
    "label before lines": ("Address: Jane Roe\n102 Main St\nReno, NV 89501\n\nThanks", [NO_UNIT]),
    "sentence": ("Please stop sending catalogs to Jane Roe, 102 Main St Apt 4, Reno, NV 89501. Thanks.", [ROE]),
    "sentence with a name": ("My name is Jane Roe and I live at 102 Main St, Reno, NV 89501.", [NO_UNIT]),
    "sentence without a name": ("I told you 3 times: nothing to 102 Main St, Reno, NV 89501!", [("", NO_UNIT[1])]),
    "number before": ("JANE ROE 12345 N MAPLE ST RENO NV 89501", [("JANE ROE", "US|89501|12345 N MAPLE ST|")]),
    "box": ("John Doe\nP.O. Box 77\nReno NV 89501", [("JOHN DOE", "US|89501|PO BOX 77|")]),
    "firm": ("Jane Roe\nRoe & Sons Inc.\n102 Main St\nReno, NV 89501", [NO_UNIT]),
    "introduction above": ("Hi,\nplease remove:\nJane Roe\n102 Main St\nReno, NV 89501", [NO_UNIT]),
    "two in a line": (
        "Old: Jane Roe, 1 A St, Reno NV 89501; new: Jane Roe, 2 B St, Reno NV 89502",
        [("JANE ROE", "US|89501|1 A ST|"), ("JANE ROE", "US|89502|2 B ST|")],
    ),
    "no postal code": ("Jane Roe\n102 Main St, Reno, NV", [("JANE ROE", "US|RENO|NV|102 MAIN ST|")]),
    "Germany": ("Hans Muster\nHauptstr. 5\n10115 Berlin", [("HANS MUSTER", "DE|10115|5 HAUPTSTRASSE|")]),
    "United Kingdom": ("Jane Roe\n10 Downing Street\nLondon SW1A 2AA", [("JANE ROE", "GB|SW1A2AA|10 DOWNING ST|")]),
    "twice the same": ("102 Main St, Reno, NV 89501\n\nJane Roe\n102 Main St\nReno, NV 89501", [NO_UNIT]),
    "no street": ("Jane Roe\nReno, NV 89501", []),
    "no town": ("Jane Roe\n102 Main St", []),
    "numbers": ("call 775-555-0100 about order 12345, thanks", []),
    "nothing": ("", []),
}


@each(("text", "found"), CASES.values())
def test_find_addresses(text: str, found: list[tuple[str, str]]) -> None:
    assert [(one.name, one.household) for one in find_addresses(text)] == found
