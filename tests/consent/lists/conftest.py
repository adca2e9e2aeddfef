"""Gateways' stand-ins, and an organisation with accounts there."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import msgspec
import pytest

from consent import vault
from consent.configuration import SECRETS_PURPOSE
from consent.lists import twilio
from consent.models import Controller, ProviderAccount
from tests.consent.core.example import Organisation, make_organisation
from tests.consent.lists.stand_in import ACCOUNT, TOKEN, StandIn, serving

Serve = Callable[[StandIn], StandIn]


@pytest.fixture
def organisation(db: None) -> Organisation:
    return make_organisation()


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts stand-ins and stops them after the test."""
    with ExitStack() as stack:
        yield lambda stand_in: stack.enter_context(serving(stand_in))


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of the stand-ins; and no waiting between two tries."""
    values = {
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "a secret",
        "AWS_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    for name in ("TWILIO_API_KEY", "TWILIO_API_SECRET", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(twilio, "WAIT_SECONDS", 0)


def account(owner: Controller, provider: str, endpoint: str = "", region: str = "US", **options: str) -> None:
    """An account of a controller at a gateway."""
    ProviderAccount.objects.create(
        controller=owner,
        provider=provider,
        endpoint=endpoint or owner.slug,
        sealed_secrets=vault.seal(SECRETS_PURPOSE, msgspec.json.encode(["s"])),
        options=options,
        region=region,
    )
