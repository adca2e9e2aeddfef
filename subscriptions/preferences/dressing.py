"""`/theme/{controller}.css` and `/theme/{controller}/logo`: what a theme adds to pages, kept by browsers for a year.

Their address names their contents by a digest. Asked for under another one, perhaps an old one, they are not kept.
"""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from consent import configuration
from subscriptions.models import Theme
from subscriptions.preferences.themes import Dress, dress_of

_KEPT = "public, max-age=31536000, immutable"


@require_safe
def style(request: HttpRequest, controller: str) -> HttpResponse:
    """A theme's custom properties."""
    _, dress = _dress(controller)
    return _answer(dress.style.encode(), "text/css; charset=utf-8", keep=request.get_full_path() == dress.style_link)


@require_safe
def logo(request: HttpRequest, controller: str) -> HttpResponse:
    """A theme's logo."""
    number, dress = _dress(controller)
    image, kind = Theme.objects.values_list("logo", "logo_type").get(controller_id=number)
    if not image:
        raise Http404
    return _answer(bytes(image), kind, keep=request.get_full_path() == dress.logo_link)


for _view in (style, logo):
    _view.authentication = "public"  # type: ignore[attr-defined]  # read by the architecture test


def _dress(slug: str) -> tuple[int, Dress]:
    """A controller's id and theme. Raise `Http404` if it has none."""
    snapshot = configuration.recent()
    for number, known in snapshot.controllers.items():
        dress = dress_of(snapshot, number) if known == slug else None
        if dress is not None:
            return number, dress
    raise Http404


def _answer(body: bytes, kind: str, *, keep: bool) -> HttpResponse:
    response = HttpResponse(body, content_type=kind)
    response["Cache-Control"] = _KEPT if keep else "no-cache"
    # Whatever stands in a file, it does not act, should somebody open it by itself.
    response["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'; sandbox"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
