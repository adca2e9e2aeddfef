"""MessageBird: https://developers.messagebird.com/api/sms-messaging/#send-outbound-sms

    POST /messages, Authorization: AccessKey …
    {"originator": "15550100001", "recipients": ["14158675309"], "body": "…", "datacoding": "auto"}
    201 {"id": "e8077d803532c0b5937c639b60216938", …}

A number that it holds as opted out is told in the delivery report, status error code 103.
"""

from consent.outgoing.contract import Access, Call, Outcome, Sent, Text, by_status, digits, members, name_of, post_json

CREDENTIALS = ("access_key",)
API_URL = "https://rest.messagebird.com"
IDEMPOTENT = False


def call(text: Text, access: Access) -> Call:
    return post_json(
        f"{access.url}/messages",
        {
            "originator": digits(text.sender),
            "recipients": [digits(text.to)],
            "body": text.body,
            "datacoding": "auto",
            "reference": text.reference,
        },
        Authorization=f"AccessKey {access.credentials['access_key']}",
    )


def read(status: int, body: bytes) -> Outcome:
    return Sent(name_of(members(body).get("id"))) if status in (200, 201) else by_status(status)
