"""Numbers as gateways write them: with or without a plus, short codes, names of letters."""

from consent.addresses import Contact, contact_of_normal
from consent.normalise.errors import InvalidAddress
from consent.normalise.phone import normalise_msisdn, normalise_phone


def normal_number(written: str, region: str) -> str:
    """The normal form of a person's number. Raise `InvalidAddress` for what is none."""
    try:
        return normalise_phone(written, region or None)
    except InvalidAddress:
        return normalise_msisdn(written)


def person_contact(written: str, region: str) -> Contact:
    """The contact of the person a message came from. Raise `InvalidAddress` for what no number is."""
    return contact_of_normal("sms", normal_number(written, region))


def our_number(written: str) -> str:
    """Our own number, short code or alphanumeric name, in one spelling (at most 40 characters)."""
    try:
        return normalise_msisdn(written, allow_short=True)
    except InvalidAddress:
        return written.strip().upper()[:40]
