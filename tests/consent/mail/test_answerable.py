"""Who is never answered by a program (RFC 3834), each kind with its own row, and who is."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from consent.classify.mail import classify_mail
from consent.classify.mail_answerable import REASONS, Envelope, is_robot, unanswerable
from consent.intake.mail import parse_mail
from tests.consent.mail.letters import UNSUBSCRIBE, letter

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
ASKS = "Please unsubscribe me."
REPORT = "multipart/report; report-type=delivery-status; boundary=b"
# row (None: answered), headers, From, envelope's sender
CASES: list[tuple[str | None, str, str, str]] = [
    (None, "", "Jane <jane@home.example>", "jane@home.example"),
    (None, "", "Jane <jane@home.example>", "<jane@home.example>"),
    (None, "", "jane@home.example", "srs0=x=y=home.example=jane@forwarder.example"),
    (None, "", "jane@home.example", "bounces+123-abc@mail.provider.example"),
    (None, "Auto-Submitted: no\n", "jane@home.example", "jane@home.example"),
    (None, "Auto-Submitted: No (a person)\n", "jane@home.example", "jane@home.example"),
    (None, "Precedence: first-class\n", "jane@home.example", "jane@home.example"),
    (None, "X-Auto-Response-Suppress: DR, RN, NRN\n", "jane@home.example", "jane@home.example"),
    (None, f"Date: {format_datetime(NOW - timedelta(days=3))}\n", "jane@home.example", "jane@home.example"),
    (None, "Date: yesterday\n", "jane@home.example", "jane@home.example"),
    (None, "", "reply@home.example", "reply@home.example"),
    (None, "", "nora.reply@home.example", "nora.reply@home.example"),
    ("null_path", "", "jane@home.example", ""),
    ("null_path", "", "jane@home.example", "<>"),
    ("null_path", "", "jane@home.example", " <> "),
    ("auto_submitted", "Auto-Submitted: auto-replied\n", "jane@home.example", "jane@home.example"),
    ("auto_submitted", "Auto-Submitted: auto-generated\n", "jane@home.example", "jane@home.example"),
    ("auto_submitted", "AUTO-SUBMITTED: Auto-Notified; owner=x\n", "jane@home.example", "jane@home.example"),
    ("auto_submitted", "Auto-Submitted: something-new\n", "jane@home.example", "jane@home.example"),
    ("automatic", "Return-Path: <>\n", "jane@home.example", "jane@home.example"),
    ("automatic", "X-Autoreply: yes\n", "jane@home.example", "jane@home.example"),
    ("automatic", "X-Apple-Action: VACATION\n", "jane@home.example", "jane@home.example"),
    ("automatic", "Precedence: bulk\n", "jane@home.example", "jane@home.example"),
    ("automatic", "Precedence: LIST\n", "jane@home.example", "jane@home.example"),
    ("automatic", "List-Id: <news.garden.example>\n", "jane@home.example", "jane@home.example"),
    ("list", f"List-Id: <{UNSUBSCRIBE.replace('@', '.')}>\n", "jane@home.example", "jane@home.example"),
    ("automatic", "List-Post: <mailto:news@garden.example>\n", "jane@home.example", "jane@home.example"),
    ("list", "Feedback-ID: 1:2:3:sender\n", "jane@home.example", "jane@home.example"),
    ("bulk", "Precedence: special\n", "jane@home.example", "jane@home.example"),
    ("suppressed", "X-Auto-Response-Suppress: All\n", "jane@home.example", "jane@home.example"),
    ("suppressed", "X-Auto-Response-Suppress: DR,OOF,AutoReply\n", "jane@home.example", "jane@home.example"),
    ("robot", "", "No Reply <no-reply@shop.example>", "x@shop.example"),
    ("robot", "", "NoReply@shop.example", "x@shop.example"),
    ("robot", "", "noreply+12@shop.example", "x@shop.example"),
    ("robot", "", "MAILER-DAEMON@shop.example", "x@shop.example"),
    ("robot", "", "owner-garden@lists.example", "x@shop.example"),
    ("robot", "", "garden-request@lists.example", "x@shop.example"),
    ("robot", "", "garden-bounces@lists.example", "x@shop.example"),
    ("robot", "", "jane@home.example", "MAILER-DAEMON@home.example"),
    ("robot", "", "", "x@shop.example"),
    ("old", "Date: Tue, 3 Mar 2015 10:00:00 +0000\n", "jane@home.example", "jane@home.example"),
]


def reason(headers: str, sender: str, mail_from: str) -> str | None:
    mail = parse_mail(letter(ASKS, to=UNSUBSCRIBE, headers=headers, sender=sender))
    return unanswerable(mail, classify_mail(mail), Envelope(mail_from, NOW))


def test_each_kind_of_letter_that_is_never_answered_and_those_that_are() -> None:
    wrong = [(case, found) for case in CASES if (found := reason(*case[1:])) != case[0]]
    assert wrong == []


def test_a_report_is_never_answered() -> None:
    body = "--b\n\nfailed\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\n"
    body += "Final-Recipient: rfc822; a@b.example\nAction: delayed\nStatus: 4.0.0\n\n--b--\n"
    mail = parse_mail(letter(body, content_type=REPORT))
    assert unanswerable(mail, classify_mail(mail), Envelope("jane@home.example", NOW)) == "automatic"


def test_every_reason_has_a_case_of_its_own() -> None:
    assert {sign.row for sign in REASONS} - {row for row, *_ in CASES} <= {"report"}


def test_a_local_part_of_any_length_is_judged_at_once() -> None:
    assert not is_robot("a-" * 50_000 + "@home.example")
    assert is_robot("")
    assert is_robot("<>")
