"""AWS End User Messaging SMS:
https://docs.aws.amazon.com/pinpoint/latest/apireference_smsvoicev2/API_SendTextMessage.html

    POST / of sms-voice.{region}.amazonaws.com, X-Amz-Target: PinpointSMSVoiceV2.SendTextMessage, Signature Version 4
    {"DestinationPhoneNumber": "+14158675309", "OriginationIdentity": "+15550100001", "MessageBody": "…",
     "MessageType": "TRANSACTIONAL"}
    200 {"MessageId": "…"}
    400 {"__type": "ConflictException", "Reason": "DESTINATION_PHONE_NUMBER_OPTED_OUT"}

AWS answers HELP and STOP itself unless the number has self-managed opt-outs
(https://docs.aws.amazon.com/sms-voice/latest/userguide/opt-out-list-self-managed.html): `answers` is then `gateway`.
"""

from urllib.parse import urlsplit

import msgspec

from consent.outgoing.aws import CREDENTIALS as CREDENTIALS
from consent.outgoing.aws import signed
from consent.outgoing.contract import Access, Call, Later, Outcome, Refused, Sent, Text, by_status, members, name_of
from consent.outgoing.contract import post_json as plain_post

API_URL = "https://sms-voice.{region}.amazonaws.com"
IDEMPOTENT = False
SERVICE, TARGET = "sms-voice", "PinpointSMSVoiceV2.SendTextMessage"
OPTED_OUT = {"DESTINATION_PHONE_NUMBER_OPTED_OUT"}
THROTTLED = {"ThrottlingException"}


def call(text: Text, access: Access) -> Call:
    fields = {
        "DestinationPhoneNumber": text.to,
        "OriginationIdentity": text.sender,
        "MessageBody": text.body,
        "MessageType": "TRANSACTIONAL",
    }
    plain = plain_post(f"{access.url}/", fields)
    headers = {
        "Content-Type": "application/x-amz-json-1.0",
        "X-Amz-Target": TARGET,
        "Host": urlsplit(plain.url).netloc,
    }
    unsigned = Call("POST", plain.url, headers, plain.content)
    return msgspec.structs.replace(unsigned, headers=signed(unsigned, SERVICE, access.credentials))


def read(status: int, body: bytes) -> Outcome:
    fields = members(body)
    if status == 200:
        return Sent(name_of(fields.get("MessageId")))
    kind = name_of(fields.get("__type")).rpartition("#")[2]
    reason = name_of(fields.get("Reason"))
    if reason in OPTED_OUT:
        return Refused("aws opted out", opted_out=True)
    return Later(f"aws {kind}") if kind in THROTTLED else by_status(status)
