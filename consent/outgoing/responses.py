"""Answering within the response to the webhook, for the gateways that document it.

- Twilio (https://www.twilio.com/docs/messaging/twiml/message): `<Response><Message>…`, from the number written to.
- Plivo (https://www.plivo.com/docs/messaging/xml/message): `<Response><Message src="…" dst="…">…`.
- generic: {"reply": {"from": "…", "to": "…", "text": "…"}}.

The other gateways ignore the body of a 2xx.
"""

from collections.abc import Callable
from xml.sax.saxutils import escape, quoteattr

import msgspec

from consent.intake.contract import Answer
from consent.outgoing.contract import Text

XML = '<?xml version="1.0" encoding="UTF-8"?>'


def twilio(text: Text) -> Answer:
    return Answer("text/xml", f"{XML}<Response><Message>{escape(text.body)}</Message></Response>".encode())


def plivo(text: Text) -> Answer:
    attributes = f"src={quoteattr(text.sender)} dst={quoteattr(text.to)}"
    body = f"{XML}<Response><Message {attributes}>{escape(text.body)}</Message></Response>"
    return Answer("application/xml", body.encode())


def generic(text: Text) -> Answer:
    return Answer(body=msgspec.json.encode({"reply": {"from": text.sender, "to": text.to, "text": text.body}}))


RESPONSES: dict[str, Callable[[Text], Answer]] = {"generic": generic, "plivo": plivo, "twilio": twilio}
