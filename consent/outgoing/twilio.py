"""Twilio: https://www.twilio.com/docs/messaging/api/message-resource#create-a-message-resource

    POST /2010-04-01/Accounts/AC…/Messages.json, HTTP Basic
    From=%2B15550100001&To=%2B14158675309&Body=…
    201 {"sid": "SM…", "status": "queued"}
    400 {"code": 21610, "message": "Attempt to send to unsubscribed recipient", "status": 400}

While Twilio itself handles opt-outs (its default), it answers STOP, START and HELP, and refuses our text with 21610:
`answers` is then `gateway`. Twilio's support turns that handling off; then `api` or `response` is ours to choose.
"""

from urllib.parse import urlencode

from consent.outgoing.contract import Access, Call, Outcome, Refused, Sent, Text, basic, by_status, members, name_of

CREDENTIALS = ("account_sid", "auth_token")
API_URL = "https://api.twilio.com"
IDEMPOTENT = False
OPTED_OUT = {"21610"}


def call(text: Text, access: Access) -> Call:
    account = access.credentials["account_sid"]
    headers = {
        "Authorization": basic(account, access.credentials["auth_token"]),
        "Content-Type": "application/x-www-form-urlencoded",
    }
    content = urlencode({"From": text.sender, "To": text.to, "Body": text.body})
    return Call("POST", f"{access.url}/2010-04-01/Accounts/{account}/Messages.json", headers, content.encode())


def read(status: int, body: bytes) -> Outcome:
    fields = members(body)
    if status in (200, 201):
        return Sent(name_of(fields.get("sid")))
    code = name_of(fields.get("code"))
    return Refused(f"twilio {code}", opted_out=True) if code in OPTED_OUT else by_status(status)
