"""Sinch SMS: https://developers.sinch.com/docs/sms/api-reference/sms/batches/sendsms

    POST /xms/v1/{service_plan_id}/batches, Authorization: Bearer …
    {"from": "15550100001", "to": ["14158675309"], "body": "…", "client_reference": "…"}
    201 {"id": "01FC66621XXXXX119Z8PMV1QPQ", …}

The address is that of the account's region: `api_url` names another than the United States
(https://eu.sms.api.sinch.com). A blocked number is told in the delivery report, code 257.
"""

from consent.outgoing.contract import Access, Call, Outcome, Sent, Text, by_status, digits, members, name_of, post_json

CREDENTIALS = ("service_plan_id", "api_token")
API_URL = "https://us.sms.api.sinch.com"
IDEMPOTENT = False


def call(text: Text, access: Access) -> Call:
    return post_json(
        f"{access.url}/xms/v1/{access.credentials['service_plan_id']}/batches",
        {
            "from": digits(text.sender),
            "to": [digits(text.to)],
            "body": text.body,
            "client_reference": text.reference,
        },
        Authorization=f"Bearer {access.credentials['api_token']}",
    )


def read(status: int, body: bytes) -> Outcome:
    return Sent(name_of(members(body).get("id"))) if status in (200, 201) else by_status(status)
