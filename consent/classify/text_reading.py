"""All that a text asks, in the order in which it stands there: keywords first, then phrases, sentence by sentence."""

import re
from collections.abc import Iterator, Sequence

import msgspec

from consent.classify import text_rules
from consent.classify.text_data import word_sets
from consent.classify.text_keywords import Keyword, Scope
from consent.classify.text_normal import LAUGH, LIMIT, fold, sentences, words_of
from consent.classify.text_rules import KEYWORDS, SINGLE_FILLERS, Standing
from consent.classify.text_scope import extent, scope_of
from consent.classify.text_tables import Intent
from consent.intake.contract import Channel

_MARKERS = word_sets("markers.tsv")
_GLUE = frozenset(word for word in SINGLE_FILLERS if len(word) > 1) | _MARKERS["glue"]
_SELF = _MARKERS["self"]
_CLAUSE = 4  # words
_SAID = 3  # words
_SHOUTED_FIRST = re.compile(
    r"^(\W*(?:STOP|UNSUBSCRIBE))[ \t]+"
    r"(?!(?:by|over|at|in|on|and|the|for|to|sign|light|from|me|only|it|[Pp]rop|[Mm]easure|[Bb]ill|[a-z]{1,20}ing)\b)"
    r"(?!(?:SMS |sms |PUB |pub )?au\b)"
    r"(?=[^a-z]{0,12}[a-z])"
)
_SHOUTED_NAME = re.compile(r"\W*([^\W\d_]{3,15})[ \t]+(\w{2,15})\W*")
_QUESTION = re.compile(r"\W{0,9}\w{1,20}\s?[?:]")
_LABELLED = re.compile(
    r"\b((?i:opt[ -]?out|unsub\w{0,9}|stop|cancel|end|quit)) ?[:=] ?"
    r"(?=(?:[Rr]eply |[Tt]e?xt |[Ss]end )?(?:STOP|END|QUIT)\b)"
)
_SHOUTED_LAST = re.compile(r"([a-z]{1,20})[.!?,)]{0,3}[ \t]+(?=STOP\W*$)")


class Request(msgspec.Struct, frozen=True):
    """A part of a text: what it asks, by which row. `words` are those that the row stands on."""

    intent: Intent
    row: str
    scope: Scope = "sender"
    language: str | None = None
    suggestion: Intent | None = None
    words: tuple[str, ...] = ()


class Context(msgspec.Struct, frozen=True):
    """What is known beside the text."""

    reply_to_us: bool = False
    language: str | None = None
    own: Channel = "sms"

    def settles(self, language: str) -> bool:
        """Whether a row that is weak on its own may count in full."""
        return self.reply_to_us or (self.language == language and language != "en")


def of_keyword(row: Keyword, words: Sequence[str], context: Context) -> Request:
    intent = row.in_reply if context.settles(row.language) else row.intent
    suggestion = row.suggestion if intent == "review" else None
    return Request(intent, row.id, row.scope, row.language, suggestion, tuple(words))


def of_phrase(standing: Standing, context: Context) -> Request:
    row = standing.row
    intent = row.in_reply if context.settles(row.language) else row.intent
    scope = scope_of(standing.words, standing.rest, context.own) if intent in ("opt_out", "review") else "sender"
    suggestion = row.suggestion if intent == "review" else None
    return Request(intent, row.id, scope, row.language, suggestion, extent(standing.words, standing.rest))


def read(text: str, context: Context, limit: int = LIMIT) -> list[Request]:
    """Everything that the text asks, and what the guards found; an empty list where no row speaks."""
    parts = sentences(_split_shouted(text[:limit]), limit + 4)
    worded = [text_rules.read_words(part) for part in parts]
    kept = [text_rules.without_fillers(words) for words in worded]
    alone = _alone([word for words in worded for word in words], [word for words in kept for word in words])
    if alone is not None:
        return [of_keyword(alone, alone.words[:1], context)]
    return _phrases(parts, kept, context, asked=_QUESTION.match(text) is not None)


def _split_shouted(text: str) -> str:
    """STOP in capitals beside a text in small letters is a sentence of its own; a name after it says nothing."""
    named = _SHOUTED_NAME.fullmatch(text) if text.isupper() else None
    if named is not None and _is_keyword_and_name(*map(fold, named.groups())):
        return named.group(1)
    text = _SHOUTED_FIRST.sub(r"\1. ", _LABELLED.sub(r"\1 reply ", text))
    last = _SHOUTED_LAST.search(text)
    if last is None or last.group(1) in _MARKERS["before_noun"]:
        return text
    if _MARKERS["says_i"].isdisjoint(words_of(fold(text))):
        return text
    return f"{text[: last.end()]}. {text[last.end() :]}"


def _is_keyword_and_name(word: str, name: str) -> bool:
    """`STOP ACME`, as gateways with several programmes behind a number ask for it; `STOP LYING` is none."""
    return word in _MARKERS["named"] and name not in _MARKERS["not_a_name"] and not name.endswith("ing")


def _alone(bare: Sequence[str], kept: Sequence[str]) -> Keyword | None:
    """The keyword that is the whole text, as it stands or with the courtesies aside."""
    row = KEYWORDS.by_words.get(" ".join(bare)) if len(bare) <= 8 else None
    words = kept or bare
    if row is None and words:
        row = KEYWORDS.alone(words)
        if row is None and len(words) == 1:
            row = KEYWORDS.run_together(words[0], _GLUE)
    return row


def _phrases(parts: Sequence[str], kept: Sequence[tuple[str, ...]], context: Context, *, asked: bool) -> list[Request]:
    """What the sentences ask. In marketing copy that begins with a question, `Abmelden? Sms STOPP`, it is none."""
    standing = [text_rules.matches(words) for words in kept]
    kinds = {match.row.kind for several in standing for match in several}
    if "tapback" in kinds:
        return [of_phrase(match, context) for several in standing for match in several if match.row.kind == "tapback"]
    copied = "copy" in kinds
    requests: list[Request] = []
    for number, (part, words, several) in enumerate(zip(parts, kept, standing, strict=True)):
        requests += _sentence(part, words, several, context, copied=copied, first=number == 0 and not asked)
    return _soften(requests, kept)


def _sentence(
    part: str, words: Sequence[str], several: Sequence[Standing], context: Context, *, copied: bool, first: bool
) -> Iterator[Request]:
    """The requests of one sentence. In marketing copy only a person's own words count: those that say I or me."""
    copies = [match for match in several if match.row.kind == "copy"]
    if copies:
        yield of_phrase(copies[0], context)
        return
    keyword = _own_clause(part, words)
    if keyword is not None and (first or not copied):
        request = of_keyword(keyword, keyword.words[:1], context)
        yield request if keyword.reach == "sentence" else _judged(request)
    for match in several:
        if not copied or match.row.intent == "none" or not _SELF.isdisjoint(match.words):
            yield of_phrase(match, context)
    if keyword is None and not copied and all(match.row.intent != "opt_out" for match in several):
        yield from (of_phrase(match, context) for match in _last_clause(part))


def _last_clause(part: str) -> Sequence[Standing]:
    """A request that fills the last clause from its beginning: `I'm all for her, now stop texting me`."""
    before, comma, last = part.rpartition(",")
    said = text_rules.read_words(before)[-_SAID:]
    if not comma or not _MARKERS["says"].isdisjoint(said):
        return ()
    words = text_rules.without_fillers(text_rules.read_words(last))
    found = [match for match in text_rules.matches(words) if match.row.intent == "opt_out"]
    return [match for match in found if match.words[0] in ("^", *words[:1])]


def _own_clause(part: str, words: Sequence[str]) -> Keyword | None:
    """The keyword that is a sentence of its own, or its first or last clause: `Stop, I never signed up`."""
    row = KEYWORDS.exact(words) if words and len(words) <= _CLAUSE else None
    if row is not None and row.intent not in ("opt_out", "review"):
        return None
    if row is None and "," in part:
        pieces = part.split(",")
        for piece in (pieces[0], pieces[-1]):
            row = row or _refusing(text_rules.without_fillers(text_rules.read_words(piece)))
    return row or _refusing(_asked_at_the_end(part))


def _asked_at_the_end(part: str) -> Sequence[str]:
    """What follows `please` or `but` at the end of a sentence: `you are texting a child please stop`."""
    words = text_rules.read_words(part)
    for length in (1, 2):
        if len(words) > length + 1 and words[-length - 1] in _MARKERS["asks"]:
            return words[-length:]
    return ()


def _refusing(clause: Sequence[str]) -> Keyword | None:
    row = KEYWORDS.exact(clause) if clause else None
    return row if row is not None and row.intent == "opt_out" else None


def _soften(requests: list[Request], kept: Sequence[Sequence[str]]) -> list[Request]:
    """A keyword among laughter, or beside a request to start, is for a person to judge."""
    requests = _confirmed(requests)
    laughing = any(LAUGH in words for words in kept)
    starting = any(request.intent == "opt_in" for request in requests)
    if not laughing and not starting:
        return requests
    return [_judged(request) if starting or request.row.startswith("keyword.") else request for request in requests]


def _confirmed(requests: list[Request]) -> list[Request]:
    """`Wrong number. Remove.`: a weak keyword as a sentence of its own counts beside another sign of refusal only."""
    refusing = sum(map(_refuses, requests)) > 1
    return [
        msgspec.structs.replace(request, intent="opt_out", suggestion=None) if _weak(request) else request
        for request in requests
        if refusing or not _weak(request)
    ]


def _refuses(request: Request) -> bool:
    """A sign of refusal. A row that holds for a reason, `don't call, text instead`, is none."""
    return "opt_out" in (request.intent, request.suggestion) and not request.row.startswith("hold.")


def _weak(request: Request) -> bool:
    return request.intent == "review" and request.suggestion == "opt_out" and request.row.startswith("keyword.")


def _judged(request: Request) -> Request:
    if request.intent != "opt_out":
        return request
    return msgspec.structs.replace(request, intent="review", suggestion="opt_out")
