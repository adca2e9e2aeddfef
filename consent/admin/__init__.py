"""The pages in which staff work. Each module registers its own tables."""

from consent.admin import (
    accounts,
    bounces,
    contacts,
    errands,
    inbound,
    ledger,
    mail_runs,
    outside,
    people,
    reviews,
    scope,
    scrubs,
)

__all__ = [
    "accounts",
    "bounces",
    "contacts",
    "errands",
    "inbound",
    "ledger",
    "mail_runs",
    "outside",
    "people",
    "reviews",
    "scope",
    "scrubs",
]
