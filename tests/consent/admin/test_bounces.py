"""What staff and operators see of failures that count."""

import pytest
from django.test import Client
from django.utils import timezone

from consent.models import CountedBounce
from tests.consent.admin.office import acme, page, staff
from tests.consent.core.example import key_of


@pytest.fixture
def counted(boss: Client) -> CountedBounce:
    now = timezone.now()
    return CountedBounce.objects.create(
        key=key_of("email", "jane@home.example"), controller=acme(), day=now.date(), proved=True, times=3, last_at=now
    )


def test_counted_bounces_are_read_and_never_edited(boss: Client, counted: CountedBounce) -> None:
    found = page(boss, "consent/countedbounce/")
    assert counted.key.hex() in found
    assert "Acme" in found
    assert "Acme" in page(boss, f"consent/countedbounce/{counted.pk}/change/")
    page(boss, "consent/countedbounce/add/", 403)
    page(boss, f"consent/countedbounce/{counted.pk}/delete/", 403)
    page(staff("consent.view_inbound"), "consent/countedbounce/", 403)
    assert "sayso_bounces_counted 1.0" in Client().get("/metrics").content.decode()
