"""One-click unsubscribe (RFC 8058): any POST to a good link that is not our form is a no, kept before the 2xx."""

from collections.abc import Mapping

import pytest
from django.test import Client

from consent import pipeline
from consent.classify.pressed import GMAIL
from consent.inbox import open_envelope
from consent.models import Inbound
from tests.consent.core.doors import in_chunks
from tests.subscriptions.test_pages import PAGES, Site, make_site

pytestmark = pytest.mark.django_db

FORM = "application/x-www-form-urlencoded"
# As printed in RFC 8058 §8.2: its delimiters lack the two leading hyphens that RFC 2046 asks for.
RFC_MULTIPART = (
    b"---FormBoundaryjWmhtjORrn\r\n"
    b'Content-Disposition: form-data; name="List-Unsubscribe"\r\n\r\n'
    b"One-Click\r\n"
    b"---FormBoundaryjWmhtjORrn--\r\n"
)
RFC_TYPE = "multipart/form-data; boundary=---FormBoundaryjWmhtjORrn"
UPLOAD = b'--b\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n' + b"x" * 3_000_000 + b"\r\n--b--\r\n"

BODIES = {
    "urlencoded": (b"List-Unsubscribe=One-Click", FORM),
    "the RFC's multipart": (RFC_MULTIPART, RFC_TYPE),
    "proper multipart": (b"--" + RFC_MULTIPART.replace(b"\r\n---", b"\r\n-----"), RFC_TYPE),
    "multipart without boundary": (b"List-Unsubscribe=One-Click", "multipart/form-data"),
    "multipart with a bad boundary": (b"x", "multipart/form-data; boundary=" + "b" * 300),
    "multipart cut short": (RFC_MULTIPART[:60], RFC_TYPE),
    "text": (b"List-Unsubscribe=One-Click", "text/plain"),
    "the field twice": (b"List-Unsubscribe=One-Click&List-Unsubscribe=One-Click", FORM),
    "in other letters": (b"list-unsubscribe=one-click", FORM),
    "in UTF-16": ("List-Unsubscribe=One-Click".encode("utf-16"), FORM),
    "a type that is none": (b"List-Unsubscribe=One-Click", "garbage; charset"),
    "no body": (b"", FORM),
    "no body, no type": (b"", ""),
    "garbage": (bytes(range(256)), "application/octet-stream"),
    "garbage as a form": (b"\xff\xfe%zz&&==;;%", FORM),
    "another charset": (b"List-Unsubscribe=One-Click", f"{FORM}; charset=utf-16"),
    "unknown charset": (b"List-Unsubscribe=One-Click", f"{FORM}; charset=nonsense"),
    "json": (b'{"word": "yes"}', "application/json"),
    "too many fields": (b"&".join(b"f%d=1" % number for number in range(1500)), FORM),
    "huge": (b"x=" + b"y" * 3_000_000, FORM),
    "huge upload": (UPLOAD, "multipart/form-data; boundary=b"),
    "a yes that is not our form": (b"word=yes&topic=events&scope=all", FORM),
    "somebody else's page field": (b"page=1&word=yes", FORM),
}


@pytest.fixture
def site() -> Site:
    return make_site()


@pytest.fixture
def strict() -> Client:
    """A mail service: no cookies, and Django's CSRF check, which Django's test client otherwise leaves out."""
    return Client(enforce_csrf_checks=True)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("body", BODIES)
def test_any_body_is_a_no_to_what_the_link_is_for(strict: Client, site: Site, page: str, body: str) -> None:
    data, content_type = BODIES[body]
    response = strict.generic("POST", f"/{page}/{site.token()}", data, content_type)
    assert response.status_code == 200
    assert response["Content-Type"].startswith("text/plain")
    assert "Location" not in response
    assert not response.cookies
    assert "Vary" not in response
    assert Inbound.objects.get().source == "link:one_click"
    assert (site.reason("offers"), site.reason("events")) == ("held", "opt_out_basis")
    pipeline.drain()
    assert (site.reason("offers"), site.reason("events")) == ("opted_out", "opt_out_basis")


def test_a_foreign_origin_and_a_cookie_do_not_matter(strict: Client, site: Site) -> None:
    strict.cookies["sessionid"] = "x" * 32
    response = strict.post(f"/u/{site.token()}", headers={"origin": "https://mail.example", "referer": "https://a.b/"})
    assert response.status_code == 200
    assert not response.cookies
    assert site.reason("offers") == "held"


def test_the_query_is_not_the_form(strict: Client, site: Site) -> None:
    strict.post(f"/u/{site.token()}?page=unsubscribe&word=yes&scope=all")
    pipeline.drain()
    assert (site.reason("offers"), site.reason("events")) == ("opted_out", "opt_out_basis")


def test_it_works_again_and_again(strict: Client, site: Site) -> None:
    for _ in range(3):
        assert strict.post(f"/u/{site.token()}", {"List-Unsubscribe": "One-Click"}).status_code == 200
        pipeline.drain()
        assert site.reason("offers") == "opted_out"


def test_a_link_of_a_service_message_stops_all_marketing(strict: Client, site: Site) -> None:
    strict.post(f"/u/{site.token(topic=None)}", {"List-Unsubscribe": "One-Click"})
    assert {slug: site.reason(slug) for slug in ("offers", "sharing", "service")} == {
        "offers": "held",
        "sharing": "held",
        "service": "service",
    }


@pytest.mark.parametrize("size", [100_000, 3_000_000])
def test_the_kept_body_is_cut(strict: Client, site: Site, size: int) -> None:
    strict.generic("POST", f"/u/{site.token()}", b"y" * size, FORM)
    assert open_envelope(Inbound.objects.get().sealed_raw or b"").body == b"y" * 10_000


def test_a_body_in_chunks_is_read(strict: Client, site: Site) -> None:
    response = strict.post(f"/u/{site.token()}", **in_chunks(b"page=unsubscribe&scope=all", FORM))
    assert "<h1>Stopped</h1>" in response.content.decode()
    assert (site.reason("offers"), site.reason("events")) == ("held", "held")


@pytest.mark.parametrize("host", ["any.host.example", "sayso.example.", "a_b", "10.0.0.1:99999"])
def test_a_no_is_not_refused_for_its_host(site: Site, host: str) -> None:
    client = Client(SERVER_NAME="x", enforce_csrf_checks=True)
    assert client.post(f"/u/{site.token()}", headers={"host": host}).status_code == 200
    assert site.reason("offers") == "held"


# --- who pressed ---

PRESSED: dict[str, tuple[Mapping[str, str], Mapping[str, str], str]] = {
    "a person": (
        {"user-agent": "Mozilla/5.0", "sec-fetch-site": "same-origin", "origin": "null"},
        {"page": "unsubscribe"},
        "person.form",
    ),
    "Gmail": ({"user-agent": GMAIL}, {"List-Unsubscribe": "One-Click"}, "provider.gmail"),
    "a provider": ({}, {"List-Unsubscribe": "One-Click"}, "provider.one_click"),
    "a scanner": ({"user-agent": "Mimecast"}, {"List-Unsubscribe": "One-Click"}, "scanner.mimecast"),
    "a prefetch": ({"sec-purpose": "prefetch"}, {}, "scanner.prefetch"),
    "anybody": ({"user-agent": "x" * 9_000}, {}, "unknown.post"),
}


@pytest.mark.parametrize("who", PRESSED)
def test_who_pressed_is_kept_and_the_no_counts_whoever_it_was(strict: Client, site: Site, who: str) -> None:
    headers, fields, row = PRESSED[who]
    assert strict.post(f"/u/{site.token()}", fields, headers=headers).status_code == 200
    assert site.reason("offers") == "held"
    kept = open_envelope(Inbound.objects.get().sealed_raw or b"").headers
    assert {name: kept[name] for name in headers} == {name: value[:500] for name, value in headers.items()}
    assert kept["pressed-by"] == row
    pipeline.drain()
    assert site.reason("offers") == "opted_out"
    assert Inbound.objects.get().rule == f"link.no.{row}"


def test_nobody_names_themselves_by_a_header_of_ours(strict: Client, site: Site) -> None:
    strict.post(f"/u/{site.token()}", headers={"pressed-by": "person.form", "scope": "all", "undoes": "x"})
    kept = open_envelope(Inbound.objects.get().sealed_raw or b"").headers
    assert (kept["pressed-by"], kept["scope"], kept["undoes"]) == ("unknown.post", "", "")
