"""Taking back what a letter said: a link that only its answer holds, and so only the owner of the address, who may
never have written (From proves nothing).

A ticket is `inbound | link`, signed and dated. The link's token says whose word it is, and how far that reached.
"""

from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner

from consent.tokens import BadToken, Token, make_token, read_token

VALID_FOR = timedelta(days=60)
_SIGNER = TimestampSigner(salt="sayso.letter.undo")
_MAX_CHARACTERS = 600


class Undo(NamedTuple):
    """What a ticket takes back: the word of an inbound, as far as the link's token reaches."""

    inbound_id: UUID
    link: str
    token: Token


def undo_url(inbound_id: UUID, token: Token) -> str:
    """The page on which the owner of an address takes back what a letter said in their name."""
    ticket = _SIGNER.sign(f"{inbound_id.hex}.{make_token(token)}")
    return f"{settings.SAYSO_PUBLIC_ORIGIN}/undo/{ticket}"


def read_ticket(ticket: str) -> Undo:
    """Read a ticket. Raise `BadToken` for what we did not write, or wrote too long ago."""
    if len(ticket) > _MAX_CHARACTERS:
        raise BadToken("too long")
    try:
        written = _SIGNER.unsign(ticket, max_age=VALID_FOR)
        inbound_id, _, link = written.partition(".")
        return Undo(UUID(hex=inbound_id), link, read_token(link))
    except (BadSignature, ValueError) as error:
        raise BadToken("not a ticket of ours") from error
