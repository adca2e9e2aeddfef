"""Telephone numbers to which a letter asks us not to text any more."""

from typing import Final

from phonenumbers import Leniency, PhoneNumberFormat, PhoneNumberMatcher, format_number

from consent.classify.mail_sentences import sentences
from consent.classify.mail_topics import speaks_of

TEXT_CHARACTERS: Final = 8_000
NUMBERS: Final = 5


def numbers_to_leave(text: str, region: str) -> tuple[str, ...]:
    """Give the numbers (E.164) that a letter gives where it speaks of texts, else the only one in it.

    `region` is the country that national numbers are read in. Where several stand elsewhere nobody can tell which is
    meant, and none is given.
    """
    text = text[:TEXT_CHARACTERS]
    spoken = " ".join(sentence for sentence, _ in sentences(text) if speaks_of(sentence, "sms"))
    named = _numbers(spoken, region)
    if named:
        return named
    others = _numbers(text, region)
    return others if len(others) == 1 else ()


def _numbers(text: str, region: str) -> tuple[str, ...]:
    found = PhoneNumberMatcher(text, region or None, leniency=Leniency.POSSIBLE, max_tries=200)
    numbers = [
        format_number(match.number, PhoneNumberFormat.E164)
        for match in found
        if sum(letter.isdigit() for letter in match.raw_string) >= 8
    ]
    return tuple(dict.fromkeys(numbers))[:NUMBERS]
