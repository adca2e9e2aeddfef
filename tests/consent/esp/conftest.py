"""acme's accounts at every mail provider."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from consent.models import ProviderAccount
from tests.consent.core.example import Organisation, account, make_organisation
from tests.consent.esp.posts import ESPS, ORIGIN, Post, path_of

Send = Callable[..., Any]


@pytest.fixture
def organisation(db: None) -> Organisation:
    made = make_organisation()
    ProviderAccount.objects.bulk_create(account(made.acme, esp.name, esp.secret) for esp in ESPS.values())
    return made


@pytest.fixture
def send(organisation: Organisation, client: Client, settings: Any) -> Send:
    """Post to the address of acme's account, or to another one."""
    settings.SAYSO_PUBLIC_ORIGIN = ORIGIN

    def to(name: str, post: Post, path: str = "") -> Any:
        return client.post(
            path or path_of(name), data=post.body, content_type=post.content_type, headers=dict(post.headers)
        )

    return to
