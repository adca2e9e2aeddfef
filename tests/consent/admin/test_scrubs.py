"""What staff see of scrubs."""

import logging

import pytest
from django.test import Client

from consent.models import Controller, Scrub, Topic
from consent.models.fields import public_id
from tests.consent.admin.office import SCRIPT, acme, page, staff
from tests.consent.core.example import Organisation
from tests.consent.scrubs.desk import refuse, scrubbed

FILE = b"email,n\njane@example.org,1\njohn@example.org,2\n"


@pytest.fixture
def organisation() -> Organisation:
    """The example, as these pages have it."""
    owned = {topic.slug: topic for topic in Topic.objects.filter(controller=acme())}
    return Organisation(acme(), Controller.objects.get(slug="globex"), owned)


def test_a_scrub_is_read_and_its_result_is_taken(
    boss: Client, organisation: Organisation, caplog: pytest.LogCaptureFixture
) -> None:
    refuse(organisation, "jane@example.org")
    scrub = scrubbed(organisation, FILE, file_name=f"{SCRIPT}.csv")
    listed, opened = page(boss, "consent/scrub/"), page(boss, f"consent/scrub/{scrub.pk}/change/")
    assert "100%, 2 rows" in listed
    assert SCRIPT not in listed + opened
    assert "opt_out_basis 1, opted_out 1" in opened
    assert bytes(scrub.result_digest or b"").hex() in opened
    with caplog.at_level(logging.INFO, "consent.access"):
        result = boss.get(f"/admin/consent/scrub/{scrub.pk}/result.csv")
    assert b"jane@example.org,1,false,opted_out," in b"".join(result.streaming_content)  # type: ignore[attr-defined]
    assert len(caplog.records) == 1
    assert boss.get(f"/admin/consent/scrub/{public_id()}/result.csv").status_code == 404


def test_how_far_it_has_come_is_shown(boss: Client, organisation: Organisation) -> None:
    scrubbed(organisation, FILE)
    Scrub.objects.update(state="scrubbing", done_bytes=len(FILE) // 2, seconds=1.0)
    assert "2 a second, 0:01 left" in page(boss, "consent/scrub/")


def test_who_may_not_see_scrubs_takes_no_result(organisation: Organisation) -> None:
    scrub = scrubbed(organisation, FILE)
    assert staff("consent.view_inbound").get(f"/admin/consent/scrub/{scrub.pk}/result.csv").status_code == 403
