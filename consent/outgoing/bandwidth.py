"""Bandwidth: https://dev.bandwidth.com/apis/messaging-apis/messaging/#tag/Messages/operation/createMessage

    POST /api/v2/users/{account_id}/messages, HTTP Basic
    {"applicationId": "93de2206-…", "from": "+15550100001", "to": ["+14158675309"], "text": "…", "tag": "…"}
    202 {"id": "14762070468292kw2fuqty55yp2b2", …}

Any 4xx or 5xx says that nothing was sent (https://dev.bandwidth.com/docs/messaging/errors): a 5xx is tried again.
Only toll-free numbers have their STOP answered, by the network.
"""

from consent.outgoing.contract import (
    Access,
    Call,
    Later,
    Outcome,
    Sent,
    Text,
    basic,
    by_status,
    members,
    name_of,
    post_json,
)

CREDENTIALS = ("account_id", "application_id", "username", "password")
API_URL = "https://messaging.bandwidth.com"
IDEMPOTENT = False


def call(text: Text, access: Access) -> Call:
    named = access.credentials
    return post_json(
        f"{access.url}/api/v2/users/{named['account_id']}/messages",
        {
            "applicationId": named["application_id"],
            "from": text.sender,
            "to": [text.to],
            "text": text.body,
            "tag": text.reference,
        },
        Authorization=basic(named["username"], named["password"]),
    )


def read(status: int, body: bytes) -> Outcome:
    if status in (200, 201, 202):
        return Sent(name_of(members(body).get("id")))
    return Later(f"http {status}") if status >= 500 else by_status(status)
