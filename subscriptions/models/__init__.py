"""The tables of the room `subscriptions`."""

from subscriptions.models.api_key import SCOPES, ApiKey

__all__ = ["SCOPES", "ApiKey"]
