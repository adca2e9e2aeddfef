"""Themes: what a controller sets is on its pages at once, and nothing that could be read badly or act."""

import re

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection
from django.test import Client

from consent import configuration
from subscriptions.admin.theme_form import LEAST_CONTRAST, ThemeForm
from subscriptions.models import Theme, ThemeText
from subscriptions.preferences.colours import DARK, LIGHT, contrast, is_colour, style_sheet, variables
from tests.each import each
from tests.subscriptions.test_pages import Site, make_site, text_of

PNG = b"\x89PNG\r\n\x1a\n" + b"rest"
WEBP = b"RIFF\x04\x00\x00\x00WEBPrest"
EVIL = ["red;}body{display:none", "#fff", "#12345G", "#ffffff;", "url(//x)", "#ffffff\n", "", "#FFFFFF", "}"]


@pytest.fixture
def site(db: None) -> Site:
    return make_site()


def themed(site: Site, **more: object) -> Theme:
    return Theme.objects.create(controller=site.controller, **more)


def filled(site: Site, **more: object) -> ThemeForm:
    fields = {"controller": site.controller.pk, "accent": "#1f5c4a", "accent_dark": "#8fd3b8", "postal_address": ""}
    files = {"logo_file": more.pop("logo")} if "logo" in more else {}
    return ThemeForm(fields | more, files)  # type: ignore[arg-type]


def logo(content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("logo", content)


# --- colours ---


@pytest.mark.parametrize(("one", "other", "ratio"), [("#ffffff", "#000000", 21), ("#777777", "#ffffff", 4.48)])
def test_contrast_is_that_of_wcag(one: str, other: str, ratio: float) -> None:
    assert contrast(one, other) == contrast(other, one) == pytest.approx(ratio, abs=0.005)


@each("text", EVIL)
def test_what_is_no_colour_is_never_in_css(text: str) -> None:
    assert not is_colour(text)
    with pytest.raises(ValueError, match="not a colour"):
        style_sheet("#1f5c4a", text)


def test_the_grounds_are_those_of_the_style_sheet() -> None:
    css = (settings.BASE_DIR / "subscriptions/static/preferences/page.css").read_text()
    light, dark = css.split("@media (prefers-color-scheme: dark)")[:2]
    for scheme, text in ((LIGHT, light), (DARK, dark)):
        assert {name: re.search(rf"--{name}: (#\w+)", text)[1] for name in ("card", "ground", "on-accent")} == {  # type: ignore[index]
            "card": scheme.card.replace("#ffffff", "#fff"),
            "ground": scheme.ground,
            "on-accent": scheme.on_accent.replace("#ffffff", "#fff"),
        }


@pytest.mark.parametrize("accent", ["#1f5c4a", "#0000ff", "#000000", "#b00020", "#6a1b9a"])
def test_all_that_follows_from_a_light_accent_can_be_read(accent: str) -> None:
    _can_be_read(variables(accent, LIGHT), accent, "#1c2420", "#56605a")


@pytest.mark.parametrize("accent", ["#8fd3b8", "#ffffff", "#ffb74d", "#9fa8ff"])
def test_all_that_follows_from_a_dark_accent_can_be_read(accent: str) -> None:
    _can_be_read(variables(accent, DARK), accent, "#e9eeea", "#aab4ad")


def _can_be_read(declared: str, accent: str, text: str, quiet: str) -> None:
    colours = dict(re.findall(r"--([a-z-]+):(#\w+);", declared))
    pairs = [(colours["on-accent"], accent), (colours["on-accent"], colours["accent-over"])]
    pairs += [(text, colours["tint"]), (quiet, colours["tint"]), (colours["accent-over"], colours["tint"])]
    assert [pair for pair in pairs if contrast(*pair) < LEAST_CONTRAST] == []


# --- the form ---


@pytest.mark.parametrize(
    ("field", "colour", "told"),
    [
        ("accent", "#8fd3b8", "Too little contrast to be read: 1.6 to 1, and at least 4.5 to 1 is needed. Take a dark"),
        ("accent", "#757575", "Take a darker one."),  # enough on the card, too little on the ground around it
        ("accent_dark", "#1f5c4a", "Take a lighter one."),
    ],
)
def test_a_colour_that_cannot_be_read_is_refused(site: Site, field: str, colour: str, told: str) -> None:
    form = filled(site, **{field: colour})
    assert not form.is_valid()
    assert told in form.errors[field][0]


@each("colour", EVIL)
def test_what_is_no_colour_is_refused(site: Site, colour: str) -> None:
    assert "accent" in filled(site, accent=f"{colour}x" if colour.endswith("\n") else colour).errors


def test_the_database_refuses_it_too(site: Site) -> None:
    with pytest.raises(IntegrityError, match="theme_colours"):
        themed(site, accent="red;}")


@pytest.mark.parametrize(("content", "kind"), [(PNG, "image/png"), (WEBP, "image/webp")])
def test_a_logo_is_kept_with_its_type(site: Site, content: bytes, kind: str) -> None:
    form = filled(site, logo=logo(content))
    assert form.is_valid()
    theme = form.save()
    theme.refresh_from_db()
    assert (bytes(theme.logo), theme.logo_type) == (content, kind)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "SVG is not taken"),
        (b"GIF89a", "neither PNG nor WebP"),
        (PNG + bytes(50_000), "at most 50,000"),
    ],
)
def test_what_is_no_small_picture_is_refused(site: Site, content: bytes, told: str) -> None:
    assert told in filled(site, logo=logo(content)).errors["logo_file"][0]


# --- the pages ---


def test_a_theme_is_on_the_pages_at_once(client: Client, site: Site) -> None:
    path = f"/preferences/{site.token()}"
    assert "/theme/" not in client.get(path).content.decode()
    theme = themed(site, postal_address="1 <b>High</b> St\nTown", logo=PNG, logo_type="image/png")
    ThemeText.objects.create(theme=theme, language="en", name="Acme & Co", intro="Hello", note="Small print")
    ThemeText.objects.create(theme=theme, language="es", intro="Hola")
    _next_second()
    html = client.get(path).content.decode()
    assert "1 &lt;b&gt;High&lt;/b&gt; St<br>Town" in html
    assert 'alt="Acme &amp; Co"' in html
    assert "Hello" in html
    spanish = text_of(client.get(path, {"lang": "es"}))
    assert "Hola" in spanish
    assert "Small print" in spanish
    assert "Hello" not in spanish


def test_style_and_logo_are_kept_by_browsers_under_their_own_address(client: Client, site: Site) -> None:
    themed(site, logo=PNG, logo_type="image/png", accent="#b00020")
    html = client.get(f"/preferences/{site.token()}").content.decode()
    links = re.findall(r'(?:href|src)="(/theme/[^"]+)"', html)
    assert [link.partition("?")[0] for link in links] == ["/theme/acme.css", "/theme/acme/logo"]
    style, image = (client.get(link) for link in links)
    assert "--accent:#b00020;" in style.content.decode()
    assert image.content == PNG
    for response, link in ((style, links[0]), (image, links[1])):
        assert "immutable" in response["Cache-Control"]
        assert response["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'; sandbox"
        assert response["X-Content-Type-Options"] == "nosniff"
        assert client.get(f"{link}0")["Cache-Control"] == "no-cache"


def test_a_theme_that_is_not_there_is_404(client: Client, site: Site) -> None:
    for path in ("/theme/acme.css", "/theme/acme/logo", "/theme/nobody.css"):
        assert client.get(path).status_code == 404
    themed(site)
    _next_second()
    assert client.get("/theme/acme/logo").status_code == 404


def test_each_change_raises_the_configuration_s_version(site: Site) -> None:
    versions = [configuration.current_version()]
    theme = themed(site)
    versions.append(configuration.current_version())
    ThemeText.objects.create(theme=theme, language="en")
    versions.append(configuration.current_version())
    theme.delete()
    versions.append(configuration.current_version())
    assert versions == sorted(set(versions))


def _next_second() -> None:
    """As if a second had gone by, after which a process looks at the version again."""
    configuration._looked_at = 0.0
    assert connection.in_atomic_block
