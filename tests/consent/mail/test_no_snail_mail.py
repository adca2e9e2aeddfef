"""NO SNAIL MAIL: the subject in its variants, and the letter below it."""

import pytest

from tests.consent.mail.letters import HOME, UNSUBSCRIBE, decide, outcome
from tests.each import each

REQUESTS = [
    "NO SNAIL MAIL",
    "no snail mail",
    "No snail-mail!!!",
    '"NO SNAIL MAIL"',
    "“No Snail Mail”",
    "NO SNAILMAIL",
    "NoSnailMail",
    "No_Snail_Mail",
    "*** NO  SNAIL   MAIL ***",
    "Re: Fwd: Re: No snail mail",
    "FW: no snail mail please",
    "Please, no more snail mail",
    "I want no snail mail",
    "Request: NO SNAIL MAIL",
    "NO SNAIL MAIL - Jane Roe",
    "NO SNIAL MAIL",
    "Stop snail mail",
    "Opt out of snail mail",
    "Snail mail opt-out",
    "Remove me from snail mail",
    "no more postal mail",
    "N\u200bO SNAIL MAIL",
    "ＮＯ ＳＮＡＩＬ ＭＡＩＬ",
    "=?utf-8?q?NO_SNAIL_MAIL?=",
    "=?utf-8?b?Tk8gU05BSUwgTUFJTA==?=",
    "=?iso-8859-1?Q?NO_SN?=\n =?iso-8859-1?Q?AIL_MAIL?=",
    "NO SNAIL\n\tMAIL",
    "Keine Briefpost",
    "Plus de courrier postal",
]
OPPOSITES = ["I love snail mail", "Please SEND snail mail", "More snail mail please", "Don't stop the snail mail!"]


@each("subject", REQUESTS)
def test_asks_for_post_only(subject: str) -> None:
    assert outcome(HOME, subject=subject, to=UNSUBSCRIBE) == ("none", "suppress")


@each("subject", REQUESTS)
def test_without_an_address_a_person_looks(subject: str) -> None:
    assert outcome("Thanks!", subject=subject, to=UNSUBSCRIBE) == ("none", "review")


@pytest.mark.parametrize("subject", OPPOSITES)
def test_the_opposite(subject: str) -> None:
    assert outcome(f"No, really, keep it coming\n{HOME}", subject=subject, to=UNSUBSCRIBE) == ("none", "none")


def test_a_remark_is_no_request() -> None:
    assert outcome(HOME, subject="Why did I get no snail mail?") == ("none", "review")


@each(
    ("more", "email"),
    [
        ("and no more emails either", "suppress"),
        ("Please also stop emailing me.", "suppress"),
        ("Do not contact me again.", "suppress"),
        ("But please keep emailing me!", "none"),
        ("E-mail is fine.", "none"),
        ("Please take me off your mailing list.", "none"),
    ],
)
def test_email_beside_it(more: str, email: str) -> None:
    assert outcome(f"{HOME}\n\n{more}", subject="NO SNAIL MAIL", to=UNSUBSCRIBE) == (email, "suppress")


def test_several_people() -> None:
    body = f"{HOME}\n\nand my mother\n\nAnn Roe\n5 Oak Ave\nReno, NV 89502-1234"
    assert decide(body, subject="NO SNAIL MAIL").names == ("JANE ROE", "ANN ROE")


def test_address_in_the_signature() -> None:
    assert outcome(f"Thanks\n-- \n{HOME}", subject="NO SNAIL MAIL") == ("none", "suppress")


def test_address_in_html_only() -> None:
    body = "<p>Jane&nbsp;Roe</p><p>102 Main St Apt&#32;4</p><p>Reno, NV 89501</p>"
    decision = decide(body, subject="NO SNAIL MAIL", content_type="text/html; charset=utf-8")
    assert [(one.name, one.household) for one in decision.addresses] == [("JANE ROE", "US|89501|102 MAIN ST|4")]


def test_a_forward_is_somebody_elses_letter() -> None:
    body = f"please handle\n\n---------- Forwarded message ---------\nFrom: Jane <j@home.example>\n\n{HOME}"
    decision = decide(body, subject="Fwd: NO SNAIL MAIL")
    assert (decision.post, decision.names) == ("review", ("JANE ROE",))
