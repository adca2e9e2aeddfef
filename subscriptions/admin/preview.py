"""The pages as they would look: the real view is asked for the page of a made-up recipient, in a dress nobody saved.

Only this page may be framed, and only by our own; nothing in it can be sent (docs/LOOK.md).
"""

import base64
import re
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest, QueryDict
from django.urls import resolve, reverse

from consent import configuration
from consent.addresses import contact
from consent.configuration import Scope, Snapshot
from consent.models import Notice
from consent.tokens import Token, make_token
from subscriptions.admin.theme_form import logo_type
from subscriptions.models import Theme
from subscriptions.models.theme import ACCENT, ACCENT_DARK, MAX_LOGO_BYTES
from subscriptions.preferences.colours import is_colour, style_sheet
from subscriptions.preferences.look import POLICY, policy, show
from subscriptions.preferences.themes import Dress, Words, dress_of, trying

_RECIPIENT = "somebody@example.org"
_PAGES = {"preferences": "Preference page", "unsubscribe": "Unsubscribe page"}
_WITHIN = {"frame-ancestors": "'self'", "form-action": "'none'", "img-src": "'self' data:"}
_ROW = re.compile(r"texts-\d+-language")


def choices() -> dict[str, object]:
    """What can be looked at: pages and languages."""
    return {"pages": _PAGES, "languages": settings.LANGUAGES}


def page(request: HttpRequest) -> HttpResponse:
    """The page that the form asks for. Raise `Http404` for a controller that is not there."""
    form, snapshot = request.POST, configuration.current()
    controller_id = _controller(form, snapshot)
    path = reverse(_one_of(_PAGES, form.get("preview_page"), "preferences"), args=[_link(controller_id)])
    asked = _asked(path, _one_of(dict(settings.LANGUAGES), form.get("preview_language"), "en"))
    found = resolve(path)
    with trying(_dress(request, snapshot, controller_id)):
        response: HttpResponse = found.func(asked, *found.args, **found.kwargs)
    return _framed(response)


def notice(request: HttpRequest) -> HttpResponse:
    """A notice as the form has it, or as it is kept. Raise `Http404` for a controller that is not there."""
    form, snapshot = request.POST, configuration.current()
    kept = Notice.objects.filter(pk=_number(form.get("preview_notice"))).first()
    controller_id = kept.controller_id if kept else _known(_number(form.get("controller")), snapshot)
    typed = {name: form.get(name, getattr(kept, name, "")) for name in ("text", "version", "language")}
    asked = _asked("/", _one_of(dict(settings.LANGUAGES), str(typed["language"]), "en"))
    return _framed(show(asked, "preferences/notice_alone.html", {"notice": typed}, controller_id=controller_id))


def _framed(response: HttpResponse) -> HttpResponse:
    response["Content-Security-Policy"] = policy({**POLICY, **_WITHIN})
    response["X-Frame-Options"] = "SAMEORIGIN"
    return response


def _asked(path: str, language: str) -> HttpRequest:
    """A visit from nowhere."""
    asked = HttpRequest()
    asked.method, asked.path = "GET", path
    asked.META = {"SERVER_NAME": "localhost", "SERVER_PORT": "80", "HTTP_SEC_FETCH_SITE": "none"}
    asked.GET = QueryDict(urlencode({"lang": language}))
    return asked


def style(request: HttpRequest) -> HttpResponse:
    """The style sheet of two colours, as a saved theme would have it."""
    try:
        sheet = style_sheet(request.GET.get("accent", ""), request.GET.get("accent_dark", ""))
    except ValueError as error:
        return HttpResponseBadRequest(str(error))
    return HttpResponse(sheet, content_type="text/css; charset=utf-8")


def _one_of(known: dict[str, str], wanted: str | None, otherwise: str) -> str:
    return wanted if wanted in known else otherwise


def _controller(form: QueryDict, snapshot: Snapshot) -> int:
    """The controller of a saved theme, which the form names by the theme, or the one chosen for a new one."""
    theme, chosen = _number(form.get("preview_theme")), _number(form.get("controller"))
    saved = Theme.objects.filter(pk=theme).values_list("controller_id", flat=True).first()
    return _known(saved or chosen, snapshot)


def _known(controller_id: int, snapshot: Snapshot) -> int:
    """This controller, or any where none was chosen yet."""
    known = controller_id or next(iter(snapshot.controllers), 0)
    if known not in snapshot.controllers:
        raise Http404
    return known


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 10 else 0


def _link(controller_id: int) -> str:
    [key, *_] = contact("email", _RECIPIENT).said
    return make_token(Token("email", Scope(controller_id, None), key))


def _dress(request: HttpRequest, snapshot: Snapshot, controller_id: int) -> Dress:
    form, saved = request.POST, dress_of(snapshot, controller_id)
    colours = {name: form.get(name, "") for name in ("accent", "accent_dark")}
    for name, otherwise in (("accent", ACCENT), ("accent_dark", ACCENT_DARK)):
        colours[name] = colours[name] if is_colour(colours[name]) else otherwise
    link = f"{reverse('admin:subscriptions_theme_preview_style')}?{urlencode(colours)}"
    logo = "" if "without_logo" in form else _logo(request) or (saved.logo_link if saved else "")
    return Dress("", link, logo, form.get("postal_address", ""), _words(form))


def _logo(request: HttpRequest) -> str:
    """The file that was chosen and not yet sent for good, as a data URI."""
    file = request.FILES.get("logo_file")
    if file is None or (file.size or 0) > MAX_LOGO_BYTES:
        return ""
    content = file.read()
    kind = logo_type(content)
    return f"data:{kind};base64,{base64.b64encode(content).decode()}" if kind else ""


def _words(form: QueryDict) -> dict[str, Words]:
    """The rows of texts that are not to be deleted."""
    rows = [name.removesuffix("language") for name in form if _ROW.fullmatch(name)]
    return {
        form.get(f"{row}language", ""): Words(*(form.get(row + field, "") for field in Words._fields))
        for row in rows
        if f"{row}DELETE" not in form
    }
