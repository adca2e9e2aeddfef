"""Infobip: https://www.infobip.com/docs/api/channels/sms/sms-messaging/outbound-sms/send-sms-messages

    POST /sms/2/text/advanced, Authorization: App …
    {"messages": [{"from": "15550100001", "destinations": [{"to": "14158675309"}], "text": "…"}]}
    200 {"messages": [{"messageId": "2250be2d…", "status": {"groupId": 1, "groupName": "PENDING", "name": "…"}}]}

Each account has an address of its own (https://….api.infobip.com), so `api_url` must say it. Status groups
(https://www.infobip.com/docs/essentials/response-status-and-error-codes): 0, 1 and 3 are taken, 5 is rejected; what the
blocklist rejects is REJECTED_BLACKLISTED or REJECTED_DESTINATION_BLACKLISTED… by its name.
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
IDEMPOTENT = False
TAKEN = {"ACCEPTED", "PENDING", "DELIVERED"}
OPTED_OUT = ("BLACKLIST", "BLOCKLIST")


def call(text: Text, access: Access) -> Call:
    message = {"from": digits(text.sender), "destinations": [{"to": digits(text.to)}], "text": text.body}
    return post_json(
        f"{access.url}/sms/2/text/advanced",
        {"messages": [message]},
        Authorization=f"App {access.credentials['api_key']}",
    )


def read(status: int, body: bytes) -> Outcome:
    if status not in (200, 201, 202):
        return by_status(status)
    message = first(members(body).get("messages"))
    said = message.get("status")
    return _by_group(said, name_of(message.get("messageId"))) if isinstance(said, dict) else Unsure("infobip")


def _by_group(said: dict[str, Any], message_id: str) -> Outcome:
    group, name = name_of(said.get("groupName")).upper(), name_of(said.get("name")).upper()
    if group in TAKEN:
        return Sent(message_id)
    return Refused(f"infobip {name or group}"[:60], opted_out=any(word in name for word in OPTED_OUT))
