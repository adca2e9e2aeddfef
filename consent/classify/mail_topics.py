"""What a letter speaks of, whatever it asks: paper, e-mail, all contact, a household, a death, the telephone."""

import re
from collections.abc import Iterable
from functools import cache
from typing import Final, Literal, NamedTuple

from consent.classify import text_data
from consent.classify.mail_sentences import fold

Name = Literal["paper", "email", "either", "household", "death", "sms", "keep_email", "opt_in"]


class Topic(NamedTuple):
    """One line of `tables/mail_topics.tsv`."""

    name: str
    language: str
    pattern: str
    example: str


TOPICS: Final = [Topic(*line) for line in text_data.lines("mail_topics.tsv")]
LANGUAGES: Final = frozenset(topic.language for topic in TOPICS)


@cache
def _compiled() -> dict[tuple[str, str], re.Pattern[str]]:
    return {(topic.name, topic.language): re.compile(rf"\b(?:{topic.pattern})\b") for topic in TOPICS}


_CHARACTERS: Final = 20_000


def speaks_of(text: str, name: Name, languages: Iterable[str] = ()) -> bool:
    """Tell whether a text speaks of a topic, in one of the languages (in any, where none is given).

    Its first 20,000 characters are read. A word of one language may be another's: "mail" is e-mail in Italian.
    """
    folded = fold(text[:_CHARACTERS])
    wanted = frozenset(languages) or LANGUAGES
    patterns = (pattern for (topic, of), pattern in _compiled().items() if topic == name and of in wanted)
    return any(pattern.search(folded) for pattern in patterns)
