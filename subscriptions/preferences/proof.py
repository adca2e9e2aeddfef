"""How sure we are who visits. A link proves that a message was received by somebody, perhaps one whom it was forwarded
to: it may say no. A code that was sent to the address proves its owner, who then sees and changes all that is theirs.

The proof is a random cookie, known to the database by its digest, for one address and one controller. No other site's
form brings it along (SameSite=Lax: it comes with a link that is opened from a mailbox, never with a foreign POST).
"""

from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from consent.access import proofs
from consent.tokens import Token

VISIT = timedelta(minutes=30)
REMEMBERED = timedelta(days=90)
REMEMBERED_NUMBER = timedelta(days=30)  # within 45 days a number may be somebody else's (47 CFR 64.1200(l))


def cookie_name(name: str) -> str:
    """A cookie's name. With the prefix a browser takes it from this very host alone, over TLS alone (RFC 6265bis)."""
    return f"__Host-{name}" if settings.SESSION_COOKIE_SECURE else name


def set_cookie(response: HttpResponse, name: str, value: str, lasts: timedelta, *, samesite: str) -> None:
    """Set a cookie that no script reads. `samesite` is `Lax` or `Strict`."""
    response.set_cookie(
        cookie_name(name),
        value,
        max_age=lasts,
        path="/",
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Strict" if samesite == "Strict" else "Lax",
    )


def drop_cookie(response: HttpResponse, name: str) -> None:
    """Take a cookie away. A browser heeds that only if it comes as the cookie came."""
    response.set_cookie(
        cookie_name(name), "", max_age=0, path="/", httponly=True, secure=settings.SESSION_COOKIE_SECURE, samesite="Lax"
    )


_NAME = "sayso_proof"


def secret_of(request: HttpRequest) -> str:
    """What this browser shows for its proof; empty if nothing."""
    return request.COOKIES.get(cookie_name(_NAME), "")


def is_proved(request: HttpRequest, token: Token) -> bool:
    """Whether this visitor has shown to own the address of a link. Raises a database error where nobody can say."""
    secret, controller_id = secret_of(request), token.scope.controller_id
    return bool(secret and controller_id) and proofs.stands(secret, controller_id or 0, token.channel, token.key)


def prove(response: HttpResponse, token: Token, *, remember: bool = False) -> None:
    """Let this visitor act as the owner of a link's address: for half an hour, or on a device of theirs for 90 days,
    30 where the address is a number."""
    lasts = VISIT if not remember else REMEMBERED_NUMBER if token.channel == "sms" else REMEMBERED
    secret = proofs.begin(token.scope.controller_id or 0, token.channel, token.key, lasts)
    set_cookie(response, _NAME, secret, lasts, samesite="Lax")


def forget(response: HttpResponse, request: HttpRequest | None = None) -> None:
    """End it: on this device, and where its request is given also for whoever copied the cookie."""
    secret = secret_of(request) if request else ""
    if secret:
        proofs.end(secret)
    drop_cookie(response, _NAME)
