"""The rules of decision about denials, as a table: what each cause silences, and who may lift it.

Sources: 47 CFR 64.1200(a)(10) and CTIA (a STOP silences the number), 16 CFR 316.5 and GDPR 21(2) (an opt-out reaches
marketing, service messages go on), RFC 3463 class 5 (a dead address takes nothing).
"""

from typing import NamedTuple

from consent.models.vocabulary import Cause, TopicClass

_MARKETING = frozenset({TopicClass.MARKETING.value})
_CHOSEN = _MARKETING | {TopicClass.SHARING.value}
_EVERY_CLASS = frozenset(TopicClass.values)


class CauseRule(NamedTuple):
    """`reason` is the API's word; `silences` the topic classes; `by_person`: a later yes of the person lifts it."""

    reason: str
    silences: frozenset[str]
    by_person: bool


CAUSES: dict[str, CauseRule] = {
    Cause.STOP: CauseRule("opted_out", _EVERY_CLASS, by_person=True),
    Cause.CHOICE: CauseRule("opted_out", _CHOSEN, by_person=True),
    Cause.HARD_BOUNCE: CauseRule("hard_bounce", _EVERY_CLASS, by_person=False),
    Cause.COMPLAINT: CauseRule("complaint", _CHOSEN, by_person=False),
    Cause.DECEASED: CauseRule("deceased", _EVERY_CLASS, by_person=False),
    Cause.MINOR: CauseRule("minor", _CHOSEN, by_person=False),
    Cause.LISTED: CauseRule("listed", _MARKETING, by_person=False),
    Cause.PAUSED: CauseRule("paused", _MARKETING, by_person=True),
}

# While we do not know yet what a text message says, it may be a STOP, and that silences everything from its number.
# No mail, letter or click can stop service messages, so holds of those channels leave them alone.
HOLD_SILENCES: dict[str, frozenset[str]] = {"sms": _EVERY_CLASS, "email": _CHOSEN, "post": _CHOSEN}

# What the source of a line ends in where staff read the inbound.
REVIEWED = ":review"

# A source that names this word hands on somebody else's yes: it may start a permission, and never lifts a denial.
SECOND_HAND = "import"

# The source of the denial that an erasure leaves. No system's word lifts it, however new: only what the person says
# themself, at a page or to staff (consent/erasing.py).
ERASURE = "erasure"
SYSTEMS = "api"
