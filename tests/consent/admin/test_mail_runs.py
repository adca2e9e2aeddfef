"""What staff see of mail runs."""

import logging

import pytest
from django.test import Client

from consent.models import Controller, Topic
from consent.models.fields import public_id
from tests.consent.admin.office import acme, page, staff
from tests.consent.core.example import Organisation
from tests.consent.runs.press import address, file_of, refuse, row, scrubbed


@pytest.fixture
def organisation() -> Organisation:
    """The example, as these pages have it."""
    owned = {topic.slug: topic for topic in Topic.objects.filter(controller=acme())}
    return Organisation(acme(), Controller.objects.get(slug="globex"), owned)


FILE = file_of(row("Jane <b>Roe", "102 Main St", "A1"), row("John Roe", "102 Main St", "A2"))


def test_a_run_is_read_and_its_files_are_taken(
    boss: Client, organisation: Organisation, caplog: pytest.LogCaptureFixture
) -> None:
    refuse(organisation, address("John Roe", "102 Main St"))
    run = scrubbed(organisation, FILE)
    refuse(organisation, address("Jane <b>Roe", "102 Main St"))
    listed, opened = page(boss, "consent/mailrun/"), page(boss, f"consent/mailrun/{run.pk}/change/")
    assert "Autumn catalogue" in listed
    assert "Scrubbed and stamped" in listed
    assert "1 as of now" in opened
    assert "opt_out_basis 1, opted_out 1" in opened
    assert bytes(run.result_digest or b"").hex() in opened
    with caplog.at_level(logging.INFO, "consent.access"):
        result, recalls = (boss.get(f"/admin/consent/mailrun/{run.pk}/{what}.csv") for what in ("result", "recalls"))
    assert b"A2,false,opted_out," in b"".join(result.streaming_content)  # type: ignore[attr-defined]
    assert b"A1" in b"".join(recalls.streaming_content)  # type: ignore[attr-defined]
    assert len(caplog.records) == 2
    assert boss.get(f"/admin/consent/mailrun/{public_id()}/result.csv").status_code == 404


def test_the_story_of_a_home_tells_what_may_still_arrive(boss: Client, organisation: Organisation) -> None:
    scrubbed(organisation, FILE)
    told = {"channel": "post", "address": "John Roe, 102 Main St, Springfield IL 62701", "region": ""}
    answer = boss.post("/admin/consent/contactpoint/", told).content.decode()
    assert "What may still arrive" in answer
    assert "Autumn catalogue" in answer


def test_who_may_not_see_runs_takes_no_files(organisation: Organisation) -> None:
    run = scrubbed(organisation, FILE)
    someone = staff("consent.view_inbound")
    assert someone.get("/admin/consent/mailrun/").status_code == 403
    for what in ("result", "recalls"):
        assert someone.get(f"/admin/consent/mailrun/{run.pk}/{what}.csv").status_code == 403
