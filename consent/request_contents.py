"""Sign-ups, presses of confirmation links and answers about wordings, opened for staff (consent/contents.py)."""

from typing import Any, NamedTuple

from consent import confirming, reconsent, signing_up
from consent.inbox import Envelope
from consent.models import Inbound
from consent.statement import NoticeSeen


class Opened(NamedTuple):
    """Names and values of what was said, and why it was decided so."""

    said: tuple[tuple[str, Any], ...]
    why: tuple[tuple[str, str], ...]


def sign_up(inbound: Inbound, envelope: Envelope) -> Opened:
    told = signing_up.decode(envelope.body)
    return Opened(
        (
            ("Address", told.address),
            ("Asked for", ", ".join(told.names)),
            ("Wording", _wording(told.notice)),
            ("SHA-256 of all words shown", told.shown),
            ("Language", told.language),
            ("Page", told.page),
            ("Within the page of", told.embedded_in),
            ("Sec-GPC", "1" if told.gpc else ""),
        ),
        (("Row", "signup.form"), ("Because", "Anybody may have typed this address: it counts once it is confirmed.")),
    )


def press(inbound: Inbound, envelope: Envelope) -> Opened:
    ticket = confirming.read_ticket(inbound.endpoint)
    return Opened(
        (
            ("Said", "yes, by the button of the page behind the link of our message"),
            ("Confirms the request", ticket.inbound_id),
            ("Could be confirmed until", ticket.until),
            ("Sec-GPC", envelope.headers.get("gpc")),
        ),
        (("Row", "confirm.press"), ("Because", "Only the message to the address holds this link.")),
    )


def answer(inbound: Inbound, envelope: Envelope) -> Opened:
    told = reconsent.decode(envelope.body)
    proved = inbound.source == reconsent.BY_OWNER
    return Opened(
        (
            ("Said", {"agree": "yes", "no": "no", "not_now": "not now"}[told.answer]),
            ("About", ", ".join(told.names)),
            ("Wording", _wording(told.notice)),
            ("SHA-256 of the wording", told.shown),
            ("Stops", ", ".join(told.stops)),
        ),
        (
            ("Row", f"reconsent.{told.answer}"),
            ("Because", "The owner of the address, proved, said so." if proved else "Whoever holds the link said so."),
        ),
    )


def _wording(seen: NoticeSeen | None) -> str:
    return f"{seen.slug} v{seen.version} ({seen.language})" if seen else ""
