"""The credentials with which we call a gateway's API. Apart from the secrets with which it signs what it posts."""

import os
from collections.abc import Mapping

# gateway → name of a credential → the environment variables that may hold it, the first that is set counting
ENVIRONMENT: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "twilio": {
        "account_sid": ("TWILIO_ACCOUNT_SID",),
        "api_key": ("TWILIO_API_KEY",),
        "api_secret": ("TWILIO_API_SECRET",),
        "auth_token": ("TWILIO_AUTH_TOKEN",),
    },
    "sns": {
        "access_key_id": ("AWS_ACCESS_KEY_ID",),
        "secret_access_key": ("AWS_SECRET_ACCESS_KEY",),
        "session_token": ("AWS_SESSION_TOKEN",),
        "region": ("AWS_REGION", "AWS_DEFAULT_REGION"),
    },
}


def credentials_of(provider: str, endpoint: str) -> Mapping[str, str]:
    """The credentials of an account by name, as far as they are known; `endpoint` names the account."""
    found = {
        name: next((os.environ[variable] for variable in variables if os.environ.get(variable)), "")
        for name, variables in ENVIRONMENT.get(provider, {}).items()
    }
    return {name: value for name, value in found.items() if value}
