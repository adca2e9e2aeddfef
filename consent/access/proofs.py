"""Who has shown to own an address, and for how long that counts. What the browser holds is random; its digest is kept.

A number that was disconnected since is somebody else's: what its former holder proved counts no more.
"""

import hashlib
import secrets
from datetime import timedelta

from django.utils import timezone

from consent import db
from consent.models import AccessProof
from consent.models.vocabulary import Action
from consent.normalise.keys import Key

_RANDOM_BYTES = 32
_MAX_CHARACTERS = 100
_STANDS = """
SELECT 1 FROM consent_accessproof proof
WHERE proof.digest = %s AND proof.controller_id = %s AND proof.channel = %s AND proof.key = %s AND proof.expires_at > %s
AND NOT EXISTS (
    SELECT FROM consent_consentevent gone
    WHERE gone.key = proof.key AND gone.channel = 'sms' AND gone.action = %s AND gone.cause = ''
    AND GREATEST(gone.occurred_at, gone.recorded_at) > proof.proved_at
)
"""


def begin(controller_id: int, channel: str, key: Key, lasts: timedelta) -> str:
    """A new proof. Return the secret that its holder shows."""
    secret, now = secrets.token_urlsafe(_RANDOM_BYTES), timezone.now()
    AccessProof.objects.create(
        digest=_digest(secret),
        controller_id=controller_id,
        channel=channel,
        key=key,
        proved_at=now,
        expires_at=now + lasts,
    )
    return secret


def stands(secret: str, controller_id: int, channel: str, key: Key) -> bool:
    """Whether this secret proves this address to this controller now."""
    if not 0 < len(secret) <= _MAX_CHARACTERS:
        return False
    wanted = [_digest(secret), controller_id, channel, key, timezone.now(), str(Action.INVALIDATE)]
    return bool(db.fetch(_STANDS, wanted))


def end(secret: str) -> None:
    """End a proof."""
    AccessProof.objects.filter(digest=_digest(secret)).delete()


def end_all(keys: list[Key]) -> None:
    """End every proof of some addresses."""
    AccessProof.objects.filter(key__in=keys).delete()


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
