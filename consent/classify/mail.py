"""What a message of e-mail asks of us: an ordered table of rules, the first that speaks decides.

Reports come first, since they quote what they report; then what no person wrote; then the NO SNAIL MAIL subject; then
the person's own words. Whatever reaches a mailbox for opting out and is understood by no rule goes to a person.
"""

import hashlib
import re
from collections.abc import Callable, Collection
from types import ModuleType
from typing import Any, Final, NamedTuple

import msgspec

from consent.classify import (
    mail_address,
    mail_automatic,
    mail_bounce,
    mail_bounce_text,
    mail_bounce_verdict,
    mail_bounce_words,
    mail_complaint,
    mail_feet,
    mail_labels,
    mail_lists,
    mail_mailboxes,
    mail_one_line,
    mail_post,
    mail_prose,
    mail_token,
    text_data,
)
from consent.classify.mail_address import FoundAddress, find_addresses
from consent.classify.mail_automatic import auto_submitted, automatic_sign
from consent.classify.mail_bounce import reported_bounces
from consent.classify.mail_bounce_text import worded_bounces
from consent.classify.mail_complaint import complainants, complaint_tokens, is_complaint
from consent.classify.mail_decision import MailDecision, Outcome
from consent.classify.mail_feet import without_captions, without_feet
from consent.classify.mail_mailboxes import is_privacy_mailbox
from consent.classify.mail_numbers import numbers_to_leave
from consent.classify.mail_post import bare_subject, has_reply_prefix, is_forward, read_subject
from consent.classify.mail_prose import is_code, spoken
from consent.classify.mail_requests import Wishes, is_soft_no, read_subject_words, read_words, settled, together
from consent.classify.mail_sentences import fold
from consent.classify.mail_token import (
    is_bare_command,
    is_opt_out_mailbox,
    local_part,
    token_in_addresses,
    token_in_subject,
)
from consent.classify.mail_topics import speaks_of
from consent.intake.mail import ParsedMail

__all__ = ["RULES", "VERSION", "MailDecision", "classify_mail"]

AWAY: Final = (
    "out of the office", "out of office", "on vacation", "on holiday", "on leave until", "annual leave",
    "maternity leave",
    "parental leave", "currently away", "limited access to email", "limited access to my email", "i am away until",
    "im away until", "will be back on", "nicht im buro", "im urlaub", "bin ich nicht erreichbar",
    "absent du bureau", "en conge",
    "en vacances", "absente du bureau", "fuera de la oficina", "de vacaciones", "fuori ufficio", "in ferie", "afwezig",
    "niet op kantoor", "op vakantie", "fora do escritorio", "de ferias", "ferias ate",
)  # fmt: skip


class Letter(NamedTuple):
    """A message with what the rules ask about it."""

    mail: ParsedMail
    at_opt_out: bool
    at_unsubscribe: bool
    token: str | None
    region: str = "US"

    @property
    def words(self) -> str:
        """The person's own words; of a letter to an ordinary mailbox, those in which a request may stand."""
        if self.token:
            return self.mail.text
        own = without_feet(self.mail.text)
        if self.at_opt_out:
            return spoken(own) if is_code(own) else own
        return spoken(without_captions(own))

    @property
    def said(self) -> str:
        """What the person speaks of, in the subject too unless it is ours."""
        subject = "" if has_reply_prefix(self.mail.subject) else self.mail.subject
        return f"{subject}\n{self.mail.text}"

    def tells_of_a_death(self, language: str | None) -> bool:
        return speaks_of(self.said, "death", {language or "en", "en"})

    def wishes(self) -> Wishes:
        return together(read_words(self.words), read_subject_words(self.mail.subject))

    def decide(self, row: str, **values: Any) -> MailDecision:
        return MailDecision(row=row, version=VERSION, **{"token": self.token, **values})


class Rule(NamedTuple):
    row: str
    decide: Callable[[Letter], MailDecision | None]
    example: str


def classify_mail(mail: ParsedMail, own_mailboxes: Collection[str] = (), region: str = "US") -> MailDecision:
    """Tell what a message asks.

    `own_mailboxes` are our addresses (in lower case) to which people write to opt out, besides those whose name says
    so. `region` (ISO 3166) is the country in which national telephone numbers are read.
    """
    letter = _letter(mail, own_mailboxes)._replace(region=region)
    decisions = (rule.decide(letter) for rule in RULES)
    return next(decision for decision in decisions if decision)


def _letter(mail: ParsedMail, own_mailboxes: Collection[str]) -> Letter:
    boxes = [address.casefold() for address in mail.recipients]
    at_unsubscribe = any(is_opt_out_mailbox(box) for box in boxes)
    at_privacy = any(is_privacy_mailbox(box) for box in boxes)
    return Letter(
        mail=mail,
        at_opt_out=at_unsubscribe or at_privacy or any(_without_tag(box) in own_mailboxes for box in boxes),
        at_unsubscribe=at_unsubscribe,
        token=token_in_addresses(mail.recipients) or token_in_subject(mail.subject),
    )


def _without_tag(address: str) -> str:
    return f"{local_part(address)}@{address.rpartition('@')[2]}"


def _complaint(letter: Letter) -> MailDecision | None:
    if not is_complaint(letter.mail):
        return None
    people, tokens = complainants(letter.mail), complaint_tokens(letter.mail)
    known = bool(people or tokens)
    return letter.decide(
        "complaint" if known else "complaint.redacted",
        complaints=people,
        complaint_tokens=tokens,
        email="none" if known else "review",
        automatic=True,
    )


def _bounce(letter: Letter) -> MailDecision | None:
    bounces = reported_bounces(letter.mail)
    return letter.decide("bounce.report", bounces=bounces, automatic=True) if bounces else None


def _worded_bounce(letter: Letter) -> MailDecision | None:
    reported = any(report.recipients for report in letter.mail.deliveries)
    bounces = () if reported else worded_bounces(letter.mail)
    return letter.decide("bounce.words", bounces=bounces, automatic=True) if bounces else None


def _mailto(letter: Letter) -> MailDecision | None:
    """A mail program's own answer to List-Unsubscribe is a person's click, though it may say auto-generated (RFC
    2369, RFC 3834).
    """
    clicked = is_bare_command(letter.mail.subject) and (letter.at_unsubscribe or letter.token)
    if not clicked or auto_submitted(letter.mail) not in {"", "no", "auto-generated"}:
        return None
    if mail_automatic.is_from_program(letter.mail):
        return None
    wishes = read_words(letter.mail.text)
    if wishes.any and not wishes.email:
        return None
    post, addresses = _post(letter, wishes)
    return letter.decide("request.mailto", email="suppress", post=post, addresses=addresses, language="en")


def _automatic(letter: Letter) -> MailDecision | None:
    sign = automatic_sign(letter.mail)
    return letter.decide(sign, automatic=True) if sign else None


def _no_snail_mail(letter: Letter) -> MailDecision | None:
    """Such a letter asks for post only, unless its words name e-mail too."""
    answer, row, language = read_subject(letter.mail.subject)
    if answer == "none":
        return None
    wishes = together(read_words(letter.mail.text), read_words(bare_subject(letter.mail.subject)))
    addresses = _addresses(letter, wishes.language or language)
    is_own = answer == "request" and not (is_forward(letter.mail.subject) and not find_addresses(letter.mail.text))
    return letter.decide(
        row,
        post="suppress" if is_own and addresses else "review",
        email="suppress" if _names_email(letter, wishes) else "none",
        addresses=_of_households(letter, addresses or find_addresses(letter.mail.quoted, language), language),
        language=language,
        deceased=letter.tells_of_a_death(language),
        suggestion=None if is_own and addresses else "post",
    )


def _names_email(letter: Letter, wishes: Wishes) -> bool:
    said = f"{letter.mail.subject}\n{letter.mail.text}"
    own = [wishes.language or "en"]
    named = wishes.names_email and speaks_of(said, "email", own) and not speaks_of(said, "keep_email", own)
    return wishes.either or named


def _addresses(letter: Letter, language: str | None = None) -> tuple[FoundAddress, ...]:
    """A person's address stands in their words, else in their signature."""
    return find_addresses(letter.mail.text, language) or find_addresses(letter.mail.signature, language)


def _words(letter: Letter) -> MailDecision | None:
    wishes = settled(letter.wishes(), letter.said)
    if not wishes.any:
        return None
    post, addresses = _post(letter, wishes)
    sms, numbers = _sms(letter, wishes)
    only_unnamed_sms = sms == "review" and not (wishes.email or wishes.post)
    return letter.decide(
        f"request.{wishes.row}",
        email="suppress" if wishes.email else "review" if only_unnamed_sms else "none",
        post=post,
        sms=sms,
        numbers=numbers,
        addresses=addresses,
        language=wishes.language,
        deceased=bool(wishes.post) and letter.tells_of_a_death(wishes.language),
        suggestion="post" if post == "review" else "sms" if sms == "review" else None,
    )


def _sms(letter: Letter, wishes: Wishes) -> tuple[Outcome, tuple[str, ...]]:
    """A number that the letter gives is meant; without one staff see what the person wrote."""
    numbers = numbers_to_leave(letter.mail.text, letter.region) if wishes.sms or wishes.either else ()
    if numbers:
        return "suppress", numbers
    return ("review" if wishes.sms else "none"), ()


def _post(letter: Letter, wishes: Wishes) -> tuple[Outcome, tuple[FoundAddress, ...]]:
    """Without an address a request on post waits for a person: the sender's e-mail address may lead to one."""
    if not wishes.post:
        return "none", ()
    only_post = wishes.post and not wishes.everything
    language = wishes.language
    addresses = _addresses(letter, language) if only_post else find_addresses(letter.mail.text, language)
    return ("suppress" if addresses else "review"), _of_households(letter, addresses, language)


def _of_households(
    letter: Letter, addresses: tuple[FoundAddress, ...], language: str | None
) -> tuple[FoundAddress, ...]:
    """Where somebody asks for all who live there, no name narrows it."""
    if not speaks_of(letter.said, "household", {language or "en", "en"}):
        return addresses
    homes = {one.household: msgspec.structs.replace(one, name="") for one in addresses}
    return tuple(homes.values())


def _empty(letter: Letter) -> MailDecision | None:
    """Whoever sends nothing at all to an unsubscribe mailbox has asked by addressing it."""
    mail = letter.mail
    has_words = bool(mail.text.strip()) or bool(mail.subject.strip() and not has_reply_prefix(mail.subject))
    if has_words or not letter.at_unsubscribe:
        return None
    if mail.attachments:
        return letter.decide("mailbox.attachment", email="review", suggestion="email")
    return letter.decide("mailbox.empty", email="suppress")


def _away(letter: Letter) -> MailDecision | None:
    said = f" {fold(letter.mail.subject + ' ' + letter.mail.text[:1_000])} "
    return letter.decide("automatic.away", automatic=True) if any(f" {words} " in said for words in AWAY) else None


def _soft_no(letter: Letter) -> MailDecision | None:
    return letter.decide("soft_no") if not letter.at_opt_out and is_soft_no(letter.mail.text) else None


def _doubt(letter: Letter) -> MailDecision | None:
    wishes = letter.wishes()
    if not wishes.doubt:
        return None
    return letter.decide(f"doubt.{wishes.row}", email="review", language=wishes.language, suggestion="email")


def _deceased(letter: Letter) -> MailDecision | None:
    """Who tells a mailbox for opting out of a death asks us to stop, in whatever words: staff decide what it means."""
    if not letter.at_opt_out or not speaks_of(letter.said, "death"):
        return None
    return letter.decide("deceased", post="review", addresses=_addresses(letter), deceased=True, suggestion="deceased")


def _opt_in(letter: Letter) -> MailDecision | None:
    """Anybody can write in another's name: a yes by mail is never taken, and staff answer it."""
    is_yes = letter.at_opt_out and speaks_of(letter.said, "opt_in") and not letter.wishes().any
    return letter.decide("opt_in", email="review", suggestion="none") if is_yes else None


def _unclear(letter: Letter) -> MailDecision | None:
    if letter.at_opt_out and not mail_post.welcomes(letter.mail.subject):
        return letter.decide("mailbox.unclear", email="review", suggestion="email" if letter.at_unsubscribe else "none")
    return None


def _too_long(letter: Letter) -> MailDecision | None:
    return letter.decide("text.cut", email="review", suggestion="none") if letter.mail.truncated else None


def _nothing(letter: Letter) -> MailDecision | None:
    return letter.decide("none")


RULES: Final = (
    Rule("complaint", _complaint, "Content-Type: multipart/report; report-type=feedback-report"),
    Rule("bounce.report", _bounce, "Content-Type: message/delivery-status … Action: failed"),
    Rule("bounce.words", _worded_bounce, "Subject: Undelivered mail returned to sender"),
    Rule("request.mailto", _mailto, "To: unsubscribe+8fk2Qw@…, Subject: unsubscribe"),
    Rule("automatic", _automatic, "Auto-Submitted: auto-replied"),
    Rule("snail_mail", _no_snail_mail, "Subject: NO SNAIL MAIL, with name, address and ZIP code in the body"),
    Rule("request", _words, "Please take me off your mailing list."),
    Rule("mailbox.empty", _empty, "To: unsubscribe@…, nothing else"),
    Rule("automatic.away", _away, "I'm out of the office until Monday."),
    Rule("soft_no", _soft_no, "Re: Quick question: No thanks."),
    Rule("deceased", _deceased, "My mother passed away in May. Rosa Gomez, 9 Elm Ave Apt 7, Peoria, IL 61602"),
    Rule("opt_in", _opt_in, "Please put me back on your mailing list."),
    Rule("doubt", _doubt, "What was that about a stop?"),
    Rule("mailbox.unclear", _unclear, "To: unsubscribe@…: Who are you?"),
    Rule("text.cut", _too_long, "a letter of more than 60,000 characters"),
    Rule("none", _nothing, "Where can I stop by to pick it up?"),
)


def _version() -> str:
    """Digest everything that the tables say: decisions of one version are repeatable."""
    tables = [repr(sorted(_table(module).items())) for module in TABLES]
    return hashlib.sha256("\0".join([text_data.version(), *tables]).encode()).hexdigest()[:12]


def _table(module: ModuleType) -> dict[str, str]:
    """The constants of a module, in an order and form that does not change from process to process."""
    constants = {name: value for name, value in vars(module).items() if name.isupper() and not name.startswith("_")}
    return {name: _plain(value) for name, value in constants.items()}


def _plain(value: object) -> str:
    if isinstance(value, re.Pattern):
        return str(value.pattern)
    return _MEMORY.sub("", repr(sorted(value) if isinstance(value, frozenset) else value))


_MEMORY: Final = re.compile(r" at 0x[0-9a-f]+")
TABLES: Final = (
    mail_address,
    mail_automatic,
    mail_bounce,
    mail_bounce_text,
    mail_bounce_verdict,
    mail_bounce_words,
    mail_complaint,
    mail_feet,
    mail_labels,
    mail_lists,
    mail_mailboxes,
    mail_one_line,
    mail_post,
    mail_prose,
    mail_token,
)
VERSION: Final = _version()
