"""What was understood of a letter, part by part, for staff: about whom, on which channel, what it asks, as it was
written."""

import msgspec

from consent.addresses import Contact
from consent.classify.mail_decision import MailDecision, Outcome
from consent.letter import Reading
from consent.models import ConsentEvent

_MEANS: dict[Outcome, str] = {"suppress": "asks us to stop", "review": "in doubt", "none": "nothing asked"}


class Part(msgspec.Struct, frozen=True):
    """One address of a letter. `key` (hex) leads to its story; `known` says that the ledger tells of it."""

    channel: str
    whom: str
    means: str
    written: str = ""
    key: str = ""
    known: bool = False


def parts_of(reading: Reading) -> tuple[Part, ...]:
    """Lay a letter out. Nothing is written."""
    made, told = reading.made, reading.mail
    homes = [
        _part(home, made.post, _whose(home, made), found.text)
        for home, found in zip(reading.homes, made.addresses, strict=True)
    ]
    phones = [_part(phone, made.sms, phone.normal) for phone in reading.phones]
    parts = [*_email(reading), *homes, *phones]
    if made.post == "review" and not homes:
        parts.append(Part("post", "no address was found", _MEANS["review"], told.signature[:200] if told else ""))
    if made.sms == "review":
        parts.append(Part("sms", "no number was found", _MEANS["review"]))
    return _with_known(parts)


def _email(reading: Reading) -> list[Part]:
    if reading.token is not None:
        return [
            Part("email", "the address that our link names", _MEANS[reading.made.email], key=reading.token.key.hex())
        ]
    if reading.sender is None:
        return [Part("email", "nobody: no usable sender", _MEANS[reading.made.email])]
    if reading.stray:
        whom = f"{reading.sender.normal}, or whom a token that is not ours names"
        return [Part("email", whom, _MEANS["review"], key=reading.sender.said[0].hex())]
    written = reading.mail.from_raw if reading.mail else ""
    return [_part(reading.sender, reading.made.email, reading.sender.normal, written)]


def _part(contact: Contact, outcome: Outcome, whom: str, written: str = "") -> Part:
    return Part(contact.channel, whom, _MEANS[outcome], written, contact.said[0].hex())


def _whose(home: Contact, made: MailDecision) -> str:
    household, _, name = home.normal.partition("|person|")
    whom = name or "the whole household"
    address = ", ".join(piece for piece in household.split("|") if piece)
    return f"{whom} (may have died), {address}" if made.deceased else f"{whom}, {address}"


def _with_known(parts: list[Part]) -> tuple[Part, ...]:
    keys = [bytes.fromhex(part.key) for part in parts if part.key]
    events = ConsentEvent.objects.filter(key__in=keys).values_list("key", flat=True).distinct()
    known = {bytes(key).hex() for key in events}
    return tuple(msgspec.structs.replace(part, known=part.key in known) for part in parts)
