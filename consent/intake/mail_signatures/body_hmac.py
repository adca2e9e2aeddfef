"""A hex HMAC-SHA256 of the raw body in a header, and no time: whoever reads the events knows them by their ids."""

from consent.intake.contract import Account, Request
from consent.intake.providers import proof


def require(header: str, request: Request, account: Account) -> None:
    """Raise `Forbidden` unless the header, named in lower case, holds it."""
    given = proof.header(request, header)
    proof.require(given, [proof.hmac_hex(key, request.body) for key in proof.secrets_of(account)])
