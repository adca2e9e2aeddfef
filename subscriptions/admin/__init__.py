"""The staff's pages of this room. Each module registers its own tables."""

from subscriptions.admin import api_keys, notices, signup, themes, topics

__all__ = ["api_keys", "notices", "signup", "themes", "topics"]
