"""How pages are shown: in the visitor's language, in the controller's look, kept by nobody."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation

COOKIE = "sayso_language"


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
    """A page. It is in no cache and no search engine: links in published or forwarded messages get crawled."""
    language = language_of(request)
    with translation.override(language):
        whole = {**context, "language": language, "direction": "rtl" if translation.get_language_bidi() else "ltr"}
        response = render(request, template, whole, status=status)
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Cache-Control"] = "no-store"
    response["Content-Language"] = language
    return response
