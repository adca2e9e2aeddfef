"""Somebody asks for a code."""

import logging

from django.conf import settings

from consent import vault
from consent.access import words
from consent.access.asking import ENTER, Asked, asked_in
from consent.access.codes import mac_of, new_code
from consent.access.ways import NoWay, mailbox_of, text_way
from consent.access.words import Said
from consent.addresses import Contact, contact_of_normal
from consent.answers.options import API
from consent.configuration import Scope, Snapshot
from consent.decision import Arrived, Coded, Decision, Wanted
from consent.models import ContactPoint
from consent.models.errand import ErrandKind, ErrandWay
from consent.normalise.keys import Key
from consent.resolve import VALUE_PURPOSE
from consent.tokens import Token, make_token, read_token

logger = logging.getLogger(__name__)
PURPOSE = "code"


def interpret_code(arrived: Arrived, snapshot: Snapshot) -> Decision:
    """The code and its message. Whether anybody gets it is seen when it is settled (consent/access/settling.py)."""
    asked = asked_in(arrived.envelope.body)
    key = _key(asked)
    point = ContactPoint.objects.filter(key=key).first()
    to, code = _contact(asked, point), new_code()
    ours = to is not None and (to.channel, to.normal) in snapshot.senders
    message = None if to is None or ours or asked.limited else _message(arrived, snapshot, asked, to, code, point)
    rule = "code.limited" if asked.limited else f"code.{asked.purpose}"
    coded = Coded(asked.request, asked.channel, key, mac_of(asked.request, code), message)
    return Decision("code", rule, codes=(coded,))


def _key(asked: Asked) -> Key:
    return read_token(asked.link).key if asked.link else contact_of_normal(asked.channel, asked.address).said[0]


def _contact(asked: Asked, point: ContactPoint | None) -> Contact | None:
    """Whom to write to; of a link whose address we do not have, nobody."""
    if asked.address:
        return contact_of_normal(asked.channel, asked.address)
    if point is None or point.sealed_value is None:
        return None
    return contact_of_normal(asked.channel, vault.unseal(VALUE_PURPOSE, point.sealed_value).decode())


def _message(
    arrived: Arrived, snapshot: Snapshot, asked: Asked, to: Contact, code: str, point: ContactPoint | None
) -> Wanted | None:
    said = Said(
        controller=snapshot.controller_names[arrived.controller_id],
        code=code,
        purpose=asked.purpose,
        url=_url(arrived, asked, to) if asked.purpose == ENTER else "",
        language=(point.language if point else "") or asked.language,
    )
    try:
        return (_text if asked.channel == "sms" else _letter)(arrived, snapshot, to, said)
    except NoWay:
        logger.error("controller %s has no address to send codes from", arrived.controller_id)
        return None


def _url(arrived: Arrived, asked: Asked, to: Contact) -> str:
    token = Token(to.channel, Scope(arrived.controller_id, None), to.said[0])
    return f"{settings.SAYSO_PUBLIC_ORIGIN}/preferences/{asked.link or make_token(token)}"


def _letter(arrived: Arrived, snapshot: Snapshot, to: Contact, said: Said) -> Wanted:
    sender = mailbox_of(snapshot, arrived.controller_id)
    return Wanted(
        kind=ErrandKind.CODE,
        purpose=PURPOSE,
        way=ErrandWay.MAIL,
        key=to.said[0],
        sender=sender,
        to=to.normal,
        answer=words.letter(said),
    )


def _text(arrived: Arrived, snapshot: Snapshot, to: Contact, said: Said) -> Wanted:
    way = text_way(snapshot, arrived.controller_id)
    if way is None:
        raise NoWay
    return Wanted(
        kind=ErrandKind.CODE,
        purpose=PURPOSE,
        way=API,
        key=to.said[0],
        sender=way.sender,
        to=to.normal,
        text=words.text(said),
        provider=way.provider,
        endpoint=way.endpoint,
    )
