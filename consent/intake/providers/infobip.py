"""Infobip SMS.

Incoming texts (https://www.infobip.com/docs/api/channels/sms/inbound-sms/receive-inbound-sms-messages), in batches:

    {"results": [{"messageId": "817790313235066447", "from": "385916242493", "to": "41793026727", "text": "STOP now",
      "cleanText": "now", "keyword": "STOP", "receivedAt": "2026-01-31T08:00:00.000+0000", "smsCount": 1}],
     "messageCount": 1, "pendingMessageCount": 0}

`cleanText` lacks the keyword: read `text`. Delivery reports come as `results[]` too, with `status`, `error` and
`doneAt`. Status 14 says that the number is on the account's or the operator's blocklist, where who opts out is put
(https://www.infobip.com/docs/essentials/api-essentials/response-status-and-error-codes). A register of those who want
no service traffic at all (status 10, REJECTED_DND) is no word to us.

Authentication, as configured at Infobip: HTTP Basic (a secret is `user:password`), or a fixed header whose name the
account option `header` gives (a secret is its whole value).
"""

from datetime import datetime

from consent.intake.contract import POSTS, Account, Answer, Message, Request
from consent.intake.providers import proof, wire

METHODS = POSTS
OPTED_OUT = {"REJECTED_DESTINATION_BLOCKLISTED"}  # status.name
OPTED_OUT_IDS = {"14"}  # status.id: the name of it has changed


def verify(request: Request, account: Account, now: datetime) -> None:
    name = account.options.get("header", "").lower()
    if not name:
        proof.basic(request, account)
        return
    proof.require(proof.header(request, name), [secret.decode() for secret in proof.secrets_of(account)])


def parse(request: Request, account: Account) -> list[Message]:
    return wire.json_object(request.body).each("results", lambda result: [event_of(result)])


def event_of(result: wire.Fields) -> Message:
    return report(result) if "status" in result else message(result)


def message(result: wire.Fields) -> Message:
    return Message(
        kind="message",
        sender=result.text("from"),
        recipient=result.text("to"),
        text=result.text("text", "") or f"{result.text('keyword', '')} {result.text('cleanText', '')}".strip(),
        external_id=result.text("messageId"),
        occurred_at=result.time("receivedAt"),
    )


def report(result: wire.Fields) -> Message:
    given = result.child("status")
    status, number = given.text("name", ""), given.text("id", "")
    error = result.child("error").text("name", "") if "error" in result else ""
    return Message(
        kind="report",
        sender=result.text("to"),
        recipient=result.text("from", "") or result.text("sender", ""),
        text="",
        external_id=f"{result.text('messageId')}:{status}",
        occurred_at=result.time("doneAt"),
        verdict="opt_out" if status in OPTED_OUT or number in OPTED_OUT_IDS else None,
        event=f"{status} {error}".strip(),
    )


def answer() -> Answer:
    return Answer()
