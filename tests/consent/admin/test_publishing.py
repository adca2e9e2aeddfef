"""Notices are written as drafts, and published by somebody who has seen what that does."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from consent import configuration
from consent.models import Notice
from consent.normalise.keys import Key
from subscriptions.models import SignupForm
from tests.consent.admin.office import acme, page, post, staff
from tests.consent.core.example import entry, record

pytestmark = pytest.mark.django_db
WRITTEN = {"slug": "newsletter-form", "version": 2, "language": "en", "text": "Other words.", "material": "on"}


def draft(boss: Client) -> Notice:
    post(boss, "consent/notice/add/", 302, controller=acme().pk, **WRITTEN)
    return Notice.objects.get(slug="newsletter-form", version=2)


def agreed(count: int, version: int = 1, **more: Any) -> None:
    notice = Notice.objects.get(slug="newsletter-form", version=version)
    topic = acme().topics.get(slug="newsletter")
    for number in range(count):
        key = Key(bytes([version, number]) * 8)
        scope = configuration.Scope(acme().pk, topic.pk)
        record(entry(key, scope, "grant", notice=(notice.pk, notice.slug, notice.version), **more))


def test_a_new_wording_is_a_draft_that_counts_for_nothing_and_can_be_changed(boss: Client) -> None:
    made = draft(boss)
    assert made.draft
    assert not configuration.current().material
    post(boss, f"consent/notice/{made.pk}/change/", 302, controller=acme().pk, **WRITTEN | {"text": "Better words."})
    made.refresh_from_db()
    assert made.text == "Better words."


def test_publishing_shows_first_how_many_permissions_need_new_consent(boss: Client) -> None:
    made = draft(boss)
    agreed(3)
    agreed(1, version=2)
    Notice.objects.filter(pk=made.pk).update(draft=True)
    chosen = {"action": "publish", "_selected_action": [made.pk]}
    shown = post(boss, "consent/notice/", 200, **chosen)
    assert "3 permissions need new consent" in shown
    made.refresh_from_db()
    assert made.draft
    post(boss, "consent/notice/", 302, **chosen, confirmed="yes")
    made.refresh_from_db()
    assert not made.draft
    assert made.published_at <= timezone.now()
    assert configuration.current().material == {(acme().pk, None, "newsletter-form"): 2}


def test_a_published_wording_stays_as_it_was_seen(boss: Client) -> None:
    made = draft(boss)
    post(boss, "consent/notice/", 302, action="publish", _selected_action=[made.pk], confirmed="yes")
    post(boss, f"consent/notice/{made.pk}/change/", 302, controller=acme().pk, **WRITTEN | {"text": "Changed."})
    made.refresh_from_db()
    assert made.text == "Other words."


def test_what_has_ended_and_what_was_only_asked_for_needs_no_new_consent(boss: Client) -> None:
    made = draft(boss)
    agreed(2, expires_at=timezone.now())
    topic = acme().topics.get(slug="newsletter")
    record(
        entry(
            Key(b"q" * 16), configuration.Scope(acme().pk, topic.pk), "request", notice=(made.pk, "newsletter-form", 1)
        )
    )
    assert "0 permissions need new consent" in post(
        boss, "consent/notice/", 200, action="publish", _selected_action=[made.pk]
    )


def test_staff_can_ask_at_any_time_who_needs_new_consent(boss: Client) -> None:
    made = draft(boss)
    agreed(2)
    chosen = {"action": "count", "_selected_action": [made.pk]}
    response = boss.post("/admin/consent/notice/", chosen, follow=True)
    assert "2 permissions need new consent once it is published." in response.content.decode()


def test_who_may_only_look_publishes_nothing(boss: Client) -> None:
    made = draft(boss)
    reader = staff("consent.view_notice")
    reader.post("/admin/consent/notice/", {"action": "publish", "_selected_action": [made.pk], "confirmed": "yes"})
    made.refresh_from_db()
    assert made.draft


def test_a_sign_up_form_offers_its_own_controllers_topics_with_a_notice_of_its_own(boss: Client) -> None:
    form = SignupForm.objects.get(controller=acme())
    path, foreign = f"subscriptions/signupform/{form.pk}/change/", SignupForm.objects.exclude(pk=form.pk)[0].controller
    fields = {"controller": acme().pk, "notice_slug": "sign-up", "topics": [foreign.topics.all()[0].pk]}
    assert "topics of its own controller" in post(boss, path, 200, **fields)
    assert "no such notice" in post(boss, path, 200, **fields | {"topics": [], "notice_slug": "none"})
    bad = fields | {"topics": [], "embed_origins": "https://*.example.org"}
    assert "is no origin" in post(boss, path, 200, **bad)
    post(boss, path, 302, **fields | {"topics": [], "embed_origins": "https://www.example.org\nhttp://localhost:8080"})
    form.refresh_from_db()
    assert form.origins == ("https://www.example.org", "http://localhost:8080")
    page(boss, "subscriptions/signupform/")
