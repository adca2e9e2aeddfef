"""MailerSend, activity webhooks and inbound routes, each with a secret of its own.

`Signature` (https://developers.mailersend.com/api/v1/webhooks.html#security).
"""

from datetime import datetime

from consent.intake.contract import Account, Request
from consent.intake.mail_signatures import body_hmac


def verify(request: Request, account: Account, now: datetime) -> None:
    body_hmac.require("signature", request, account)
