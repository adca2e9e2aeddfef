"""`/.well-known/gpc.json`: that we honour the Global Privacy Control signal (globalprivacycontrol.org, CCPA §7025)."""

from typing import Final

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

LAST_UPDATE: Final = "2026-11-29"  # when what we do with the signal last changed


@require_safe
def gpc(request: HttpRequest) -> JsonResponse:
    """The statement of support."""
    return JsonResponse({"gpc": True, "lastUpdate": LAST_UPDATE})


gpc.authentication = "public"  # type: ignore[attr-defined]  # read by the architecture test
