"""What a post to a sign-up form says, and whether a person sent it. No third party is asked, and no script is needed.

Against machines: a field that no person sees, and the form's own stamp, signed: it is two seconds old at least and a
day at most, and works once. Whoever fails is shown the form again with what they typed, for a person can fail too.
"""

import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

from django.core.signing import BadSignature, TimestampSigner
from django.http import QueryDict

from consent.addresses import Contact, contact
from consent.normalise.errors import InvalidAddress
from subscriptions.preferences.signup_offer import Offer, Offered

LEAST = timedelta(seconds=2)
MOST = timedelta(days=1)
TRAP = "website"
_SALT = "sayso.signup"
_PARTS = 4
_MOST_CHARACTERS = 400
_MOST_TYPED = 320


class Problem(ValueError):
    """Why the form is shown again: `address`, `topics`, or `again` (nothing is wrong, a person must send it)."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


class Stamp(NamedTuple):
    """What one showing of a form was: whose, of which notice, and within which site's page."""

    controller_id: int
    notice_id: int
    nonce: str
    embedded_in: str


class Typed(NamedTuple):
    """A post that can be taken. `stamp` is None where a site that may do so posted its own form."""

    contact: Contact
    topics: Sequence[Offered]
    stamp: Stamp | None


def new_stamp(offer: Offer, embedded_in: str) -> str:
    """A stamp for a form that is shown now."""
    parts = (offer.controller_id, offer.notice.pk, secrets.token_urlsafe(12), embedded_in)
    return TimestampSigner(salt=_SALT).sign("|".join(map(str, parts)))


def read_post(form: QueryDict, offer: Offer, *, trusted: bool) -> Typed:
    """What was sent. `trusted`: by a site that may post its own form. Raise `Problem`."""
    found = _contact(form.get("email", ""))
    topics = _topics(form.getlist("topic"), offer)
    if form.get(TRAP):
        raise Problem("again")
    written = form.get("stamp", "")
    return Typed(found, topics, None if trusted and not written else read_stamp(written, offer))


def _contact(written: str) -> Contact:
    if len(written) > _MOST_TYPED:
        raise Problem("address")
    try:
        return contact("email", written)
    except InvalidAddress as error:
        raise Problem("address") from error


def _topics(slugs: Sequence[str], offer: Offer) -> list[Offered]:
    if not slugs or not set(slugs) <= {topic.slug for topic in offer.topics}:
        raise Problem("topics")
    return [topic for topic in offer.topics if topic.slug in slugs]


def read_stamp(written: str, offer: Offer) -> Stamp:
    """The stamp of a form that was shown for long enough, and not too long ago. Raise `Problem`."""
    stamp = _opened(written[:_MOST_CHARACTERS])
    if stamp is None or (stamp.controller_id, stamp.notice_id) != (offer.controller_id, offer.notice.pk):
        raise Problem("again")  # not ours, too old, or of a wording that is no longer the newest
    if is_quick(written):
        raise Problem("again")
    return stamp


def _opened(written: str) -> Stamp | None:
    try:
        parts = TimestampSigner(salt=_SALT).unsign(written, max_age=MOST).split("|", _PARTS - 1)
    except BadSignature:
        return None
    return Stamp(int(parts[0]), int(parts[1]), parts[2], parts[3])


def is_quick(written: str) -> bool:
    """Whether a stamp of ours was made a moment ago."""
    try:
        TimestampSigner(salt=_SALT).unsign(written, max_age=LEAST)
    except BadSignature:
        return False
    return True


class Again(NamedTuple):
    """What a form that is shown again holds already."""

    address: str
    topics: Sequence[str]
    stamp: str


def shown_again(sent: QueryDict, offer: Offer) -> Again:
    """What was typed. Boxes are ticked again only where our own form was sent: nobody else ticks them for a person.

    A form that was sent too soon keeps its stamp, so that the next press is late enough.
    """
    written = sent.get("stamp", "")[:_MOST_CHARACTERS]
    stamp = _opened(written)
    ours = stamp is not None and stamp.controller_id == offer.controller_id
    quick = ours and is_quick(written) and stamp is not None and stamp.notice_id == offer.notice.pk
    return Again(sent.get("email", "")[:_MOST_TYPED], sent.getlist("topic") if ours else [], written if quick else "")
