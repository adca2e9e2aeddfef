"""What the doors of gateways and of mail providers have in common: the request as it was signed, and its proof."""

from collections.abc import Callable
from datetime import datetime
from urllib.parse import quote

import msgspec
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from consent import certificates, metrics
from consent.intake.contract import Account, Needed, Request

# Credentials are no evidence; a signature is.
_NOT_KEPT = frozenset({"authorization", "cookie", "proxy-authorization"})


def prove(verify: Callable[[Request, Account, datetime], None], request: Request, account: Account) -> None:
    """Raise `Forbidden` unless the request proves itself; a certificate that it hangs on is fetched for it."""
    try:
        verify(request, account, timezone.now())
    except Needed as needed:
        documents = {needed.url: certificates.shared.get(needed.url)}
        verify(request, msgspec.structs.replace(account, documents=documents), timezone.now())


def received(request: HttpRequest) -> Request:
    """The request as the gateway signed it: under our public origin, whatever proxies made of the host."""
    query = request.META.get("QUERY_STRING", "")
    path = quote(request.path, safe="/:@!$&'()*+,;=~")
    url = f"{settings.SAYSO_PUBLIC_ORIGIN}{path}" + (f"?{query}" if query else "")
    headers = {name: value for key, value in request.META.items() if (name := _HEADERS[key])}
    return Request(method=request.method or "", url=url, headers=headers, body=request.body)


class _Headers(dict[str, str]):
    """The header that a key of the WSGI environment stands for, in lower case; nothing for what is none."""

    def __missing__(self, key: str) -> str:
        plain = key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else key[5:] if key.startswith("HTTP_") else ""
        name = plain.lower().replace("_", "-")
        if len(self) < _MOST_HEADERS:
            self[key] = name
        return name


_MOST_HEADERS = 1_000  # a caller can invent names without end
_HEADERS = _Headers()


def headers_to_keep(request: Request) -> dict[str, str]:
    """The headers that are kept as evidence."""
    return {name: value for name, value in request.headers.items() if name not in _NOT_KEPT}


def come_again(provider: str, reason: str, text: str, seconds: int) -> HttpResponse:
    """503: the sender shall try again, and what stood in the way is counted."""
    metrics.refused(provider, reason)
    return HttpResponse(f"{text}\n", status=503, content_type="text/plain", headers={"Retry-After": str(seconds)})
