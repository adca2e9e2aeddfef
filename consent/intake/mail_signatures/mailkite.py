"""MailKite: `X-MailKite-Signature: t=1769846400000,v1=5257a8…`, hex HMAC-SHA256(key, t + "." + body).

`t` counts milliseconds since 1970. Every repetition is signed anew, and lives for five minutes, as in MailKite's own
libraries (read in django-anymail, anymail/webhooks/mailkite.py).
"""

from datetime import UTC, datetime

from consent.intake.contract import Account, Forbidden, Request
from consent.intake.providers import proof


def verify(request: Request, account: Account, now: datetime) -> None:
    given = parts_of(request)
    content = given.get("t", "").encode("utf-8", "replace") + b"." + request.body
    proof.require(given.get("v1", ""), [proof.hmac_hex(key, content) for key in proof.secrets_of(account)])
    proof.require_fresh(made_at(request), now)


def made_at(request: Request) -> datetime:
    milliseconds = parts_of(request).get("t", "")
    if not (milliseconds.isascii() and milliseconds.isdigit() and len(milliseconds) <= 14):
        raise Forbidden("no timestamp")
    return datetime.fromtimestamp(int(milliseconds) / 1000, UTC)


def parts_of(request: Request) -> dict[str, str]:
    named = (part.strip().partition("=") for part in proof.header(request, "x-mailkite-signature").split(","))
    return {name: value for name, _, value in named}
