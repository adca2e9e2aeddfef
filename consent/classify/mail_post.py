"""NO SNAIL MAIL: the subject with which a person leaves the postal list, in the ways that people write it (FACTS
P1)."""

import re
from functools import cache
from typing import Final, Literal, NamedTuple

from consent.classify.mail_sentences import fold

Answer = Literal["request", "unsure", "none"]


class Subject(NamedTuple):
    row: str
    language: str
    pattern: str
    example: str


COURTESY: Final = (
    r"(?:(?:please|pls|plz|kindly|hi|hello|urgent|attention|attn|subject|important|again|request|requesting|reminder|"
    r"i|we|want|would|like|prefer|id|wish|ask|for|second|third|final|notice|thanks|thank|you|im|to|absolutely|"
    r"positively|definitely|said|say|told|"
    r"asked|repeat|already|have|you|2nd|1st|3rd|mailing|list|bitte|svp|por|favor|per|favore|gentile|graag|aub) )*"
)
PAPER: Final = (
    r"(?:sn(?:ail|ial|ale|aill|al) ?(?:mails?|mial|maill|male)|postal ?mails?|paper ?mails?|physical ?mail|"
    r"direct ?mail|regular mail|us mail|usps mail)"
)
MORE: Final = (
    r"(?:(?:any|more|further|future|the|your|all|me|us|sending|send|receiving|receive|getting|to|from|of|out|anymore|"
    r"ever|a|my) ){0,5}"
)

SUBJECTS: Final = (
    Subject(
        "snail_mail.no",
        "en",
        r"(?:no|stop|end|cancel|cease|quit|without|dont|do not|never|not|unsubscribe|remove|opt|optout|discontinue|"
        rf"zero) {MORE}{PAPER}",
        "NO SNAIL MAIL",
    ),
    Subject(
        "snail_mail.one_word", "en", r"no ?more ?snailmail|nosnail ?mail|nosnailmails|no ?snailmail", "NoSnailMail"
    ),
    Subject(
        "snail_mail.opt_out",
        "en",
        rf"{PAPER} (?:opt ?out|removal|remove|unsubscribe|stop|no|cancel|cancellation|off)\b",
        "Snail mail opt-out",
    ),
    Subject(
        "snail_mail.de",
        "de",
        r"(?:keine?|stopp?) (?:weitere |mehr )?(?:post|briefpost|werbepost|schneckenpost|postwerbung)",
        "Keine Briefpost",
    ),
    Subject(
        "snail_mail.fr",
        "fr",
        r"(?:pas de|plus de|stop|aucun) (?:courriers? postal|courriers? postaux|courriers? papier|courrier)",
        "Plus de courrier postal",
    ),
    Subject(
        "snail_mail.es",
        "es",
        r"(?:no|sin|no mas|basta de) (?:mas |quiero |enviar )?(?:correo postal|correo ordinario|cartas)",
        "No más correo postal",
    ),
    Subject(
        "snail_mail.it",
        "it",
        r"(?:no|niente|basta|stop) (?:piu )?(?:alla )?(?:posta cartacea|posta ordinaria|lettere)",
        "Niente posta cartacea",
    ),
    Subject(
        "snail_mail.nl", "nl", r"(?:geen|stop) (?:papieren )?(?:post|brieven|slakkenpost)(?: meer)?", "Geen post meer"
    ),
    Subject(
        "snail_mail.pt",
        "pt",
        r"(?:nao|sem|chega de) (?:mais )?(?:correio postal|cartas|correspondencia)",
        "Sem correio postal",
    ),
)
PREFIX: Final = re.compile(
    r"(?:re|fw|fwd|aw|wg|sv|vs|antw|tr|rv|enc|i|r|odp|ynt|ilt)\s*(?:\[\d{1,3}\])?\s*[:：]\s*", re.IGNORECASE
)
FORWARD: Final = re.compile(r"^\s*(?:fw|fwd|wg|tr|rv|enc|i|ilt)\s*[:：]", re.IGNORECASE)
PREFIXES: Final = 10

_ORDINARY: Final = re.compile(
    r"\b(?:why|got|get|gotten|received|arrived|came|comes|problems?|yet|today|yesterday|this week|this month|love|"
    r"miss|missing|"
    r"dont stop|do not stop|never stop|not stop|dont cancel|more please)\b"
)


@cache
def _requests() -> list[tuple[Subject, re.Pattern[str]]]:
    return [(subject, re.compile(rf"{COURTESY}(?:{subject.pattern})\b")) for subject in SUBJECTS]


@cache
def _remarks() -> list[tuple[Subject, re.Pattern[str]]]:
    return [(subject, re.compile(rf"\b(?:{subject.pattern})\b")) for subject in SUBJECTS]


def bare_subject(subject: str) -> str:
    """Give a subject without the prefixes of replies and forwards."""
    subject = subject.strip()
    for _ in range(PREFIXES):
        cut = PREFIX.match(subject)
        if not cut:
            break
        subject = subject[cut.end() :]
    return subject


def has_reply_prefix(subject: str) -> bool:
    return bool(PREFIX.match(subject.strip()))


def is_forward(subject: str) -> bool:
    return bool(FORWARD.match(subject))


def read_subject(subject: str) -> tuple[Answer, str, str]:
    """Tell whether a subject asks for no post: the answer, the row, the language.

    It is a request where the words begin the subject, courtesies aside; somewhere in it they may be a remark.
    """
    bare = bare_subject(subject)
    words = fold(bare)
    is_remark = bool(_ORDINARY.search(words)) or bare.rstrip(" \"'”»*").endswith("?")
    for row, pattern in _requests():
        if pattern.match(words) and not is_remark:
            return "request", row.row, row.language
    for row, pattern in _remarks():
        if pattern.search(words) and not re.search(r"\b(?:dont|do not|never|not) (?:stop|cancel|end|quit)\b", words):
            return "unsure", row.row, row.language
    return "none", "", ""


def welcomes(subject: str) -> bool:
    """Tell whether a subject speaks of paper without refusing it: "Please SEND snail mail", "I love snail mail"."""
    words = fold(bare_subject(subject))
    return bool(re.search(rf"\b{PAPER}\b", words)) and read_subject(subject)[0] == "none"
