"""What a POST to a link says: a one-click request of a mail service, or a form of our pages.

A one-click is whatever is not our form: the URI is the authority (RFC 8058 §3.2), and its body only evidence.
"""

import logging
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from django.core.exceptions import RequestDataTooBig
from django.core.signing import BadSignature, TimestampSigner
from django.http import HttpRequest, QueryDict

from consent.configuration import TopicRule
from consent.interpret.link import WIDER

logger = logging.getLogger(__name__)

PAGES = ("unsubscribe", "preferences")
_MAX_KEPT_BODY = 10_000  # bytes
_UNDO_SECONDS = 3600


class Asked(NamedTuple):
    """`scope` is `all`, topic slugs separated by commas, or empty for the link's own (consent/interpret/link.py).

    `undoes` is the id of the inbound whose click is taken back, or empty.
    """

    scope: str
    undoes: str = ""


class NothingChosen(ValueError):
    """The preference form came without a choice."""


class UndoExpired(ValueError):
    """The form wants to undo what it has no fresh proof of having done."""


class UnknownTopic(ValueError):
    """The form names a topic that the page does not offer. Taking the rest would narrow what the person said."""


ONE_CLICK = Asked("")


def read_post(request: HttpRequest) -> tuple[bytes, QueryDict]:
    """The body as evidence, cut, and the form's fields. Never raises: a body that cannot be parsed is no form."""
    try:
        body = _whole(request)
    except OSError:  # the sender hung up; the URI has said it all
        return b"", QueryDict()
    if body is None:
        return _beginning(request), QueryDict()
    try:
        return body[:_MAX_KEPT_BODY], request.POST
    except Exception as error:
        # Django raises a dozen kinds for malformed forms; none of them is a reason to refuse a no.
        logger.info("a one-click body could not be parsed (%s)", type(error).__name__)
        return body[:_MAX_KEPT_BODY], QueryDict()


def _whole(request: HttpRequest) -> bytes | None:
    """None for a body larger than any form of ours, unread."""
    try:
        return request.body
    except RequestDataTooBig:
        return None


def _beginning(request: HttpRequest) -> bytes:
    try:
        return request.read(_MAX_KEPT_BODY)
    except OSError:
        return b""


def is_our_form(form: QueryDict) -> bool:
    """Whether one of our pages sent this."""
    return form.get("page") in PAGES


def undo_ticket(inbound_id: UUID, link: str) -> str:
    """Proof, for an hour, of having made a click: only its maker may undo it, not whoever else holds the link."""
    return _signer(link).sign(str(inbound_id))


def _signer(link: str) -> TimestampSigner:
    return TimestampSigner(salt=f"sayso.undo.{link}")


def _undone(ticket: str, link: str) -> str:
    try:
        return _signer(link).unsign(ticket, max_age=_UNDO_SECONDS)
    except BadSignature as error:
        raise UndoExpired from error


def read_form(form: QueryDict, offered: Sequence[TopicRule], link: str) -> Asked:
    """What our form asks for. Raise `NothingChosen`, `UnknownTopic` or `UndoExpired`."""
    scope = WIDER if form.get("scope") == WIDER else _chosen(form.getlist("topic"), offered)
    if not scope and form["page"] == "preferences":
        raise NothingChosen
    return Asked(scope, _undone(str(form["undo"]), link) if "undo" in form else "")


def _chosen(slugs: Sequence[str], offered: Sequence[TopicRule]) -> str:
    if not set(slugs) <= {topic.slug for topic in offered}:
        raise UnknownTopic
    return ",".join(topic.slug for topic in offered if topic.slug in slugs)
