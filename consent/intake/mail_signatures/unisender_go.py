"""Unisender Go: the field `auth` is the hex MD5 of the raw body, with the API key in the place of the MD5.

https://godocs.unisender.ru/web-api-ref#callback-format. The body has slashes escaped and no spaces: only its very bytes
give the digest. MD5 lets whoever knows a digest lengthen the text: so the whole body must be one JSON object, which no
lengthened one is (the padding holds bytes that are neither JSON nor UTF-8).
"""

import hashlib
from datetime import datetime

from consent.intake.contract import Account, Forbidden, Malformed, Request
from consent.intake.providers import proof, wire


def verify(request: Request, account: Account, now: datetime) -> None:
    given = digest_in(request.body)
    before, found, after = request.body.partition(b'"%s"' % given.encode())
    if not found:  # written with escapes: the key would have no place
        raise Forbidden("auth is not written as a digest")
    proof.require(given, [digest(b'%s"%s"%s' % (before, key, after)) for key in proof.secrets_of(account)])


def digest_in(body: bytes) -> str:
    try:
        given = wire.json_object(body).text("auth")
    except Malformed as error:
        raise Forbidden("no auth in the body") from error
    if not (given.isascii() and given.isalnum() and len(given) == 32):
        raise Forbidden("auth is not a digest")
    return given


def digest(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()
