"""Ordinary mail that nobody asks anything with: invoices, calendars, receipts, newsletters in twenty languages, list
software, bug trackers, patches, disclaimers (`cases/ordinary_mail.txt`).

And the other side: what people write above, between and below such words is read all the same.
"""

from email import message_from_string

import pytest

from consent.classify.mail import classify_mail
from consent.classify.mail_decision import MailDecision
from consent.classify.mail_feet import FEET, Foot, is_caption, is_foot, speaks_of_self
from consent.intake.mail import parse_mail
from tests.consent.mail.letters import HELLO, UNSUBSCRIBE, decide
from tests.consent.mail.list_mail import pieces
from tests.each import each

MESSAGES = pieces("ordinary_mail.txt")
NEWSLETTER = """GARDEN NEWS | October
Roses, tulips and more

You are receiving this because you signed up at our shop.
Update your preferences | Unsubscribe
Garden Inc., 12 Pine Dr, Flint, MI 48503
"""


def read(message: str, to: str, html: bool = False) -> MailDecision:
    head, _, body = message.partition("\n\n")
    to_line = "" if "\nTo:" in head else f"\nTo: {to}"
    if html and "Content-Type" not in head:
        body = "<html><body><p>" + body.replace("\n\n", "</p><p>").replace("\n", "<br>\n") + "</p></body></html>"
    kind = "" if "Content-Type" in head else f"\nContent-Type: text/{'html' if html else 'plain'}; charset=utf-8"
    return classify_mail(parse_mail(f"{head}{to_line}{kind}\n\n{body}\n".encode()))


def subject(message: str) -> str:
    return str(message_from_string(message)["subject"])


@pytest.mark.parametrize("html", [False, True])
def test_nothing_is_asked(html: bool) -> None:
    wrong = [(subject(one), made.row) for one in MESSAGES for made in [read(one, HELLO, html)] if made.asks]
    assert wrong == []
    assert len(MESSAGES) > 60


def test_nothing_is_asked_where_only_the_text_is_left() -> None:
    texts = [one.partition("\n\n")[2] for one in MESSAGES if "Content-Type" not in one and "majordomo" not in one]
    wrong = [(text[:60], made.row) for text in texts for made in [decide(text, subject="hello")] if made.asks]
    assert wrong == []


def test_at_a_mailbox_for_opting_out_it_is_no_post_and_no_texts() -> None:
    decisions = [read(one, UNSUBSCRIBE) for one in MESSAGES]
    assert [made.row for made in decisions if "suppress" in (made.post, made.sms)] == []


@each("foot", FEET)
def test_each_row_of_the_feet(foot: Foot) -> None:
    tests = {"foot": is_foot, "caption": is_caption, "first": speaks_of_self, "within": speaks_of_self}
    assert tests[foot.kind](foot.example)


@each(
    "text",
    [
        f"Please take me off your list.\n\n{NEWSLETTER}",
        f"{NEWSLETTER}\nPlease take me off your list.",
        f"{NEWSLETTER}\nI never signed up. Unsubscribe me!",
        f"Unsubscribe\n\n{NEWSLETTER}",
        "You are receiving this letter because I want no more e-mails from you. Unsubscribe me.",
        "I received this email in error. Please remove me from your list.",
        "I clicked on unsubscribe, and it does not work. Stop sending me emails.",
        "Your roses were lovely this year, and the weather was fine at last, thank you all. Please unsubscribe me.",
        "If you want to keep us as friends, stop sending us emails.",
        "I replied STOP three times. Do not e-mail me again.",
        "I had my lawyer in Cc last week. Remove my address from your list.",
        "def send(me): pass  # a joke\nI am a programmer, and I want no more e-mails. Please remove me from your list.",
    ],
)
def test_a_person_beside_such_words_is_heard(text: str) -> None:
    assert decide(text).email == "suppress"


def test_a_command_for_other_people_s_list_software_is_none_for_us() -> None:
    assert not decide("unsubscribe garden-l", to="listserv@lists.far.example").asks
    assert not decide("unsubscribe garden-l", to="garden-request@lists.far.example").asks
    assert decide("unsubscribe garden-l", to=f"listserv@lists.far.example, {HELLO}").email == "suppress"
    assert decide("unsubscribe", to="data-request@acme.example").email == "suppress"


def test_a_click_of_a_mail_program_counts_though_nobody_answers_there() -> None:
    token = "unsubscribe+k2jf93kd02mf@acme.example"
    made = decide(subject="unsubscribe", to=token, sender="no-reply@home.example", headers="X-Mailer: Pane 9\n")
    assert (made.email, made.token) == ("suppress", "k2jf93kd02mf")
