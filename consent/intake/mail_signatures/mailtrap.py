"""Mailtrap, sending and inbound webhooks.

`Mailtrap-Signature` (https://docs.mailtrap.io/email-api-smtp/advanced/webhooks).
"""

from datetime import datetime

from consent.intake.contract import Account, Request
from consent.intake.mail_signatures import body_hmac


def verify(request: Request, account: Account, now: datetime) -> None:
    body_hmac.require("mailtrap-signature", request, account)
