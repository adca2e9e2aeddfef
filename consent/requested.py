"""Whose address a request was about, as far as it is still kept."""

from uuid import UUID

import msgspec

from consent import signing_up, vault
from consent.addresses import Contact, Written, contact, contact_of_normal
from consent.inbox import Envelope, open_envelope
from consent.models import ContactPoint, Inbound
from consent.normalise.keys import Key
from consent.resolve import VALUE_PURPOSE
from consent.statement import Statement


def contact_of(inbound_id: UUID, key: Key) -> Contact | None:
    """The contact of a key: as the request wrote it, else as it is kept beside the ledger."""
    asked = Inbound.objects.filter(pk=inbound_id).first()
    written = _written(open_envelope(asked.sealed_raw), asked.source) if asked and asked.sealed_raw else None
    found = contact("email", written) if written else kept_contact(key)
    return found if found and found.said[0] == key else None


def _written(envelope: Envelope, source: str) -> Written | None:
    kind = source.partition(":")[0]
    if kind == "signup":
        return signing_up.decode(envelope.body).address
    return msgspec.json.decode(envelope.body, type=Statement).address if kind == "api" else None


def kept_contact(key: Key) -> Contact | None:
    """The contact of a key of e-mail, as it is kept beside the ledger."""
    point = ContactPoint.objects.filter(key=key, channel="email", sealed_value__isnull=False).first()
    return (
        contact_of_normal("email", vault.unseal(VALUE_PURPOSE, point.sealed_value or b"").decode()) if point else None
    )
