"""Every way in which a mail provider proves its webhooks, by the provider's name. These are no SMS gateways."""

from collections.abc import Callable, Mapping
from datetime import datetime

import msgspec

from consent.intake.contract import Account, Request
from consent.intake.mail_signatures import (
    amazon_ses,
    mailersend,
    mailgun,
    mailkite,
    mailpace,
    mailtrap,
    mandrill,
    postal,
    sendgrid,
    shared_secret,
    standard_webhooks,
    sweego,
    unisender_go,
)


class Scheme(msgspec.Struct, frozen=True):
    """`verify(request, account, now)` raises `Forbidden` unless the request proves to be one of the account's.

    It may raise `Malformed` for a body too large to be read, `Needed` for a certificate, and nothing else. `made_at`
    says when the request claims to have been made, or raises the same; without it, the provider signs no time.
    """

    verify: Callable[[Request, Account, datetime], None]
    made_at: Callable[[Request], datetime] | None = None


def scheme_of(name: str, options: Mapping[str, str]) -> Scheme | None:
    """How an account of a provider proves its posts; its option `authentication` may say `basic` instead of signing."""
    scheme = SCHEMES.get(name.replace("_", "-"))
    return SHARED_SECRET if scheme and options.get("authentication") == "basic" else scheme


STANDARD_WEBHOOKS = Scheme(standard_webhooks.verify, standard_webhooks.made_at)
SHARED_SECRET = Scheme(shared_secret.verify)

SCHEMES: dict[str, Scheme] = {
    "amazon-ses": Scheme(amazon_ses.verify, amazon_ses.made_at),
    "brevo": SHARED_SECRET,
    "mailersend": Scheme(mailersend.verify),
    "mailgun": Scheme(mailgun.verify, mailgun.made_at),
    "mailjet": SHARED_SECRET,
    "mailkite": Scheme(mailkite.verify, mailkite.made_at),
    "mailpace": Scheme(mailpace.verify),
    "mailpace-inbound": SHARED_SECRET,
    "mailtrap": Scheme(mailtrap.verify),
    "mandrill": Scheme(mandrill.verify),
    "postal": Scheme(postal.verify),
    "postmark": SHARED_SECRET,
    "resend": STANDARD_WEBHOOKS,
    "sendgrid": Scheme(sendgrid.verify, sendgrid.made_at),
    "smtp2go": SHARED_SECRET,
    "sparkpost": SHARED_SECRET,
    "standard-webhooks": STANDARD_WEBHOOKS,
    "svix": STANDARD_WEBHOOKS,
    "sweego": Scheme(sweego.verify, sweego.made_at),
    "unisender-go": Scheme(unisender_go.verify),
}
