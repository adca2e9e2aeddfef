"""What these tests share: an organisation with mailboxes, and what it sent."""

import pytest
from django.core import mail

from tests.consent.acknowledging.writing import Office
from tests.consent.core.example import make_organisation


@pytest.fixture
def office(db: None) -> Office:
    mail.outbox.clear()
    return Office(make_organisation())
