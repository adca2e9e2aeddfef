"""Plivo: https://www.plivo.com/docs/messaging/api/message/send-a-message

    POST /v1/Account/MA…/Message/, HTTP Basic
    {"src": "+15550100001", "dst": "+14158675309", "text": "…"}
    202 {"message": "message(s) queued", "message_uuid": ["db3c…"], "api_id": "db34…"}

Plivo blocks what is sent to a number after its STOP, save one text within five minutes
(https://support.plivo.com/hc/en-us/articles/360041786171): the confirmation. A blocked one is told in the delivery
report, error code 200.
"""

from consent.outgoing.contract import Access, Call, Outcome, Sent, Text, basic, by_status, members, name_of, post_json

CREDENTIALS = ("auth_id", "auth_token")
API_URL = "https://api.plivo.com"
IDEMPOTENT = False


def call(text: Text, access: Access) -> Call:
    user = access.credentials["auth_id"]
    return post_json(
        f"{access.url}/v1/Account/{user}/Message/",
        {"src": text.sender, "dst": text.to, "text": text.body},
        Authorization=basic(user, access.credentials["auth_token"]),
    )


def read(status: int, body: bytes) -> Outcome:
    if status not in (200, 201, 202):
        return by_status(status)
    ids = members(body).get("message_uuid")
    return Sent(name_of(ids[0] if isinstance(ids, list) and ids else ids))
