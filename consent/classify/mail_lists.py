"""Mail that a list or a mass mailing brought: it is addressed to its readers, and asks nothing of us.

Most lists say so in the fields of RFC 2369 and RFC 2919; older software, and archives that kept few fields, in fields
of their own or in the sender's name.
"""

import re
from typing import Final

from consent.classify.mail_mailboxes import is_ours
from consent.classify.mail_token import local_part
from consent.intake.mail import ParsedMail

LIST_FIELDS: Final = (
    # RFC 2369, RFC 2919
    "list-id", "list-unsubscribe", "list-post", "list-help", "list-subscribe", "list-owner", "list-archive",
    # what list software had before them, or has beside them
    "mailing-list", "x-mailing-list", "x-beenthere", "x-mailman-version", "x-listserver", "x-listname", "x-list",
    "x-list-host", "x-ml-name", "x-ezmlm", "x-majordomo", "x-sympa-to", "x-google-group-id", "x-yahoo-groups-name",
    "x-egroups-return", "x-listprocessor-version", "x-discourse-topic-id", "x-github-reason",
    # mass mailings
    "x-campaign", "x-campaign-id", "x-campaignid", "x-mc-user", "x-mailchimp-campaign-id", "x-newsletter",
    "x-roving-id", "x-mailjet-campaign", "x-emarsys-identify", "x-phplist-version", "x-acymailing", "x-cleverreach",
    "x-csa-complaints", "x-substack-recipient",
)  # fmt: skip
SENDER_FIELDS: Final = ("sender", "errors-to", "return-path", "x-original-sender", "resent-sender")
SENDER: Final = re.compile(
    r"(?:^|[<\s])(?:owner-[\w.+-]{1,80}|[\w.+-]{1,80}-(?:bounces?(?:\+[^@\s]{1,200})?|owner|errors|admin-bounces)|"
    r"[\w.+-]{1,80}-return-\d{1,9}-[^@\s]{1,200}|listserv|majordomo|listproc|listadmin|sympa)@"
)
"""`garden-bounces@`, `owner-garden@`, `garden-return-12-jane=home.example@`: Mailman, Majordomo and LISTSERV, ezmlm."""
ROBOT: Final = re.compile(
    r"owner-.+|.+-(?:bounces?|owner|request|errors)|listserv|majordomo|mailman|listproc|listadmin|sympa"
)
"""Local parts from which list software writes."""
COMMANDED: Final = re.compile(
    r"(?:listserv|majordomo|listproc|sympa|mailman)@.+|[^@]+-request@(?:lists?|listserv|mailman|ml)[.-].+",
    re.IGNORECASE,
)
"""Addresses to which people write commands for list software. `data-request@acme.example` is none."""


def list_field(mail: ParsedMail) -> str:
    """Give the name of the first header field that only a list or a mass mailing has, `""` without one."""
    return next((name for name in LIST_FIELDS if mail.header(name)), "")


def is_sent_by_list(mail: ParsedMail) -> bool:
    fields = any(SENDER.search(mail.header(name)[:400]) for name in SENDER_FIELDS)
    return fields or bool(ROBOT.fullmatch(local_part(mail.from_address or "")))


def is_for_a_list(mail: ParsedMail) -> bool:
    """Tell whether a message is addressed to list software alone, of whatever lists: none of ours reads commands."""
    return bool(mail.recipients) and all(COMMANDED.fullmatch(box) for box in mail.recipients)


def came_through_our_list(mail: ParsedMail) -> bool:
    """A mailbox of ours may itself be a group, whose software marks every letter to it as a list's (RFC 2919).

    Any list's mail is addressed to the list: only a mailbox known for opting out is taken for ours.
    """
    name = mail.header("list-id").rpartition("<")[2].strip("<> ")
    ours = {f"{local_part(box)}.{box.casefold().rpartition('@')[2]}" for box in mail.recipients if is_ours(box)}
    return bool(name) and name in ours
