"""Amazon SES: bounces, complaints and received mail come through SNS, signed as any message of SNS is.

The account's secrets are the ARNs of our topics (https://docs.aws.amazon.com/ses/latest/dg/event-publishing-sns.html).
"""

from datetime import datetime

from consent.intake.contract import Account, Forbidden, Request
from consent.intake.providers import sns, wire


def verify(request: Request, account: Account, now: datetime) -> None:
    sns.verify(request, account, now)


def made_at(request: Request) -> datetime:
    at = wire.moment(sns.envelope_of(request).get("Timestamp", ""))
    if at is None:
        raise Forbidden("no timestamp")
    return at
