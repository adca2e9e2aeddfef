"""What came in, and what was set aside."""

import uuid

from django.test import Client

from consent import pipeline
from consent.models import ConsentEvent, Hold, Inbound
from tests.consent.admin.office import SCRIPT, mail, page, post, set_aside, staff, text

LIST = "consent/inbound/"


def path_of(row: Inbound) -> str:
    return f"{LIST}{row.pk}/change/"


def test_the_list_shows_what_became_of_each(boss: Client) -> None:
    text("STOP")
    found = page(boss, LIST)
    assert "sms:generic" in found
    assert "keyword.en.stop" in found


def test_the_list_is_filtered_by_state_source_controller_and_time(boss: Client) -> None:
    row, other = text("STOP"), mail("hello", "nothing much", work=False)
    for query in ({"state__exact": "done"}, {"source": "sms"}):
        found = page(boss, LIST, **query)
        assert str(row.pk) in found
        assert str(other.pk) not in found
    assert str(row.pk) in page(boss, LIST, arrived="hour", controller__id__exact=str(row.controller_id))
    assert str(row.pk) not in page(boss, LIST, controller__id__exact=str(row.controller_id + 1))


def test_a_list_counts_nothing_and_fetches_no_content(boss: Client, django_assert_num_queries: object) -> None:
    for _ in range(3):
        text("STOP")
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as queries:
        page(boss, LIST)
    asked = [query["sql"] for query in queries if "consent_inbound" in query["sql"]]
    assert len(asked) == 1
    assert "COUNT(" not in asked[0]
    assert "sealed_raw" not in asked[0]


def test_a_list_goes_on_to_a_next_page(boss: Client) -> None:
    for number in range(51):
        text("hello", f"+1555555{number:04}", work=False)
    assert page(boss, LIST, p="2").count('name="_selected_action"') == 1


def test_one_opened_shows_what_it_says_and_what_it_changed(boss: Client) -> None:
    found = page(boss, path_of(text(f"STOP {SCRIPT}")))
    assert "&lt;script&gt;alert(1)" in found
    assert "<script>alert(1)" not in found
    assert "keyword.en.stop" in found
    assert "said no" in found


def test_what_cannot_be_opened_is_said_so(boss: Client) -> None:
    row = text("STOP")
    Inbound.objects.filter(pk=row.pk).update(sealed_raw=b"\x01\xff" + bytes(40))
    assert "It cannot be opened with the keys of this server" in page(boss, path_of(row))


def test_an_unknown_one_is_not_found(boss: Client) -> None:
    page(boss, f"{LIST}{uuid.uuid4()}/change/", 404)
    page(boss, f"{LIST}nonsense/change/", 404)


def test_the_page_of_what_was_set_aside_says_that_it_is_held(boss: Client) -> None:
    row = set_aside()
    found = page(boss, LIST, state__exact="set_aside")
    assert "their addresses stay held" in found
    assert "ValueError" in found
    assert "Its addresses stay held" in page(boss, path_of(row))


def test_it_is_tried_again_and_held_until_it_is_worked_off(boss: Client) -> None:
    row, done = set_aside(), text("hello", "+15555550199")
    post(boss, LIST, 302, action="retry", _selected_action=[str(row.pk), str(done.pk)])
    row.refresh_from_db()
    assert (row.state, row.attempts, row.lease) == ("pending", 0, None)
    assert Inbound.objects.get(pk=done.pk).state == "done"
    assert Hold.objects.filter(inbound=row).exists()
    pipeline.drain()
    assert ConsentEvent.objects.filter(inbound=row).exists()
    assert not Hold.objects.filter(inbound=row).exists()


def test_one_is_tried_again_from_its_own_page(boss: Client) -> None:
    row = set_aside()
    page(boss, f"{LIST}{row.pk}/retry/", 405)
    post(boss, f"{LIST}{row.pk}/retry/", 302)
    row.refresh_from_db()
    assert row.state == "pending"


def test_only_what_was_set_aside_is_tried_again(boss: Client) -> None:
    row = text("STOP")
    post(boss, f"{LIST}{row.pk}/retry/", 302)
    row.refresh_from_db()
    assert row.state == "done"


def test_reading_is_not_trying_again() -> None:
    row = set_aside()
    page(staff("consent.view_review"), LIST, 403)
    reader = staff("consent.view_inbound")
    assert 'value="retry"' not in page(reader, LIST, state__exact="set_aside")
    assert "/retry/" not in page(reader, path_of(row))
    post(reader, f"{LIST}{row.pk}/retry/", 403)
    post(reader, LIST, 200, action="retry", _selected_action=[str(row.pk)])
    row.refresh_from_db()
    assert row.state == "set_aside"
    post(staff("consent.view_inbound", "consent.change_inbound"), f"{LIST}{row.pk}/retry/", 302)


def test_nobody_edits_or_deletes_one(boss: Client) -> None:
    row = text("STOP")
    post(boss, path_of(row), 200, state="pending", outcome="none")
    post(boss, f"{LIST}{row.pk}/delete/", 403, post="yes")
    row.refresh_from_db()
    assert (row.state, row.outcome) == ("done", "opt_out")
