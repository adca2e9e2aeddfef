"""Vonage SMS API: https://developer.vonage.com/en/api/sms#send-an-sms

    POST /sms/json
    {"api_key": "…", "api_secret": "…", "from": "15550100001", "to": "14158675309", "text": "…", "type": "unicode"}
    200 {"message-count": "1", "messages": [{"to": "14158675309", "message-id": "0A00…", "status": "0"}]}

The status within says whether it was taken (https://developer.vonage.com/en/api-errors/sms). An opt-out that Vonage
holds (Opt-Out Assist, toll-free) is not told here but in the delivery receipt: err-code 9.
"""

from consent.answers.segments import is_gsm
from consent.outgoing.contract import (
    Access,
    Call,
    Later,
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

CREDENTIALS = ("api_key", "api_secret")
API_URL = "https://rest.nexmo.com"
IDEMPOTENT = False
THROTTLED = {"1", "10"}
INTERNAL = {"5"}


def call(text: Text, access: Access) -> Call:
    fields = {
        "api_key": access.credentials["api_key"],
        "api_secret": access.credentials["api_secret"],
        "from": digits(text.sender),
        "to": digits(text.to),
        "text": text.body,
        "type": "text" if is_gsm(text.body) else "unicode",
        "client-ref": text.reference,
    }
    return post_json(f"{access.url}/sms/json", fields)


def read(status: int, body: bytes) -> Outcome:
    if status != 200:
        return by_status(status)
    message = first(members(body).get("messages"))
    code = name_of(message.get("status"))
    if code == "0":
        return Sent(name_of(message.get("message-id")))
    if not code or code in INTERNAL:
        return Unsure(f"vonage {code}".strip())
    return Later(f"vonage {code}") if code in THROTTLED else Refused(f"vonage {code}")
