"""The tables of the room `subscriptions`."""

from subscriptions.models.api_key import SCOPES, ApiKey
from subscriptions.models.signup import SignupForm
from subscriptions.models.texts import TopicText
from subscriptions.models.theme import Theme, ThemeText

__all__ = ["SCOPES", "ApiKey", "SignupForm", "Theme", "ThemeText", "TopicText"]
