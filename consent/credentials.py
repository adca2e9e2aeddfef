"""The credentials with which we call a provider's API. Apart from the secrets with which it signs what it posts."""

import os
from collections.abc import Mapping

import msgspec

from consent import vault
from consent.configuration import CREDENTIALS_PURPOSE
from consent.models import ProviderAccount

_AWS = {
    "access_key_id": ("AWS_ACCESS_KEY_ID",),
    "secret_access_key": ("AWS_SECRET_ACCESS_KEY",),
    "session_token": ("AWS_SESSION_TOKEN",),
    "region": ("AWS_REGION", "AWS_DEFAULT_REGION"),
}
# provider → name of a credential → the environment variables that may hold it, the first that is set counting
ENVIRONMENT: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "twilio": {
        "account_sid": ("TWILIO_ACCOUNT_SID",),
        "api_key": ("TWILIO_API_KEY",),
        "api_secret": ("TWILIO_API_SECRET",),
        "auth_token": ("TWILIO_AUTH_TOKEN",),
    },
    "sns": _AWS,
    "amazon_ses": _AWS,
    "mailtrap": {"api_token": ("MAILTRAP_API_TOKEN",)},
    "resend": {"api_key": ("RESEND_API_KEY",)},
}


def open_credentials(account: ProviderAccount) -> dict[str, str]:
    """What was set for the account; nothing where nothing was."""
    if account.sealed_credentials is None:
        return {}
    plain = vault.unseal(CREDENTIALS_PURPOSE, account.sealed_credentials)
    return msgspec.json.decode(plain, type=dict[str, str])


def credentials_of(account: ProviderAccount) -> dict[str, str]:
    """What was set for the account; where nothing was, what the environment has for its provider."""
    return open_credentials(account) or of_environment(account.provider)


def of_environment(provider: str) -> dict[str, str]:
    """What the environment has for a provider."""
    found = {
        name: next((os.environ[variable] for variable in variables if os.environ.get(variable)), "")
        for name, variables in ENVIRONMENT.get(provider, {}).items()
    }
    return {name: value for name, value in found.items() if value}
