"""The pages in which staff work. Each module registers its own tables."""

from consent.admin import accounts, contacts, errands, inbound, ledger, outside, reviews, scope

__all__ = ["accounts", "contacts", "errands", "inbound", "ledger", "outside", "reviews", "scope"]
