"""Infobip: https://www.infobip.com/docs/api/channels/sms/sms-messaging/outbound-sms/send-sms-messages

    POST /sms/2/text/advanced, Authorization: App …
    {"messages": [{"from": "15550100001", "destinations": [{"to": "14158675309", "messageId": "01a1…"}], "text": "…"}]}
    200 {"messages": [{"messageId": "01a1…", "status": {"groupId": 1, "groupName": "PENDING", "id": 26, "name": "…"}}]}

Each account has an address of its own (https://….api.infobip.com), so `api_url` must say it.

Statuses (https://www.infobip.com/docs/essentials/api-essentials/response-status-and-error-codes): 14 is a number on the
blocklist; 23 is a message id that it has taken before, which makes another attempt safe.
"""

from typing import Any

from consent.outgoing.contract import (
    Access,
    Call,
    Outcome,
    Refused,
    Sent,
    Text,
    Unsure,
    by_status,
    digits,
    first,
    members,
    name_of,
    post_json,
)

CREDENTIALS = ("api_key",)
API_URL = ""
IDEMPOTENT = True
TAKEN = {"ACCEPTED", "OK", "PENDING", "DELIVERED"}
BLOCKLISTED, KNOWN_ID = "14", "23"


def call(text: Text, access: Access) -> Call:
    destination = {"to": digits(text.to), "messageId": text.reference}
    return post_json(
        f"{access.url}/sms/2/text/advanced",
        {"messages": [{"from": digits(text.sender), "destinations": [destination], "text": text.body}]},
        Authorization=f"App {access.credentials['api_key']}",
    )


def read(status: int, body: bytes) -> Outcome:
    if status not in (200, 201, 202):
        return by_status(status)
    message = first(members(body).get("messages"))
    said = message.get("status")
    return _by_status_object(said, name_of(message.get("messageId"))) if isinstance(said, dict) else Unsure("infobip")


def _by_status_object(said: dict[str, Any], message_id: str) -> Outcome:
    number = name_of(said.get("id"))
    if number == KNOWN_ID or name_of(said.get("groupName")).upper() in TAKEN:
        return Sent(message_id)
    return Refused(f"infobip {number}".strip(), opted_out=number == BLOCKLISTED)
