"""Every mail provider whose webhooks we take, by its name in the URL. One that is not here does not exist."""

from typing import NamedTuple


class MailProvider(NamedTuple):
    """`proofs`: how its posts may be proved, the first being the default. `batch`: how several events stand in one.

    `signature`: a secret is the provider's signing key. `basic`: a secret is `user:password`. `topic`: a secret is the
    ARN of the SNS topic, and Amazon signs.
    """

    proofs: tuple[str, ...]
    batch: str = "single"


MAIL_PROVIDERS: dict[str, MailProvider] = {
    "amazon_ses": MailProvider(("topic",)),
    "brevo": MailProvider(("basic",)),
    "mailersend": MailProvider(("signature",)),
    "mailgun": MailProvider(("signature",)),
    "mailjet": MailProvider(("basic",), "list"),
    "mailtrap": MailProvider(("signature", "basic"), "events"),
    "mandrill": MailProvider(("signature",), "form"),
    "postal": MailProvider(("signature",)),
    "postmark": MailProvider(("basic",)),
    "resend": MailProvider(("signature", "basic")),
    "sendgrid": MailProvider(("signature", "basic"), "list"),
    "sparkpost": MailProvider(("basic",), "list"),
    "unisender_go": MailProvider(("signature",), "users"),
}
