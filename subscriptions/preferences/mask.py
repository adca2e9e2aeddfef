"""An address as its owner knows it again and nobody else reads it: j•••e@e•••e.org. How long it is does not show."""

from consent.addresses import PERSON, Contact
from consent.neighbours import home_of

HIDDEN = "•••"
_LONG = 4  # characters from which on the last one is shown too
_LAST_DIGITS = 2
_POSTAL_START = 2


def masked(contact: Contact | None) -> str:
    """What a page shows of an address; "" where it is not known."""
    if contact is None:
        return ""
    return _MASKS[contact.channel](contact)


def _email(contact: Contact) -> str:
    local, _, domain = contact.normal.rpartition("@")
    name, _, top = domain.rpartition(".")
    return f"{_word(local)}@{_word(name)}.{top}"


def _phone(contact: Contact) -> str:
    return f"{HIDDEN} {contact.normal[-_LAST_DIGITS:]}"


def _home(contact: Contact) -> str:
    """The initials of a name, and how the postal code begins."""
    name = contact.normal.partition(PERSON)[2]
    home, _ = home_of(contact)
    code = f"{home.postal_code[:_POSTAL_START]}{HIDDEN}" if home.postal_code else ""
    return ", ".join(part for part in (" ".join(f"{word[0]}{HIDDEN}" for word in name.split()), code) if part) or HIDDEN


def _word(text: str) -> str:
    if not text:
        return HIDDEN
    return text[0] + HIDDEN + (text[-1] if len(text) >= _LONG else "")


_MASKS = {"email": _email, "sms": _phone, "post": _home}
