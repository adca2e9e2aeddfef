"""What stands for an address towards a sender who keeps a copy of what was refused: an id of its own a controller.

An id is a keyed hash of the key, so that two controllers cannot put their copies together, and nobody can try addresses
against a copy that was lost. It is there for every address: for one that only a link named, and after an erasure too.
The SHA-256 of the normal form is there only while the address itself is kept.
"""

import base64
import hashlib
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from django.conf import settings

from consent import db, vault
from consent.normalise.keys import DIGEST_BYTES, Key
from consent.resolve import VALUE_PURPOSE

_KEPT = """
SELECT uuid_send(key), sealed_value FROM consent_contactpoint WHERE key = ANY(%s) AND sealed_value IS NOT NULL
"""


@cache
def _state(controller_id: int) -> Any:
    secret = base64.b64decode(settings.SAYSO_ADDRESS_SECRET)
    state = hashlib.blake2b(key=secret[:64], digest_size=DIGEST_BYTES, person=b"copy")
    state.update(controller_id.to_bytes(8, "big"))
    return state


def ids_of(controller_id: int, keys: Iterable[bytes]) -> list[str]:
    """The ids of keys for one controller, 32 hex digits each, in order."""
    copy, ids = _state(controller_id).copy, []
    for key in keys:
        state = copy()
        state.update(key)
        ids.append(state.hexdigest())
    return ids


def normals_of(keys: Sequence[bytes], fetch: db.Fetch = db.fetch) -> dict[bytes, str]:
    """The normal forms of those keys whose address is kept."""
    wanted = [Key(key) for key in sorted(set(keys))]
    rows = fetch(_KEPT, [wanted]) if wanted else []
    return {bytes(key): vault.unseal(VALUE_PURPOSE, sealed).decode() for key, sealed in rows}


def sha256_of(normal: str) -> str:
    """The hex SHA-256 of a normal form, by which systems that share no addresses name one."""
    return hashlib.sha256(normal.encode()).hexdigest()
