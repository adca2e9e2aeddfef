"""The pages in which staff work. Each module registers its own tables."""

from consent.admin import (
    accounts,
    bounces,
    codes,
    contacts,
    errands,
    inbound,
    ledger,
    mail_runs,
    outside,
    people,
    reviews,
    rights,
    scope,
    scrubs,
)

__all__ = [
    "accounts",
    "bounces",
    "codes",
    "contacts",
    "errands",
    "inbound",
    "ledger",
    "mail_runs",
    "outside",
    "people",
    "reviews",
    "rights",
    "scope",
    "scrubs",
]
