"""Messages for the tests, from few words."""

from consent.classify.mail import MailDecision, classify_mail
from consent.intake.mail import parse_mail

HOME = "Jane Roe\n102 Main St Apt 4\nReno, NV 89501"
UNSUBSCRIBE = "unsubscribe@acme.example"
HELLO = "hello@acme.example"


def letter(
    body: str = "",
    subject: str = "",
    to: str = HELLO,
    headers: str = "",
    content_type: str = "text/plain; charset=utf-8",
    sender: str = "Jane Roe <Jane@Home.Example>",
) -> bytes:
    head = f"From: {sender}\nTo: {to}\nSubject: {subject}\n{headers}MIME-Version: 1.0\nContent-Type: {content_type}\n"
    return f"{head}\n{body}\n".encode()


def decide(*args: str, **kwargs: str) -> MailDecision:
    return classify_mail(parse_mail(letter(*args, **kwargs)))


def outcome(*args: str, **kwargs: str) -> tuple[str, str]:
    """What a letter asks on e-mail and on post."""
    decision = decide(*args, **kwargs)
    return decision.email, decision.post
