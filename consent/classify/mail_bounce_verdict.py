"""Whether a failure means that the address is dead, and whether it speaks of the address at all (RFC 3463).

Class 4 is transient, whatever else is said. Of class 5, only what speaks of the address is hard. Where the code is
unspecific the words decide. In doubt an address lives.
"""

import re
from collections.abc import Callable
from functools import cached_property
from typing import Final

from consent.classify.mail_bounce_words import (
    CODES,
    CONTENT,
    FILTERING_HOSTS,
    FULL,
    HARD,
    LATER,
    REPUTE,
    RULE_BOUNCERS,
    SENDER,
    SOFT_SUBJECTS,
    SUSPENDED,
    UNCLEAR,
    UNREACHABLE,
    WITNESSES,
    Words,
)

HARD_BY_CODE: Final = {code.status: code.hard for code in CODES}
COUNTS_BY_CODE: Final = {code.status: code.counts for code in CODES}
DIAGNOSTIC_CHARS: Final = 1_500
NOTICE_CHARS: Final = 8_000
STATUS: Final = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.]*\d)")
REPLY_CODE: Final = re.compile(r"(?<![\d.])([45])[0-5]\d(?![\d.]*\d)[ -]")


class _Any:
    """Any words of some tables. Compiled when they are first looked for: most processes read no bounce."""

    def __init__(self, *tables: tuple[Words, ...]) -> None:
        self._pattern = "|".join(words.pattern for table in tables for words in table)

    @cached_property
    def search(self) -> Callable[[str], re.Match[str] | None]:
        return re.compile(self._pattern).search


_FULL, _HARD = _Any(FULL), _Any(HARD)
_SOFT = _Any(FULL, SUSPENDED, UNREACHABLE, SENDER, REPUTE, CONTENT, LATER)
_OF_THE_ADDRESS, _OF_THE_MESSAGE = (
    _Any(FULL, SUSPENDED, UNREACHABLE, UNCLEAR, HARD),
    _Any(SENDER, REPUTE, CONTENT, LATER),
)
_AFTER_MESSAGE, _WITNESS = _Any(CONTENT[1:]), _Any(WITNESSES)


def is_hard(status: str, words: str) -> bool:
    """Tell whether the code and the words say that the address itself is dead."""
    words = plain(words)
    if _failure_class(status, words) != "5" or _SOFT.search(words):
        return False
    if status in HARD_BY_CODE:
        return HARD_BY_CODE[status] and not _names_policy(words)
    return _subject(status) not in SOFT_SUBJECTS and bool(_HARD.search(words))


def is_believable(status: str, words: str, notice: str) -> bool:
    """Tell whether somebody knew: a code of the address, or words of a witness (`WITNESSES`) in what is said of it or
    around it. A notice that tells of a full mailbox contradicts any code.
    """
    around = plain(notice, NOTICE_CHARS)
    if _FULL.search(around):
        return False
    of_the_address = HARD_BY_CODE.get(status, False) or _subject(status) == "1"
    return of_the_address or bool(_WITNESS.search(f"{plain(words)} {around}"))


def counts(status: str, words: str) -> bool:
    """Tell whether a failure that is not hard speaks of the address: full, suspended, not reached. Else of what we
    sent.
    """
    words = plain(words)
    if _OF_THE_MESSAGE.search(words) or _names_policy(words) or _subject(status) in SOFT_SUBJECTS:
        return False
    return COUNTS_BY_CODE.get(status, _subject(status) == "2" or bool(_OF_THE_ADDRESS.search(words)))


def is_decisive(words: str) -> bool:
    """Tell whether the words say why."""
    words = plain(words)
    return bool(_HARD.search(words) or _SOFT.search(words))


def refused_as_a_message(notice: str) -> bool:
    """Tell whether the notice of one failure says that all of the message had been sent when it was refused."""
    return bool(_AFTER_MESSAGE.search(plain(notice, NOTICE_CHARS)))


def filters_unsaid(recipient: str, host: str, words: str) -> bool:
    """Tell whether a host that says *unknown* where it means *refused* may do so here (FILTERING_HOSTS). Its answer
    about an address that is really unknown repeats the address in angle brackets.
    """
    domains = (recipient.rpartition("@")[2].casefold(), host.strip().casefold()[:255])
    filters = any(domain == name or domain.endswith(f".{name}") for domain in domains for name in FILTERING_HOSTS)
    return filters and f"<{recipient.casefold()}>: user unknown" not in plain(words)


def is_rule(reporter: str) -> bool:
    """Tell whether the server that reports refuses by its owner's rule (`RULE_BOUNCERS`), and knows of no address."""
    return bool(RULE_BOUNCERS.search(reporter.strip().casefold()[:255]))


def plain(words: str, characters: int = DIAGNOSTIC_CHARS) -> str:
    return re.sub(r"\s+", " ", words[:characters]).casefold()


def best_status(stated: str, diagnostic: str) -> str:
    """Choose the more specific of the stated status and the one that the other server said."""
    said = [found[0] for found in STATUS.finditer(diagnostic[:DIAGNOSTIC_CHARS]) if found[1] != "2"]
    written = STATUS.search(stated[:200])
    if written is None:
        return next((status for status in said if not _is_generic(status)), said[0] if said else "")
    if _is_generic(written[0]):
        same_class = (status for status in said if status[0] == written[1] and not _is_generic(status))
        return next(same_class, written[0])
    return written[0]


def _is_generic(status: str) -> bool:
    return status.endswith(".0.0")


def _subject(status: str) -> str:
    return status.split(".")[1] if "." in status else ""


def _names_policy(words: str) -> bool:
    """Some programs say 5.1.1 of whatever the other server refused, and quote what it said: 5.7.1."""
    return any(found[2] in SOFT_SUBJECTS for found in STATUS.finditer(words))


def _failure_class(status: str, words: str) -> str:
    if status:
        return status[0]
    code = REPLY_CODE.search(words)
    return code[1] if code else "5"
