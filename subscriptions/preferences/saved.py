"""A save as the page shows it afterwards: read back from what was committed, never from what was meant.

After a save the visitor is sent to the page with a ticket that names it. So a reload shows it and saves nothing.
"""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.core.signing import BadSignature, TimestampSigner
from django.http import QueryDict

from consent.choices import BY_LINK, BY_OWNER, Choices, choices_kept
from consent.models import Inbound
from consent.models.vocabulary import InboundState
from subscriptions.preferences.form import UndoExpired

_SECONDS = 3600


class Saved(NamedTuple):
    """A save of this visitor. `waiting`: what it turns on is not on yet."""

    id: UUID
    choices: Choices
    at: datetime
    waiting: bool


def ticket_of(inbound_id: UUID, link: str) -> str:
    """Names a save to its maker, for an hour."""
    return _signer(link).sign(str(inbound_id))


def saved_of(ticket: str, link: str) -> Saved | None:
    """The save that a ticket names; None for what is no ticket of this link, or an old one."""
    try:
        return find(UUID(_signer(link).unsign(ticket, max_age=_SECONDS)), link)
    except (BadSignature, ValueError):
        return None


def find(inbound_id: UUID, link: str) -> Saved | None:
    """A save by its id, if it was made with this link and its evidence is kept."""
    sources = (BY_LINK, BY_OWNER)
    found = Inbound.objects.filter(pk=inbound_id, endpoint=link, source__in=sources, sealed_raw__isnull=False).first()
    if found is None:
        return None
    waiting = found.state != InboundState.DONE
    return Saved(found.pk, choices_kept(found.sealed_raw or b""), found.received_at, waiting)


def undo_in(form: QueryDict, link: str) -> Choices:
    """What takes back the save that a form's ticket names. Raise `UndoExpired` where there is none to be taken back."""
    found = saved_of(str(form.get("undo", "")), link)
    if found is None or found.choices.undoes:
        raise UndoExpired
    return Choices("undo", found.choices.words, undoes=found.id)


def _signer(link: str) -> TimestampSigner:
    return TimestampSigner(salt=f"sayso.saved.{link}")
