"""Any gateway, through a few lines of glue of its user's own: the other direction of the generic webhook.

    POST to the account's `api_url`
    X-Signature: sha256=<hex HMAC-SHA256 of the body under the credential `secret`>
    Idempotency-Key: <the same for each attempt>

    {"id": "01a1…", "from": "+15550100001", "to": "+14158675309", "text": "…"}

Answer 2xx once it is sent, with {"id": "…"} if there is one; 4xx if it never will be, with {"error": "opted_out"} where
that is why; anything else is tried again with the same key, so send one key once.
"""

import hashlib
import hmac

import msgspec

from consent.outgoing.contract import JSON, Access, Call, Later, Outcome, Refused, Sent, Text, members, name_of

CREDENTIALS = ("secret",)
API_URL = ""
IDEMPOTENT = True


def call(text: Text, access: Access) -> Call:
    fields = {"id": text.reference, "from": text.sender, "to": text.to, "text": text.body}
    content = msgspec.json.encode(fields)
    code = hmac.new(access.credentials["secret"].encode(), content, hashlib.sha256).hexdigest()
    return Call(
        "POST", access.url, JSON | {"X-Signature": f"sha256={code}", "Idempotency-Key": text.reference}, content
    )


def read(status: int, body: bytes) -> Outcome:
    fields = members(body)
    if 200 <= status < 300:
        return Sent(name_of(fields.get("id")))
    if 400 <= status < 500 and status != 429:
        return Refused(f"http {status}", opted_out=fields.get("error") == "opted_out")
    return Later(f"http {status}")
