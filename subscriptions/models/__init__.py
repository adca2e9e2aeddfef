"""The tables of the room `subscriptions`."""

from subscriptions.models.api_key import SCOPES, ApiKey
from subscriptions.models.signup import SignupForm
from subscriptions.models.texts import TopicText

__all__ = ["SCOPES", "ApiKey", "SignupForm", "TopicText"]
