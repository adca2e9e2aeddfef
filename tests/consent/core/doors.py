"""The doors through which words come in, as their callers use them."""

import base64
import hashlib
import hmac
import json
from collections.abc import Sequence
from io import BytesIO
from typing import Any

from django.test import Client

from consent import mailbox
from consent.models import Inbound
from tests.consent.core.example import ACME_NUMBER, GENERIC_SECRET, INFOBIP_SECRET, MAILBOX

HOME = "Ann Lee\n12 Oak Street\nSpringfield, IL 62701"


def generic(client: Client, number: str, text: str, number_of_message: str = "m-1") -> Any:
    """A text through the generic provider, signed over its body."""
    fields = {"id": number_of_message, "from": number, "to": ACME_NUMBER, "text": text}
    body = json.dumps(fields).encode()
    signature = hmac.new(GENERIC_SECRET.encode(), body, hashlib.sha256).hexdigest()
    return client.post(
        "/webhooks/sms/generic/acme",
        data=body,
        content_type="application/json",
        headers={"X-Signature": f"sha256={signature}"},
    )


def in_chunks(body: bytes, content_type: str) -> dict[str, Any]:
    """What makes a request of Django's test client one whose body comes without its length."""
    length = {"HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_LENGTH": ""}
    return {**length, "CONTENT_TYPE": content_type, "wsgi.input": BytesIO(body)}


def infobip(client: Client, results: Sequence[Any]) -> Any:
    """A batch as Infobip posts it."""
    return client.post(
        "/webhooks/sms/infobip/acme",
        data={"results": results},
        content_type="application/json",
        headers={"Authorization": f"Basic {base64.b64encode(INFOBIP_SECRET.encode()).decode()}"},
    )


def letter(subject: str, text: str, sender: str = "Ann Lee <ann.lee@example.com>", number: int = 1) -> bytes:
    """A plain message to a mailbox of ours."""
    head = {
        "From": sender,
        "To": MAILBOX,
        "Subject": subject,
        "Message-ID": f"<{number}@mail.example.com>",
        "Date": "Tue, 3 Mar 2026 10:00:00 +0000",
        "Content-Type": "text/plain; charset=utf-8",
    }
    return "".join(f"{name}: {value}\r\n" for name, value in head.items() if value).encode() + b"\r\n" + text.encode()


def mail(subject: str, text: str, **more: Any) -> Inbound:
    """The message, accepted as the SMTP listener does."""
    envelope_from = "" if more.get("sender") == "" else "ann.lee@example.com"
    [accepted] = mailbox.accept_mail(letter(subject, text, **more), envelope_from, [MAILBOX])
    return Inbound.objects.get(pk=accepted.id)
