"""Mandrill (Mailchimp Transactional), events and inbound mail: base64 HMAC-SHA1 in `X-Mandrill-Signature`.

Over the URL as it was configured at Mandrill, with user and password where it has them, followed by the name and value
of every field of the form, sorted by name
(https://mailchimp.com/developer/transactional/guides/track-respond-activity-webhooks/#authenticating-webhook-requests).
The account option `url` is that URL, where it is not the one that is called.

Nothing divides names from values: whoever reads the form must refuse a name that is given twice, as `wire.form` does.
"""

import hashlib
from datetime import datetime

from consent.intake.contract import Account, Forbidden, Request
from consent.intake.providers import proof, wire

MAX_POST = 10_000_000  # bytes; a thousand events, or received mail with what is attached, in percent signs


def verify(request: Request, account: Account, now: datetime) -> None:
    given = proof.header(request, "x-mandrill-signature")
    if not wire.is_form(request):
        raise Forbidden("not a form")
    content = signed_content(account.options.get("url") or request.url, wire.body_pairs(request, MAX_POST))
    proof.require(given, [proof.hmac_base64(key, content, hashlib.sha1) for key in proof.secrets_of(account)])


def signed_content(url: str, fields: wire.Pairs) -> bytes:
    ordered = sorted(fields, key=lambda field: field[0])
    return url.encode("utf-8", "replace") + b"".join(name + value for name, value in ordered)
