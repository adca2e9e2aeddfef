"""What a person's own words ask for: the tables for any text and the phrases of letters, taken together."""

import re
from collections.abc import Iterable
from typing import Final

import msgspec

from consent.classify import text_data
from consent.classify.mail_phrases import Found, Scope, read_phrases
from consent.classify.mail_post import bare_subject, has_reply_prefix
from consent.classify.mail_sentences import fold, sentences
from consent.classify.mail_topics import speaks_of
from consent.classify.text import Match, match_request


def _alone(kind: str) -> dict[str, str]:
    """Give what is written alone, with its language."""
    lines = text_data.lines("mail_commands.tsv")
    return {words: language for row, language, written in lines if row == kind for words in written.split("|")}


COMMANDS: Final = _alone("command")
SOFT_NO: Final = frozenset(_alone("soft_no"))
LIST_COMMAND: Final = re.compile(
    r"(?:unsubscribe|unsub|signoff|leave|remove|set)\s+[\w.+-]*(?:[-_.@]\w|\d)[\w.+@-]*(?:\s+\S+@\S+)?\W*",
    re.IGNORECASE,
)
"""The commands of Majordomo, LISTSERV and their kind: `unsubscribe garden-l jane@home.example`."""
COMMAND_CHARS: Final = 200
OF_CODE: Final = re.compile(r"\s*(?:\[[^\]]{0,40}\b(?:PATCH|RFC|GIT PULL)\b[^\]]{0,40}\]|r\d{1,9} - )")
"""Subjects of patches and commits: `[PATCH 2/3] mailer: stop`, `r1234 - in trunk: .`."""


class Wishes(msgspec.Struct, frozen=True):
    """What a text asks to be free of. `everything` is e-mail and post; `doubt` is a request that a person should look
    at.

    `names_email` says that the words name e-mail, or leave no channel out: more than "unsubscribe" alone. `either` that
    they leave no channel out.
    """

    email: bool = False
    post: bool = False
    sms: bool = False
    everything: bool = False
    names_email: bool = False
    either: bool = False
    doubt: bool = False
    row: str = ""
    language: str | None = None

    @property
    def any(self) -> bool:
        return self.email or self.post or self.everything or self.sms


NO_WISHES: Final = Wishes()


def read_words(text: str) -> Wishes:
    """Read a person's own words."""
    found, rest = read_phrases(text)
    return _joined([read_command(text), _from_phrases(found), _from_tables(rest)])


def read_subject_words(subject: str) -> Wishes:
    """Read a subject. Behind `Re:` it is ours, and only a bare command counts, which no campaign has for a subject."""
    if OF_CODE.match(subject):
        return NO_WISHES
    if has_reply_prefix(subject):
        return read_command(bare_subject(subject))
    return read_words(subject)


def read_command(text: str) -> Wishes:
    """Read a command that stands alone, in the whole text or in its only line but for a greeting."""
    lines = [line for line in text.split("\n") if line.strip()]
    if not lines or len(lines[0]) > COMMAND_CHARS:
        return NO_WISHES
    language = COMMANDS.get(fold(lines[0])) if len(lines) <= 2 else None
    if language:
        return Wishes(email=True, row=f"{language}.command", language=language)
    if LIST_COMMAND.fullmatch(lines[0].strip()):
        return Wishes(email=True, row="en.command.list", language="en")
    return NO_WISHES


def _from_phrases(found: list[Found]) -> Wishes:
    scopes: set[Scope] = {phrase.scope for phrase in found}
    if not scopes - {"doubt"}:
        return Wishes(doubt=True, row=found[0].row, language=found[0].language) if found else NO_WISHES
    everything = bool(scopes & {"everything", "mailing"})
    return Wishes(
        email=everything or bool(scopes & {"email", "data"}),
        post=everything or "post" in scopes,
        sms="sms" in scopes,
        everything=everything,
        names_email=bool(scopes & {"everything", "email"}),
        either="everything" in scopes,
        row=found[0].row,
        language=found[0].language,
    )


def _from_tables(text: str) -> Wishes:
    match = match_request(text, "email")
    if match is None or match.intent not in {"opt_out", "review"}:
        return NO_WISHES
    if match.channels == {"sms"} and match.intent == "opt_out":
        return Wishes(sms=True, row=match.row, language=match.language)
    if match.channels == {"call"}:
        return NO_WISHES
    if match.intent == "review":
        return Wishes(doubt=True, row=match.row, language=match.language)
    everything = "everything" in match.channels or _is_any_mail(match)
    only_post = "post" in match.channels and match.channels <= {"post", "mail"}
    return Wishes(
        email=not only_post,
        post=everything or "post" in match.channels,
        everything=everything and not only_post,
        names_email="email" in match.channels or "everything" in match.channels,
        either="everything" in match.channels,
        row=match.row,
        language=match.language,
    )


def _is_any_mail(match: Match) -> bool:
    """In English "mail" and "mailings" may be either kind; "mails", and the word in other languages, are e-mail."""
    return (
        "mail" in match.channels and match.language == "en" and bool({"mail", "mailing", "mailings"} & set(match.words))
    )


def _joined(wishes: Iterable[Wishes]) -> Wishes:
    """Take several readings together: what any of them finds is asked, the first that finds something names the row."""
    listed = list(wishes)
    first = next((wish for wish in listed if wish.any), None) or next(
        (wish for wish in listed if wish.doubt), NO_WISHES
    )
    return Wishes(
        email=any(wish.email for wish in listed),
        post=any(wish.post for wish in listed),
        sms=any(wish.sms for wish in listed),
        everything=any(wish.everything for wish in listed),
        names_email=any(wish.names_email for wish in listed),
        either=any(wish.either for wish in listed),
        doubt=not first.any and any(wish.doubt for wish in listed),
        row=first.row,
        language=first.language,
    )


def together(first: Wishes, second: Wishes) -> Wishes:
    return _joined([first, second])


def settled(wishes: Wishes, said: str) -> Wishes:
    """Give the channels of a request by what the whole letter speaks of.

    Who writes of catalogs and says "please stop" means the catalogs, and e-mail only where they name it.
    """
    if not wishes.any:
        return wishes
    own = [wishes.language or "en"]
    paper = (wishes.post and not wishes.everything) or speaks_of(said, "paper", [*own, "en"])
    email = speaks_of(said, "email", own)
    if wishes.email and speaks_of(said, "either", own) and (paper or not email):
        return msgspec.structs.replace(wishes, email=True, post=True, everything=True, either=True)
    if paper and not wishes.either and (not email or speaks_of(said, "keep_email", own)):
        return msgspec.structs.replace(wishes, email=False, post=True, everything=False)
    return wishes


def is_soft_no(text: str) -> bool:
    """Tell whether a text only turns an offer down."""
    said = [folded for _, folded in sentences(text)]
    return bool(said) and said[0] in SOFT_NO and len(said) <= 3
