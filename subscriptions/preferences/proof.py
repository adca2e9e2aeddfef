"""How sure we are who visits. A link proves that a message was received by somebody, perhaps one whom it was forwarded
to: it may say no. A code that was sent to the address proves its owner, who then sees and changes all that is theirs.

The proof is a signed cookie of this one address, which no other site's form brings along (SameSite=Strict).
"""

from datetime import timedelta

from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner
from django.http import HttpRequest, HttpResponse

from consent.tokens import Token

COOKIE = "sayso_proof"
PATH = "/preferences"
VISIT = timedelta(minutes=30)
REMEMBERED = timedelta(days=90)
_SIGNER = TimestampSigner(salt="sayso.proof")


def is_proved(request: HttpRequest, token: Token) -> bool:
    """Whether this visitor has shown to own the address of a link."""
    for kind, lasts in (("visit", VISIT), ("remembered", REMEMBERED)):
        try:
            if _SIGNER.unsign(request.COOKIES.get(COOKIE, ""), max_age=lasts) == _subject(token, kind):
                return True
        except BadSignature:
            return False
    return False


def prove(response: HttpResponse, token: Token, *, remember: bool = False) -> None:
    """Let this visitor act as the owner of a link's address: for half an hour, or for 90 days on a device of theirs."""
    response.set_cookie(
        COOKIE,
        _SIGNER.sign(_subject(token, "remembered" if remember else "visit")),
        max_age=REMEMBERED if remember else VISIT,
        path=PATH,
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Strict",
    )


def forget(response: HttpResponse) -> None:
    """End it."""
    response.delete_cookie(COOKIE, path=PATH, samesite="Strict")


def _subject(token: Token, kind: str) -> str:
    return f"{kind}|{token.scope.controller_id}|{token.channel}|{token.key.hex()}"
