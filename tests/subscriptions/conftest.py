"""A person whose page several tests open, and the browser of who has proved to be that person."""

import pytest
from django.test import Client

from tests.subscriptions.person import Ann, make_ann, proved


@pytest.fixture
def ann() -> Ann:
    return make_ann().meet()


@pytest.fixture
def owner(ann: Ann, client: Client) -> Client:
    return proved(ann, client)
