"""Answering in the response to the gateway's post: decided at once, with the pipeline's own functions."""

import logging
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from consent import configuration, db, errands, ledger
from consent.answering import STARTED, STOPPED, is_stopped, turns, within_limits
from consent.answers import options as choices
from consent.configuration import AccountEntry
from consent.decision import Arrived, Decision, Wanted
from consent.inbox import Envelope
from consent.intake.contract import Answer, Message
from consent.interpret import interpret
from consent.models.errand import ErrandKind
from consent.numbers import our_number
from consent.outgoing.responses import RESPONSES

logger = logging.getLogger(__name__)


def answers_in_response(entry: AccountEntry) -> bool:
    """Whether the account's texts are answered in the response to the gateway's post."""
    return choices.way(entry.account.options) == choices.RESPONSE and entry.account.provider in RESPONSES


def respond(inbound_id: UUID, source: str, entry: AccountEntry, message: Message) -> Answer | None:
    """The response that answers a text just taken in, noted in the caller's transaction; None for the plain one.

    It is decided with the pipeline's own functions, and never fails: to have taken the text in counts for more.
    """
    db.assert_in_transaction()
    endpoint, now = entry.account.endpoint, timezone.now()
    arrived = Arrived(
        inbound_id, entry.controller_id, source, "sms", endpoint, "", now, b"", 1, Envelope(message=message)
    )
    try:
        with transaction.atomic():
            return _respond(arrived, entry.account.provider)
    except Exception as error:
        logger.error("inbound %s could not be answered (%s)", inbound_id, type(error).__name__)
        return None


def _respond(arrived: Arrived, provider: str) -> Answer | None:
    decision = interpret(arrived, configuration.recent())
    replies = [one for one in decision.errands if one.kind == ErrandKind.REPLY and one.way == choices.RESPONSE]
    if not replies or not _is_due_now(arrived, decision, replies[0]):
        return None
    due = within_limits([(arrived, replies[0])])
    if not due:
        return None
    [errand_id] = errands.write(due)
    return RESPONSES[provider](errands.text_of(errand_id, replies[0]))


def _is_due_now(arrived: Arrived, decision: Decision, one: Wanted) -> bool:
    """As in the pipeline, but before the pipeline has worked off this text and perhaps the one before it."""
    if one.key is None or one.purpose not in (STOPPED, STARTED):
        return True
    errands.lock(one.key)  # two posts of one number at once would both find it unanswered
    # Before the ledger is read: what the pipeline settles in between is then found in both, and never in neither.
    pending = errands.last_pending(one.key, our_number(one.sender))
    earlier = ledger.lines_of([one.key])
    own = ledger.as_lines(decision.entries)
    after = is_stopped([*earlier, *own], arrived, one)
    if pending is None:
        return turns(one.purpose, is_stopped(earlier, arrived, one), after)
    purpose, received_at = pending
    is_later = all(line.occurred_at > received_at for line in own)
    return turns(one.purpose, purpose == STOPPED, after) and is_later
