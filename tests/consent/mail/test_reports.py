"""Failure reports and complaints."""

import pytest

from consent.classify.mail import classify_mail
from consent.classify.mail_bounce_verdict import is_believable, is_hard
from consent.classify.mail_decision import MailDecision
from consent.intake.mail import parse_mail
from tests.each import each

GROUP = "Final-Recipient: rfc822; {0}\nAction: {1}\nStatus: {2}\nDiagnostic-Code: smtp; {3}\n"


def dsn(*groups: str, notice: str = "Sorry.", returned: str = "To: other@far.example\n") -> bytes:
    status = "\n".join(["Reporting-MTA: dns; mx.example\n", *groups])
    return (
        "From: MAILER-DAEMON@mx.example\nTo: bounces@acme.example\nSubject: Undelivered Mail Returned to Sender\n"
        "Auto-Submitted: auto-replied\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n"
        f"--b\n\n{notice}\n--b\nContent-Type: message/delivery-status\n\n{status}\n"
        f"--b\nContent-Type: text/rfc822-headers\n\n{returned}\n--b--\n"
    ).encode()


def decide(raw: bytes) -> MailDecision:
    return classify_mail(parse_mail(raw))


def bounces(raw: bytes) -> list[tuple[str, bool, str]]:
    return [(bounce.recipient, bounce.hard, bounce.status) for bounce in decide(raw).bounces]


@each(
    ("action", "status", "words", "found"),
    [
        ("failed", "5.1.1", "550 no such user", [("a@b.example", True, "5.1.1")]),
        ("Failed", "5.1.1 (bad mailbox)", "550 x", [("a@b.example", True, "5.1.1")]),
        ("failed", "5.0.0", "550 5.1.1 User unknown", [("a@b.example", True, "5.1.1")]),
        ("failed", "5.0.0", "550 user unknown", [("a@b.example", False, "5.0.0")]),
        ("failed", "5.0.0", "550 no such user; reply to RCPT TO", [("a@b.example", True, "5.0.0")]),
        ("failed", "5.0.0", "550 unknown user; reply to DATA command", [("a@b.example", False, "5.0.0")]),
        ("failed", "5.1.351", "550 unknown recipient", [("a@b.example", True, "5.1.351")]),
        ("failed", "5.4.4", "no such host", [("a@b.example", True, "5.4.4")]),
        ("failed", "5.1.1", "554 too many hops, alias loop", [("a@b.example", False, "5.1.1")]),
        ("failed", "5.1.1", "550 declined by the recipient", [("a@b.example", False, "5.1.1")]),
        ("failed", "5.1.1", "550 account suspended", [("a@b.example", False, "5.1.1")]),
        ("failed", "5.2.2", "552 mailbox full", [("a@b.example", False, "5.2.2")]),
        ("failed", "5.1.1", "552 mailbox is full", [("a@b.example", False, "5.1.1")]),
        ("failed", "5.1.1", "550 5.7.1 listed by Spamhaus", [("a@b.example", False, "5.1.1")]),
        ("failed", "5.7.26", "550 DMARC", [("a@b.example", False, "5.7.26")]),
        ("failed", "4.0.0", "451 user unknown for now", [("a@b.example", False, "4.0.0")]),
        ("failed", "4.4.7", "expired", [("a@b.example", False, "4.4.7")]),
        ("failed", "5.0.0", "554 something", [("a@b.example", False, "5.0.0")]),
        ("delayed", "4.4.1", "451 later", []),
        ("delivered", "2.0.0", "250 ok", []),
        ("relayed", "2.0.0", "250 ok", []),
        ("expanded", "2.0.0", "250 ok", []),
    ],
)
def test_delivery_report(action: str, status: str, words: str, found: list[tuple[str, bool, str]]) -> None:
    assert bounces(dsn(GROUP.format("a@b.example", action, status, words))) == found


def test_a_report_asks_for_nothing_itself() -> None:
    decision = decide(dsn(GROUP.format("a@b.example", "failed", "5.1.1", "x"), notice="Please unsubscribe me."))
    assert (decision.email, decision.post, decision.automatic, decision.row) == ("none", "none", True, "bounce.report")


def test_original_before_final_recipient() -> None:
    group = "Original-Recipient: rfc822;jane@home.example\n" + GROUP.format("j1@mx.example", "failed", "5.1.1", "x")
    assert bounces(dsn(group)) == [("jane@home.example", True, "5.1.1")]


def test_several_recipients() -> None:
    raw = dsn(*(GROUP.format(f"{name}@b.example", "failed", "5.1.1", "x") for name in "abc"))
    assert [recipient for recipient, _, _ in bounces(raw)] == ["a@b.example", "b@b.example", "c@b.example"]


def test_words_of_the_notice_where_the_report_has_none() -> None:
    group = "Final-Recipient: rfc822; a@b.example\nAction: failed\nStatus: 5.0.0\n"
    assert bounces(dsn(group, notice="a@b.example: Domain does not exist")) == [("a@b.example", True, "5.0.0")]


def test_a_report_inside_a_returned_message_is_an_older_one() -> None:
    inner = dsn(GROUP.format("old@b.example", "failed", "5.1.1", "x")).decode()
    raw = f"From: a@b.example\nContent-Type: message/rfc822\n\n{inner}".encode()
    assert bounces(raw) == []


@each(
    ("words", "hard"),
    [
        ("550 No such user here", True),
        ("550 <a@b>: Recipient address rejected: User unknown in virtual mailbox table", True),
        ("The email account that you tried to reach does not exist", True),
        ("Host or domain name not found", True),
        ("User a (a@b) not listed in Domino Directory", True),
        ("The e-mail account is over quota", False),
        ("Connection timed out", False),
        ("Message rejected as spam", False),
        ("Sender address rejected: Domain not found", False),
        ("Client host blocked using Spamhaus", False),
        ("This account has been disabled", False),
        ("451 user unknown", False),
        ("something else", False),
    ],
)
def test_words_without_a_status(words: str, hard: bool) -> None:
    assert is_hard("", words) is hard


@each(
    ("words", "believable"),
    [
        ("550 User unknown", False),
        ("550 User unknown (in reply to RCPT TO command)", True),
        ("host mx.far.example said: 550 user not found", False),
        ("failed to send to host, jane@home.example: 550 no such user", False),
        ("Host far.example: domain not found", True),
        ("X-Rcpt-To: jane@home.example", False),
        ("User jane not listed in public Name & Address Book", True),
        ("The recipient name is not recognized", True),
        ("X-Postfix; unknown user: jane", True),
    ],
)
def test_who_saw_that_nobody_is_there(words: str, believable: bool) -> None:
    assert is_believable("5.0.0", words, "") is believable
    assert is_believable("5.0.0", "", words) is believable
    assert is_believable("5.1.1", words, "")
    assert not is_believable("5.1.1", words, "Rejected: not enough disk space")


PLAIN = "From: Mail Delivery System <MAILER-DAEMON@mx.example>\nTo: bounces@acme.example\nSubject: {0}\n{1}\n{2}\n"


QMAIL = """Hi. This is the qmail-send program at mx.example.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<jane@home.example>:
Sorry, no mailbox here by that name. (#5.1.1)

--- Below this line is a copy of the message.

To: someone@far.example
"""
EXIM = """A message that you sent could not be delivered.

  jane@home.example
    mailbox is full
"""
FREE = """Delivery to the following recipient failed:

  jane@home.example

550 user unknown
"""
ASKED = """Delivery to the following recipient failed:

  jane@home.example

>>> RCPT TO:<jane@home.example>
<<< 550 user unknown
"""
FIELDS = """Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; jane@home.example
Action: failed
Status: 5.1.1
"""
WARNING = """The following address has been delayed:

jane@home.example

This is a warning message only.
"""
HARD, SOFT = [("jane@home.example", True)], [("jane@home.example", False)]


@each(
    ("subject", "headers", "body", "found"),
    [
        ("failure notice", "", QMAIL, HARD),
        ("Mail delivery failed", "X-Failed-Recipients: jane@home.example\n", EXIM, SOFT),
        ("Undeliverable mail", "", FREE, SOFT),
        ("Undeliverable mail", "", ASKED, HARD),
        ("Undeliverable", "", FIELDS, HARD),
        ("Delivery delayed", "", WARNING, []),
        ("Delivery failed", "", "Something went wrong.", []),
    ],
)
def test_reports_in_words(subject: str, headers: str, body: str, found: list[tuple[str, bool]]) -> None:
    raw = PLAIN.format(subject, headers, body).encode()
    assert [(bounce.recipient, bounce.hard) for bounce in decide(raw).bounces] == found
    assert decide(raw).email == "none"


def test_a_person_who_speaks_of_failure_is_a_person() -> None:
    raw = b"From: jane@home.example\nTo: hello@acme.example\nSubject: hello\n\nMy mail to bob@far.example failed."
    assert decide(raw).bounces == ()


REPORT = "Feedback-Type: {0}\nUser-Agent: Pad/1\nVersion: 1\n"


def arf(*reports: str, returned: str = "To: jane@home.example\n") -> bytes:
    parts = "".join(
        f"--b\nContent-Type: message/feedback-report\n\n{report}\n--b\nContent-Type: message/rfc822\n\n{returned}\nhi\n"
        for report in reports
    )
    return (
        "From: fbl@pad.example\nTo: abuse@acme.example\nSubject: Fw: unsubscribe\n"
        f"Content-Type: multipart/report; report-type=feedback-report; boundary=b\n\n--b\n\nSpam.\n{parts}--b--\n"
    ).encode()


ABUSE = REPORT.format("abuse")
SEVEN = tuple(f"p{number}@h.example" for number in range(7))
HOTMAIL = b"From: staff@mail.example\nContent-Type: message/rfc822\n\nX-HmXmrOriginalRecipient: j@h.example\n\nx"


@each(
    ("raw", "complaints"),
    [
        (arf(f"{ABUSE}Original-Rcpt-To: <j@h.example>\n"), ("j@h.example",)),
        (arf(f"{ABUSE}Original-Rcpt-To: {SEVEN[0]}\nOriginal-Rcpt-To: {SEVEN[1]}\n"), SEVEN[:2]),
        (arf(REPORT.format("opt-out") + "Removal-Recipient: rfc822; j@h.example\n"), ("j@h.example",)),
        (arf(REPORT.format("some-new-type")), ("jane@home.example",)),
        (arf(ABUSE), ("jane@home.example",)),
        (arf(*(f"{ABUSE}Original-Rcpt-To: {person}\n" for person in SEVEN)), SEVEN),
        (arf(REPORT.format("not-spam")), ()),
        (arf(REPORT.format("fraud")), ("jane@home.example",)),
        (arf(REPORT.format("virus") + "Original-Recipient: rfc822; j@h.example\n"), ("j@h.example",)),
        (arf(REPORT.format("auth-failure") + "Original-Rcpt-To: j@h.example\n"), ()),
        (HOTMAIL, ("j@h.example",)),
    ],
)
def test_complaints(raw: bytes, complaints: tuple[str, ...]) -> None:
    decision = decide(raw)
    assert (decision.complaints, decision.email, decision.post) == (complaints, "none", "none")


@pytest.mark.parametrize(
    "link", ["<https://acme.example/u/Ab3_x9Kq>", "<mailto:unsubscribe+Ab3_x9Kq@acme.example?subject=unsubscribe>"]
)
def test_a_redacted_complaint_is_resolved_by_our_own_token(link: str) -> None:
    raw = arf(REPORT.format("abuse") + "Original-Rcpt-To: redacted@h.example\n", returned=f"List-Unsubscribe: {link}\n")
    decision = decide(raw)
    assert (decision.complaints, decision.complaint_tokens, decision.email) == ((), ("Ab3_x9Kq",), "none")


def test_a_complaint_that_names_nobody_goes_to_a_person() -> None:
    assert decide(arf(REPORT.format("abuse"), returned="To: undisclosed\n")).email == "review"
    hashed = f"{ABUSE}Original-Rcpt-To: {'5d41402abc4b2a76' * 2}@h.example\n"
    assert decide(arf(hashed, returned="To: x\n")).row == "complaint.redacted"
