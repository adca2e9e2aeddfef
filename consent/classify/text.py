"""What a text asks of us: the gateway's verdict, a keyword, a phrase, in that order; else nothing.

47 CFR 64.1200(a)(10): words that always revoke, and any others that a reasonable person would understand so. What no
row can decide, and what a person should look at, is `review` with a suggestion. Every decision names its row and the
version of the table.
"""

from collections.abc import Sequence

import msgspec

from consent.classify import text_data, text_reading
from consent.classify.text_keywords import Scope
from consent.classify.text_reading import Context, Request
from consent.classify.text_rules import KEYWORDS
from consent.classify.text_scope import channels
from consent.classify.text_tables import Intent
from consent.intake.contract import Channel, Verdict

VERSION = text_data.version()
LONG_LIMIT = 20_000  # characters of a mail's body that are read

_STRENGTH: dict[Intent, int] = {"opt_out": 4, "review": 3, "opt_in": 2, "help": 1, "none": 0}
_EDGES = " \t\r\n.!?*"
_UNDECIDED = Request("none", "none")


class TextDecision(msgspec.Struct, frozen=True):
    """What a text asks. `suggestion`, where the intent is `review`, is what a person would most likely choose.

    `scope` is `sender` (all that this sender sends on this channel), `everything`, or another channel that the text
    names. `also` holds further requests of the same text that reach other channels, for review.
    """

    intent: Intent
    row: str
    version: str
    scope: Scope = "sender"
    language: str | None = None
    suggestion: Intent | None = None
    also: tuple[Request, ...] = ()


class Match(msgspec.Struct, frozen=True):
    """A request in a longer text. `channels` are those its own words name; `words` are the words that were decisive."""

    intent: Intent
    row: str
    version: str
    scope: Scope
    language: str
    suggestion: Intent | None
    channels: frozenset[str]
    words: tuple[str, ...]


def classify_text(
    text: str, *, verdict: Verdict | None = None, reply_to_us: bool = False, language: str | None = None
) -> TextDecision:
    """Decide what an SMS asks. Never raises; time is linear in the text, of which the first 2,000 characters are read.

    `verdict` is the gateway's own reading and outranks the words. `reply_to_us` says that the text answers a message of
    ours, which decides some rows that otherwise go to review. `language` (ISO 639-1), where it is known, decides words
    that mean something else in another language.
    """
    if verdict is not None:
        return TextDecision(verdict, f"gateway.{verdict}", VERSION)
    bare = text.strip(_EDGES)
    quick = _QUICK.get(bare.casefold()) if len(bare) <= _LONGEST_QUICK else None
    if quick is not None:
        return quick
    return _decision(text_reading.read(text, Context(reply_to_us, language)))


def match_request(text: str, channel: Channel) -> Match | None:
    """Find the strongest request in a longer text of a person's own words, such as a mail's body without quotations.

    A channel's own name is in `channels` as `email`, `post`, `sms`; `mail` where it may be either, `everything` for any
    contact at all. None where nothing is asked.
    """
    request = _strongest(text_reading.read(text, Context(own=channel), LONG_LIMIT))
    if request.intent == "none" or request.language is None:
        return None
    return Match(
        intent=request.intent,
        row=request.row,
        version=VERSION,
        scope=request.scope,
        language=request.language,
        suggestion=request.suggestion,
        channels=channels(request.words),
        words=tuple(word for word in request.words if word not in ("^", "$")),
    )


def _strongest(requests: Sequence[Request]) -> Request:
    """The request that decides: a refusal before a doubt, a doubt before a consent, of equals the first."""
    return max(requests, key=_weight, default=_UNDECIDED)


def _weight(request: Request) -> tuple[int, bool]:
    return _STRENGTH[request.intent], request.scope in ("sender", "everything")


def _decision(requests: Sequence[Request]) -> TextDecision:
    main = _strongest(requests)
    also = {
        request.scope: Request("review", request.row, request.scope, request.language, "opt_out")
        for request in requests
        if main.intent == "opt_out" == request.intent and request.scope not in ("sender", "everything", main.scope)
    }
    others = tuple(also.values())
    return TextDecision(main.intent, main.row, VERSION, main.scope, main.language, main.suggestion, others)


def _quick() -> dict[str, TextDecision]:
    """Decisions of the keywords that mean the same in any context, by how they are mostly written."""
    return {
        word: _decision([text_reading.of_keyword(row, (word,), Context())])
        for word, row in KEYWORDS.by_words.items()
        if row.intent == row.in_reply
    }


_QUICK = _quick()
_LONGEST_QUICK = max(map(len, _QUICK))
