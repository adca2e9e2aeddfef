"""SendGrid, event webhook and inbound parse: ECDSA P-256 over timestamp and raw body.

`X-Twilio-Email-Event-Webhook-Signature` in base64, `…-Timestamp` in seconds; the secrets are public keys, base64 or PEM
(https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features).
The body is signed to its last byte: the line break at its end too.
"""

from datetime import datetime, timedelta

from consent.intake.contract import Account, Request
from consent.intake.providers import proof, public_keys

SIGNATURE, TIMESTAMP = "x-twilio-email-event-webhook-signature", "x-twilio-email-event-webhook-timestamp"
REPEATED_FOR = timedelta(hours=24, minutes=5)  # a post that was not answered 2xx; whether signed anew is not documented


def verify(request: Request, account: Account, now: datetime) -> None:
    signature = proof.from_base64(proof.header(request, SIGNATURE))
    content = proof.header(request, TIMESTAMP).encode("utf-8", "replace") + request.body
    public_keys.require(account, lambda key: public_keys.ecdsa(key, signature, content))
    proof.require_fresh(made_at(request), now, past=REPEATED_FOR)


def made_at(request: Request) -> datetime:
    return proof.moment(proof.header(request, TIMESTAMP))
