"""What these tests share: an organisation whose mail is in Django's outbox."""

import pytest
from django.core import mail

from tests.consent.confirming.asking import Desk
from tests.consent.core.example import make_organisation


@pytest.fixture
def desk(db: None) -> Desk:
    mail.outbox.clear()
    return Desk(make_organisation())
