"""Whether a form that is sent to us came from a page of ours.

Django's own check needs an Origin or a Referer, and our pages give none away (`Referrer-Policy: no-referrer`, by which
a browser sends `Origin: null`). So: what the browser itself says of where a form came from (Fetch Metadata), and on the
pages of a proved visitor a token that only those pages hold.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare, salted_hmac

from subscriptions.preferences.look import show
from subscriptions.preferences.proof import secret_of

FIELD = "form"


def is_from_here(request: HttpRequest) -> bool:
    """Whether nothing says that another site sent it. What no browser sent says nothing, and has no cookies."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    return request.headers.get("Origin", "null") in ("null", settings.SAYSO_PUBLIC_ORIGIN)


def form_token(request: HttpRequest) -> str:
    """What a proved visitor's forms bring along."""
    return salted_hmac("sayso.form", secret_of(request), algorithm="sha256").hexdigest()


def is_own(request: HttpRequest) -> bool:
    """Whether a form is of this proved visitor's own pages."""
    return is_from_here(request) and constant_time_compare(str(request.POST.get(FIELD, "")), form_token(request))


def stale(request: HttpRequest) -> HttpResponse:
    """403: nothing was done."""
    return show(request, "preferences/stale.html", {}, status=403)
