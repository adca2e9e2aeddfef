"""Themes in the admin: who may, what is kept, and the page beside the form."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from consent.models import Inbound
from subscriptions.models import Theme, ThemeText
from tests.consent.admin.office import acme, page, post, signed_in, staff
from tests.remembered import seed_example
from tests.subscriptions.test_themes import PNG

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _organisation(db: None) -> None:
    seed_example()


@pytest.fixture
def boss() -> Client:
    return signed_in(User.objects.create_superuser("boss"))


def path(rest: str = "change/") -> str:
    return f"subscriptions/theme/{Theme.objects.get().pk}/{rest}"


def fields(**more: Any) -> dict[str, Any]:
    plain = {"controller": acme().pk, "accent": "#8a1c5b", "accent_dark": "#ffb3d9", "postal_address": "1 High St"}
    return plain | {"texts-TOTAL_FORMS": "0", "texts-INITIAL_FORMS": "0"} | more


def a_text(**more: str) -> dict[str, str]:
    row = {"language": "es", "name": "Acme España", "intro": "Hola", "note": ""} | more
    return {"texts-TOTAL_FORMS": "1"} | {f"texts-0-{name}": value for name, value in row.items()}


def seen(boss: Client, **more: Any) -> Any:
    """The page in the frame."""
    return boss.post("/admin/subscriptions/theme/preview/", fields(preview_theme=Theme.objects.get().pk, **more))


def test_the_list_and_the_forms_open(boss: Client) -> None:
    assert "Acme Hosting" in page(boss, "subscriptions/theme/")
    for form in (path(), "subscriptions/theme/add/"):
        html = page(boss, form)
        assert 'type="color"' in html
        assert 'sandbox="allow-same-origin"' in html
    assert 'name="logo_file"' not in page(staff("subscriptions.view_theme"), path())


def test_a_theme_is_kept_with_its_texts(boss: Client) -> None:
    post(boss, path(), 302, **fields(**a_text(), logo_file=SimpleUploadedFile("logo.png", PNG)))
    theme = Theme.objects.get()
    assert (theme.accent, theme.logo_type, theme.postal_address) == ("#8a1c5b", "image/png", "1 High St")
    assert ThemeText.objects.get().intro == "Hola"
    post(boss, path(), 302, **fields())
    assert bytes(Theme.objects.get().logo or b"") == PNG
    post(boss, path(), 302, **fields(without_logo="on"))
    assert (Theme.objects.get().logo, Theme.objects.get().logo_type) == (None, "")


def test_what_cannot_be_read_is_said_beside_the_colour(boss: Client) -> None:
    assert "Too little contrast to be read: 1.0 to 1" in post(boss, path(), 200, **fields(accent="#ffff00"))


def test_the_preview_is_the_page_itself_in_what_the_form_says(boss: Client) -> None:
    answer = seen(boss, **a_text(), preview_language="es", postal_address="9 Elm St")
    html = answer.content.decode()
    assert '<html lang="es" dir="ltr">' in html
    assert "Acme España" in html
    assert "9 Elm St" in html
    assert "preview.css?accent=%238a1c5b&amp;accent_dark=%23ffb3d9" in html
    assert 'name="topic"' in html
    assert ThemeText.objects.count() == Inbound.objects.count() == 0


def test_the_preview_alone_may_be_framed_by_us_and_sends_nothing(boss: Client) -> None:
    answer = seen(boss)
    assert "frame-ancestors 'self'" in answer["Content-Security-Policy"]
    assert "form-action 'none'" in answer["Content-Security-Policy"]
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    assert "no-store" in answer["Cache-Control"]
    assert not answer.cookies


def test_a_file_just_chosen_is_seen(boss: Client) -> None:
    shown = seen(boss, logo_file=SimpleUploadedFile("logo.png", PNG)).content.decode()
    assert 'src="data:image/png;base64,' in shown
    bad = seen(boss, logo_file=SimpleUploadedFile("logo.svg", b"<svg onload=alert(1)>")).content.decode()
    assert "data:image" not in bad


@pytest.mark.parametrize("evil", ["red;}", "javascript:alert(1)", "#fff", ""])
def test_a_half_typed_colour_is_shown_as_none(boss: Client, evil: str) -> None:
    assert "accent=%231f5c4a" in seen(boss, accent=evil).content.decode()
    css = boss.get("/admin/subscriptions/theme/preview.css", {"accent": evil, "accent_dark": "#ffffff"})
    assert css.status_code == 400


def test_the_preview_is_for_staff_who_may_see_themes(boss: Client) -> None:
    assert boss.get("/admin/subscriptions/theme/preview.css?accent=%23ffffff&accent_dark=%23000000").status_code == 200
    for where in ("preview/", "preview.css"):
        assert Client().get(f"/admin/subscriptions/theme/{where}").status_code == 302
        assert staff("consent.view_topic").get(f"/admin/subscriptions/theme/{where}").status_code == 403


@pytest.mark.parametrize("controller", ["", "0", "99999", "x", "9" * 40])
def test_a_controller_that_is_not_there_is_none_or_404(boss: Client, controller: str) -> None:
    answer = boss.post("/admin/subscriptions/theme/preview/", fields(controller=controller))
    assert answer.status_code == (404 if controller == "99999" else 200)
