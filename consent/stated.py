"""accept_statement(): what a system or a member of staff tells us about one address, on its way into the inbox.

One code for `POST /v1/events`, `/v1/suppressions` and the admin's form.
"""

import secrets
from collections.abc import Sequence

import msgspec
from django.utils import timezone

from consent import configuration, inbox
from consent.configuration import Scope, Snapshot
from consent.inbox import Accepted, Arrival, Envelope, open_envelope
from consent.normalise.keys import Key
from consent.statement import Resolved, Statement, resolve


def accept_statement(
    statement: Statement,
    controller_id: int,
    *,
    source: str,
    actor: str,
    same: Sequence[str] = (),
    snapshot: Snapshot | None = None,
) -> Accepted:
    """Check a statement and keep it; from the commit on an opt-out denies. Raise `Rejected`, naming the member."""
    resolved = resolve(statement, controller_id, snapshot or configuration.recent(), timezone.now())
    return inbox.accept(
        Arrival(
            controller_id=controller_id,
            source=source,
            channel=statement.channel,
            actor=actor,
            envelope=Envelope(body=_body_of(statement)),
            holds=(holds := holds_of(statement, resolved)),
            homes=(resolved.contact,) if holds else (),
            same=same,
        )
    )


def _body_of(statement: Statement) -> bytes:
    """The evidence that is kept of a statement, which nobody can guess from its digest."""
    return msgspec.json.encode(msgspec.structs.replace(statement, nonce=secrets.token_hex(16)))


def statement_in(sealed: bytes | memoryview) -> Statement:
    """The statement that an inbound keeps."""
    kept = msgspec.json.decode(open_envelope(sealed).body, type=Statement)
    return msgspec.structs.replace(kept, nonce=None)


def holds_of(statement: Statement, resolved: Resolved) -> list[tuple[Key, Scope]]:
    """A no denies from now on; a yes, and the lifting of somebody's no, wait for the pipeline."""
    if statement.action in ("opt_in", "lift"):
        return []
    return [(key, resolved.scope) for key in resolved.contact.said]
