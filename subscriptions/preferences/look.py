"""How pages are shown: in the visitor's language, in the controller's look, kept by nobody (docs/LOOK.md)."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation

from subscriptions.preferences.themes import Sender, sender_of

COOKIE = "sayso_language"
REMEMBERED_SECONDS = 365 * 86_400
# Nothing comes from anywhere else, nothing is written within a page; docs/LOOK.md says what each directive is for.
POLICY = {
    "default-src": "'none'",
    "style-src": "'self'",
    "script-src": "'self'",
    "img-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
}
HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",  # links in published or forwarded messages get crawled
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()",
}


class Language(NamedTuple):
    """A language that the page can be read in, by a link to the same page."""

    code: str
    name: str
    link: str


class Look(NamedTuple):
    """What preferences/base.html shows around a page. `languages` is empty where a link would lose what was done."""

    language: str
    direction: str
    languages: list[Language]
    sender: Sender | None

    @property
    def language_name(self) -> str:
        return str(dict(settings.LANGUAGES)[self.language])


def language_of(request: HttpRequest) -> str:
    """The language that a visitor asked for (`?lang=`), chose before, or whose browser prefers; else English."""
    for wanted in (request.GET.get("lang"), request.COOKIES.get(COOKIE)):
        if wanted in dict(settings.LANGUAGES):
            return wanted
    return translation.get_language_from_request(request)


def show(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any],
    *,
    controller_id: int | None = None,
    status: int = 200,
) -> HttpResponse:
    """A page, with the name and theme of the controller. It is in no cache and no search engine."""
    language = language_of(request)
    with translation.override(language):
        look = Look(language, _direction(), _languages(request), sender_of(controller_id, language))
        whole = {**context, "look": look, "language": language, "direction": look.direction}
        response = render(request, template, whole, status=status)
    response["Content-Language"] = language
    response["Vary"] = "Accept-Language, Cookie"
    _remember(request, response)
    return private(response)


def private(response: HttpResponse) -> HttpResponse:
    """Give a page the headers that all of them have."""
    for name, value in HEADERS.items():
        response[name] = value
    response["Content-Security-Policy"] = policy(POLICY)
    return response


def policy(directives: Mapping[str, str]) -> str:
    """A content security policy as its header has it."""
    return "; ".join(f"{name} {sources}" for name, sources in directives.items())


def _direction() -> str:
    return "rtl" if translation.get_language_bidi() else "ltr"


def _languages(request: HttpRequest) -> list[Language]:
    """Links to this page in each language; none from an answer to a form, which a link could only ask for anew."""
    if request.method not in ("GET", "HEAD"):
        return []
    asked = request.GET.copy()
    asked.pop("lang", None)
    rest = f"&{asked.urlencode()}" if asked else ""
    return [Language(code, str(name), f"?lang={code}{rest}") for code, name in settings.LANGUAGES]


def _remember(request: HttpRequest, response: HttpResponse) -> None:
    """Keep the language of a visitor who chose it on a page of ours; a message's link with `?lang=` keeps nothing."""
    chosen = request.GET.get("lang")
    within = request.headers.get("Sec-Fetch-Site") == "same-origin"
    if request.method == "GET" and within and chosen in dict(settings.LANGUAGES):
        response.set_cookie(
            COOKIE,
            chosen,
            max_age=REMEMBERED_SECONDS,
            httponly=True,
            secure=settings.SESSION_COOKIE_SECURE,
            samesite="Lax",
        )
