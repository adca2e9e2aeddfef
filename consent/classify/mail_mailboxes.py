"""Mailboxes whose names say that people write to them to opt out, or about their data."""

from typing import Final

from consent.classify.mail_token import is_opt_out_mailbox, local_part

PRIVACY_MAILBOXES: Final = frozenset(
    {
        "privacy", "datenschutz", "dpo", "gdpr", "dsgvo", "dataprotection", "data-protection", "rgpd", "privacidad",
        "preferences", "consent", "optouts",
    }
)  # fmt: skip


def is_ours(address: str) -> bool:
    """Tell whether a mailbox is by its name one for opting out or for privacy."""
    return is_opt_out_mailbox(address) or is_privacy_mailbox(address)


def is_privacy_mailbox(address: str) -> bool:
    return local_part(address) in PRIVACY_MAILBOXES
