"""Saves of the preference page, codes that were asked for and requests about data, opened for staff
(consent/contents.py)."""

from consent.access.asking import CHANGE, asked_in
from consent.choices import BY_OWNER, Word, choices_in
from consent.inbox import Envelope
from consent.models import Inbound
from consent.models.rights import Identity
from consent.request_contents import Opened
from consent.rights.claim import SYSTEM, Claim, claim_in


def save(inbound: Inbound, envelope: Envelope) -> Opened:
    choices = choices_in(envelope.body)
    words = ((f"{one.topic} ({one.channel})", _wanted(one)) for one in (*choices.words, *choices.signal))
    was = choices.shown
    said = (
        ("Button", choices.act),
        *words,
        ("Language wanted", choices.prefers),
        ("Takes back", choices.undoes),
        ("Page shown at", was.at if was else "not proved"),
        ("Page's language", was.language if was else ""),
    )
    who = "owner" if inbound.source == BY_OWNER else "link"
    why = (("Row", inbound.rule or "page"), ("Because", _WHO_AT_PAGE[who]))
    return Opened(said, why)


def _wanted(word: Word) -> str:
    shown = f", where the page showed: {word.shown}" if word.shown else ""
    until = f" until {word.until:%Y-%m-%d}" if word.until else ""
    return f"{word.wanted}{until}{shown}"


_WHO_AT_PAGE = {
    "owner": "Whoever entered a code that was sent to the address chose this on the preference page.",
    "link": "The link itself names the address. By it alone somebody may say no, and narrow.",
}


def code(inbound: Inbound, envelope: Envelope) -> Opened:
    asked = asked_in(envelope.body)
    said = (
        ("A code to", asked.address or "the address of the link"),
        ("For", "a new address" if asked.purpose == CHANGE else "seeing and changing choices"),
        ("Too many were asked for", "yes: none was sent" if asked.limited else ""),
    )
    return Opened(said, (("Row", inbound.rule), ("Because", "Anybody may ask; only who gets the code may enter.")))


def claim(inbound: Inbound, envelope: Envelope) -> Opened:
    asked = claim_in(envelope.body)
    told = (("Asks for", asked.kind.label), ("Address", asked.address), ("How", asked.how), ("Note", asked.note))
    return Opened(told, (("Row", inbound.rule), ("Because", f"{_asker(inbound, asked)} asked for it.")))


def _asker(inbound: Inbound, asked: Claim) -> str:
    if asked.proof == Identity.CODE:
        return "Its owner, proved by a code,"
    if inbound.source != SYSTEM:
        return "Whoever told staff"
    known = "who they are is checked" if asked.proof == Identity.STAFF else "nobody has checked who they are"
    return f"Whoever told a system of the controller's ({known})"
