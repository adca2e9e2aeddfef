"""The ledger, suppressions and permissions: to be read, never to be edited, by any route, by anybody."""

from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from consent.models import ConsentEvent, ContactPoint, Permission, Suppression
from tests.consent.admin.office import page, post, staff, text

RECORDS = ["consentevent", "suppression", "permission"]


def test_a_line_is_shown_with_its_scope_and_evidence(boss: Client) -> None:
    text("STOP")
    line = ConsentEvent.objects.get()
    found = page(boss, f"consent/consentevent/{line.pk}/change/")
    assert "Acme Hosting: everything" in found
    assert bytes(line.digest).hex() in found
    assert str(line.inbound_id) in found
    assert 'name="_save"' not in found
    assert "Acme Hosting: everything" in page(boss, "consent/consentevent/")


@pytest.mark.parametrize("record", RECORDS)
def test_nobody_adds_changes_or_deletes_one(boss: Client, record: str) -> None:
    text("STOP")
    text("START")
    text("STOP", "+15555550177")
    before = _rows()
    rows: Any = {"consentevent": ConsentEvent, "suppression": Suppression, "permission": Permission}[record]
    page(boss, f"consent/{record}/add/", 403)
    post(boss, f"consent/{record}/add/", 403, action="grant")
    for row in rows.objects.all():
        post(boss, f"consent/{record}/{row.pk}/change/", 403, action="grant", cause="", seq="1", _save="Save")
        page(boss, f"consent/{record}/{row.pk}/delete/", 403)
        post(boss, f"consent/{record}/{row.pk}/delete/", 403, post="yes")
        boss.post(
            f"/admin/consent/{record}/", {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
        )
    assert _rows() == before


def _rows() -> list[Any]:
    tables: tuple[Any, ...] = (ConsentEvent, Suppression, Permission, ContactPoint)
    return [list(table.objects.order_by("pk").values()) for table in tables]


def test_no_page_and_no_inline_can_change_them() -> None:
    request: Any = None
    kept = {ConsentEvent, Suppression, Permission}
    for model, page_of in admin.site._registry.items():
        assert not kept & {inline.model for inline in page_of.inlines}, model
        if model in kept:
            assert not page_of.has_add_permission(request)
            assert not page_of.has_change_permission(request)
            assert not page_of.has_delete_permission(request)
            assert page_of.actions is None
            assert not page_of.list_editable


def test_suppressions_are_filtered_by_channel_and_cause(boss: Client) -> None:
    text("STOP")
    key = bytes(Suppression.objects.get().key).hex()
    assert key in page(boss, "consent/suppression/", channel="sms", cause__exact="stop")
    assert key not in page(boss, "consent/suppression/", channel="email")
    assert key not in page(boss, "consent/suppression/", cause__exact="complaint")


@pytest.mark.parametrize("record", RECORDS)
def test_a_list_asks_its_table_once_and_counts_nothing(boss: Client, record: str) -> None:
    for number in range(5):
        text("STOP", f"+1555555{number:04}")
    with CaptureQueriesContext(connection) as queries:
        page(boss, f"consent/{record}/")
    asked = [query["sql"] for query in queries if f'FROM "consent_{record}"' in query["sql"]]
    assert len(asked) == 1
    assert "COUNT(" not in asked[0]
    assert not [query for query in queries if 'FROM "consent_topic"' in query["sql"] and "WHERE" in query["sql"]]


@pytest.mark.parametrize("record", RECORDS)
def test_each_needs_its_own_permission(record: str) -> None:
    page(staff("consent.view_inbound"), f"consent/{record}/", 403)
    page(staff(f"consent.view_{record}"), f"consent/{record}/")
