"""Notices in the admin: beside what people see, on from another version, into another language."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from consent.models import Notice
from tests.consent.admin.office import SCRIPT, acme, page, signed_in, staff
from tests.remembered import seed_example

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _organisation(db: None) -> None:
    seed_example()


@pytest.fixture
def boss() -> Client:
    return signed_in(User.objects.create_superuser("boss"))


def seen(boss: Client, **more: Any) -> Any:
    """The text in the frame."""
    fields = {"controller": acme().pk, "version": "2", "language": "ar", "text": "نص\n\nهنا"} | more
    return boss.post("/admin/consent/notice/preview/", fields)


def started(html: str, name: str) -> str:
    """What a field of the form has at first."""
    return html.partition(f'name="{name}"')[2].partition(">")[0].partition('value="')[2].partition('"')[0]


def kept_notice() -> Notice:
    """One of the example's, which has one version in one language."""
    return Notice.objects.get(slug="newsletter-form")


def test_a_new_version_goes_on_from_another_one(boss: Client) -> None:
    old = kept_notice()
    Notice.objects.create(
        controller=acme(), slug=old.slug, version=4, language="en", text="x", published_at=old.published_at
    )
    html = page(boss, "consent/notice/add/", **{"from": str(old.pk), "as": "version"})
    assert (started(html, "slug"), started(html, "version"), started(html, "language")) == (old.slug, "5", "en")
    assert old.text in html


def test_the_same_version_is_written_in_another_language(boss: Client) -> None:
    html = page(boss, "consent/notice/add/", **{"from": str(kept_notice().pk), "as": "language"})
    assert (started(html, "version"), started(html, "language")) == ("1", "")


@pytest.mark.parametrize("number", ["", "x", "0", "99999"])
def test_from_nothing_the_form_is_empty(boss: Client, number: str) -> None:
    assert started(page(boss, "consent/notice/add/", **{"from": number}), "slug") == ""


def test_the_versions_and_languages_are_beside_a_notice(boss: Client) -> None:
    old = kept_notice()
    es = Notice.objects.create(
        controller=acme(), slug=old.slug, version=1, language="es", text="x", published_at=old.published_at
    )
    html = page(boss, f"consent/notice/{old.pk}/change/")
    assert f'href="/admin/consent/notice/{es.pk}/change/">es</a>' in html
    assert "New version from this one" in html
    assert "no longer count, and people are asked anew" in html
    reader = page(staff("consent.view_notice"), f"consent/notice/{old.pk}/change/")
    assert "New version from this one" not in reader
    assert "another language" not in page(staff("consent.view_notice"), "consent/notice/")


def test_the_preview_is_what_people_see(boss: Client) -> None:
    html = seen(boss).content.decode()
    assert '<html lang="ar" dir="rtl">' in html
    assert "<p>نص</p>\n\n<p>هنا</p>" in html
    assert "Acme Hosting" in html
    kept = seen(boss, preview_notice=kept_notice().pk, text="changed").content.decode()
    assert "changed" in kept


def test_a_kept_notice_that_nobody_may_change_is_shown_as_it_is(boss: Client) -> None:
    answer = boss.post("/admin/consent/notice/preview/", {"preview_notice": kept_notice().pk})
    assert kept_notice().text in answer.content.decode()


def test_script_in_a_text_stays_text(boss: Client) -> None:
    answer = seen(boss, text=SCRIPT, language=SCRIPT, version=SCRIPT)
    assert "<script>" not in answer.content.decode()
    assert "frame-ancestors 'self'" in answer["Content-Security-Policy"]


def test_the_preview_is_for_staff_who_may_see_notices() -> None:
    assert Client().post("/admin/consent/notice/preview/").status_code == 302
    assert staff("consent.view_topic").post("/admin/consent/notice/preview/").status_code == 403
