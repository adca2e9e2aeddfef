"""The organisation that these tests work with."""

import pytest

from tests.consent.core.example import Organisation, make_organisation


@pytest.fixture
def organisation(db: None) -> Organisation:
    return make_organisation()
