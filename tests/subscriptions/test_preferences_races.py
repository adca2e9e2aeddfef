"""The owner's page while the pipeline works: whatever is committed between two of its reads, it tells one truth."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from consent import db, pipeline
from tests.subscriptions.person import Ann, Form, html_of, options, places, text_of

pytestmark = pytest.mark.django_db

Execute = Callable[[str, Any, bool, dict[str, Any]], Any]


@pytest.mark.parametrize("before", [True, False])
def test_a_yes_that_is_worked_off_beside_the_read_of_its_save(owner: Client, ann: Ann, before: bool) -> None:
    form = Form(html_of(owner, ann.path()), "save").sent(**{"w.0.newsletter": "on"})
    path = owner.post(ann.path(), form)["Location"]
    worked = 0

    def working(execute: Execute, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        nonlocal worked
        reads_the_save = sql.startswith("SELECT") and 'FROM "consent_inbound"' in sql
        if reads_the_save and before:
            worked += pipeline.drain()
        result = execute(sql, params, many, context)
        if reads_the_save and not before:
            worked += pipeline.drain()
        return result

    with connection.execute_wrapper(working):
        html = html_of(owner, path)
    assert worked == 1
    assert "Turned on: Newsletter by email" in text_of(html)
    assert places(html)["Newsletter | Email"].startswith("You get this.")


def test_a_no_that_is_worked_off_between_two_reads_can_be_taken_back(
    owner: Client, ann: Ann, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = Form(html_of(owner, ann.path()), "save").sent(**{"w.0.offers": "off"})
    owner.post(ann.path(), form)
    fetch, worked = db.fetch, 0

    def fetch_late(sql: str, params: Any = ()) -> list[db.Row]:
        nonlocal worked
        if "FROM consent_hold hold JOIN consent_inbound" in sql and not worked:
            worked = 1
            pipeline.drain()
        return fetch(sql, params)

    monkeypatch.setattr(db, "fetch", fetch_late)
    html = html_of(owner, ann.path())
    assert worked
    assert places(html)["Offers | Email"].startswith("Stopped on")
    assert options(html, "w.0.offers") == ["on", "off"]
