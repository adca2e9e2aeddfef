"""Telnyx: https://developers.telnyx.com/api-reference/messages/send-a-message

    POST /v2/messages, Authorization: Bearer …
    {"from": "+15550100001", "to": "+14158675309", "text": "…"}
    200 {"data": {"id": "40385f64-…"}}
    403 {"errors": [{"code": "40300", "title": "Blocked due to STOP message"}]}

Telnyx answers STOP, START and HELP itself and blocks the number
(https://developers.telnyx.com/docs/messaging/messages/advanced-opt-in-out): `answers` is then `gateway`.
"""

from consent.outgoing.contract import (
    Access,
    Call,
    Outcome,
    Refused,
    Sent,
    Text,
    by_status,
    first,
    members,
    name_of,
    post_json,
)

CREDENTIALS = ("api_key",)
API_URL = "https://api.telnyx.com"
IDEMPOTENT = False
OPTED_OUT = {"40300"}


def call(text: Text, access: Access) -> Call:
    return post_json(
        f"{access.url}/v2/messages",
        {"from": text.sender, "to": text.to, "text": text.body},
        Authorization=f"Bearer {access.credentials['api_key']}",
    )


def read(status: int, body: bytes) -> Outcome:
    fields = members(body)
    if status in (200, 201, 202):
        data = fields.get("data")
        return Sent(name_of(data.get("id")) if isinstance(data, dict) else "")
    code = name_of(first(fields.get("errors")).get("code"))
    return Refused(f"telnyx {code}", opted_out=True) if code in OPTED_OUT else by_status(status)
