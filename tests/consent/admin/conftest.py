"""The example organisation, and its administrator."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.consent.admin import office
from tests.remembered import seed_example


@pytest.fixture(autouse=True)
def _organisation(db: None) -> None:
    seed_example()


@pytest.fixture
def boss() -> Client:
    """A superuser's browser."""
    return office.signed_in(User.objects.create_superuser("boss"))
