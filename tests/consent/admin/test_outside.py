"""Staff's pages of outside lists: made, imported, warned of, confirmed."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.checks import run_checks
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from consent.models import Inbound, ListVersion, OutsideList, Suppression
from consent.outside import working
from consent.outside.making import make_list
from tests.consent.admin.office import SCRIPT, acme, page, post, staff
from tests.consent.core.example import key_of

HERE = "consent/outsidelist/"
ROWS = "email\na@example.com\nb@example.com\nnot one\n"


def day(days_ago: int) -> str:
    return (datetime.now(UTC).date() - timedelta(days=days_ago)).isoformat()


def sent(text: str, days_ago: int = 0, **more: Any) -> dict[str, Any]:
    return {"file": SimpleUploadedFile("list.csv", text.encode()), "as_of": day(days_ago)} | more


def a_list() -> OutsideList:
    return make_list(acme().pk, "no-mail", "other", name="No mail")


def test_a_list_is_made_of_its_kind_and_what_it_denies_stays(boss: Client) -> None:
    assert "Mailing Preference Service" in page(boss, HERE + "add/")
    post(boss, HERE + "add/", 302, controller=acme().pk, slug="mps", name=SCRIPT, kind="mps")
    of = OutsideList.objects.get()
    assert (of.channels, of.cause, of.region, of.age_days) == (["post"], "listed", "GB", 30)
    changed = {"name": "MPS", "source": "elsewhere", "age_days": "14", "kind": "deceased", "controller": ""}
    post(boss, f"{HERE}{of.pk}/change/", 302, **changed, retired_at_0="", retired_at_1="")
    of.refresh_from_db()
    assert (of.name, of.age_days, of.kind, of.controller_id) == ("MPS", 14, "mps", acme().pk)
    assert "is not a valid" not in page(boss, HERE)
    assert "Enter a valid" in post(boss, HERE + "add/", 200, slug="a b", name="x", kind="mps")


def test_a_version_is_imported_and_its_bad_rows_are_named(boss: Client) -> None:
    of = a_list()
    assert "whole list replaces" in page(boss, f"{HERE}{of.pk}/import/")
    post(boss, f"{HERE}{of.pk}/import/", 302, **sent(ROWS))
    working.drain()
    version = ListVersion.objects.get()
    shown = page(boss, f"consent/listversion/{version.pk}/change/")
    assert "2 added, 0 kept, 0 repeated, 1 bad" in shown
    assert "not one" not in shown
    rows = page(boss, f"consent/listversion/{version.pk}/bad-rows.csv")
    assert rows.splitlines()[1].startswith("4,email,no_at_sign,")
    assert "version" in page(boss, f"{HERE}{of.pk}/change/")
    assert "30 days left" not in page(boss, HERE)
    assert "31 days left" in page(boss, HERE)
    assert "In force" in page(boss, "consent/listversion/")


def test_a_file_that_is_refused_is_said_at_its_field(boss: Client) -> None:
    path = f"{HERE}{a_list().pk}/import/"
    assert "no column holds" in post(
        boss, path, 200, **sent("email address of\nx\n") | sent("email2,phone2,zip\n1,2,3\n")
    )
    assert "not come" in post(boss, path, 200, **sent(ROWS, days_ago=-9))
    assert "This field is required" in post(boss, path, 200, as_of=day(0))
    assert not ListVersion.objects.exists()


def test_what_a_version_would_drop_waits_for_who_may_confirm(boss: Client) -> None:
    of = a_list()
    for text, age in ((ROWS, 2), ("email\na@example.com\n", 1)):
        post(boss, f"{HERE}{of.pk}/import/", 302, **sent(text, age))
        working.drain()
    version = ListVersion.objects.get(number=2)
    path = f"consent/listversion/{version.pk}/"
    clerk = staff("consent.view_listversion", "consent.view_outsidelist")
    assert "lift them" not in page(clerk, path + "change/")
    post(clerk, path + "confirm/", 403)
    page(clerk, f"{HERE}{of.pk}/import/", 403)
    assert "lift them" in page(boss, path + "change/")
    page(boss, path + "confirm/", 405)
    assert "is-alarm" in page(boss, "")
    post(boss, path + "confirm/", 302)
    working.drain()
    version.refresh_from_db()
    assert (version.state, version.dropped) == ("current", 1)
    assert version.confirmed_by.startswith("staff:")
    assert "does not wait" in page_after(boss, path + "confirm/")
    assert "is-alarm" not in page(boss, "")


def page_after(client: Client, path: str) -> str:
    return str(client.post(f"/admin/{path}", follow=True).content.decode())


def test_staff_take_somebody_off_with_a_reason(boss: Client) -> None:
    of, other = a_list(), make_list(acme().pk, "other", "other")
    for one in (of, other):
        post(boss, f"{HERE}{one.pk}/import/", 302, **sent(ROWS))
    working.drain()
    path = f"{HERE}{of.pk}/release/"
    told = {"channel": "email", "address": " A@Example.com", "region": "US", "reason": "She wrote to us."}
    page(staff("consent.view_outsidelist"), path, 403)
    assert "by mistake" in page(boss, path)
    assert "This field is required" in post(boss, path, 200, **(told | {"reason": ""}))
    assert "denies no such address" in post(boss, path, 200, **(told | {"address": "z@example.com"}))
    post(boss, path, 302, **told)
    assert list(Suppression.objects.filter(key=key_of("email", "a@example.com")).values_list("sender", flat=True)) == [
        other.sender
    ]
    assert "denies no such address" in post(boss, path, 200, **told)
    kept = Inbound.objects.get(source="staff")
    assert "She wrote to us." in page(boss, f"consent/inbound/{kept.pk}/change/")
    former = make_list(None, "former", "former")
    assert "own words" in post(boss, f"{HERE}{former.pk}/release/", 200, **told)


def test_an_old_list_warns_everywhere_and_denies(boss: Client) -> None:
    of = a_list()
    post(boss, f"{HERE}{of.pk}/import/", 302, **sent(ROWS, days_ago=40))
    working.drain()
    assert "too old for 9 days" in page(boss, HERE)
    assert "1 too old; they deny all the same" in page(boss, "")
    assert Client().get("/readyz").json()["lists_too_old"] == 1
    metric = f'sayso_outside_list_days_left{{list="no-mail",list_id="{of.pk}"}} -9.0'
    assert metric in Client().get("/metrics").content.decode()
    [warning] = [told for told in run_checks(databases=["default"]) if told.id == "sayso.W003"]
    assert "too old for 9 days" in warning.msg
    OutsideList.objects.update(age_days=45)
    [warning] = [told for told in run_checks(databases=["default"]) if told.id == "sayso.W003"]
    assert "will be too old in 5 days" in warning.msg
    OutsideList.objects.update(retired_at=datetime.now(UTC))
    assert not [told for told in run_checks(databases=["default"]) if told.id == "sayso.W003"]
