"""Which of many keys anything may be known of: those in the filter, and those that came since it was built.

What is not among them is not in the database at the moment of the asking. A statement of one snapshot tells whether the
database knows the filter, what was added since, and what is held; where any of that is not so, or too much, every key
is a candidate.
"""

import logging
import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

from consent.filter import file
from consent.filter.blocks import contains, halves_of, places_among
from consent.filter.file import Broken, Filter
from consent.normalise.keys import DIGEST_BYTES, Key
from consent.prepared import IDENTIFIER, NUMBER, Statement

logger = logging.getLogger(__name__)

LEAST_KEYS = 200  # asked about at once, from which on a second statement is worth it
_MOST_SINCE = 20_000
_MOST_HELD = 5_000

_SINCE = Statement(
    "sayso_since",
    f"""
SELECT NULL::bytea AS key, pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS xid,
       EXISTS (SELECT FROM consent_filter WHERE id = %(build)s AND xmin = xid::xid) AS is_known
UNION ALL (SELECT uuid_send(key), xid::text::bigint, NULL FROM consent_fresh
           WHERE xid >= (%(since)s::bigint)::text::xid8 LIMIT {_MOST_SINCE + 1})
UNION ALL (SELECT uuid_send(key), NULL, NULL FROM consent_hold LIMIT {_MOST_HELD + 1})
""",  # noqa: S608  (numbers of ours)
    {"build": IDENTIFIER, "since": NUMBER},
)


class _Known(NamedTuple):
    """A filter in use. `added` came after it was built, by transactions before `since`, which had all ended."""

    filter: Filter
    identity: tuple[int, int]
    since: int
    added: frozenset[bytes]


_lock = threading.Lock()
_known: _Known | None = None
_refused: tuple[int, int] | None = None


def candidates(keys: Sequence[Key], *, with_grants: bool) -> Sequence[Key]:
    """Those of the keys of which a denial, a hold or (`with_grants`) a permission may be known; all without a filter.

    The caller looks them up afterwards: what is found is then what counts.
    """
    if len(keys) < LEAST_KEYS:
        return keys
    known = _in_use()
    since = _since(known) if known else None
    if known is None or since is None:
        return keys
    joined = halves_of(b"".join(keys))
    may_be = contains(known.filter.denials, joined)
    if with_grants:
        may_be |= contains(known.filter.grants, joined)
    found = [keys[place] for place in may_be.nonzero()[0].tolist()]
    return [*found, *since.intersection(keys)] if since else found


def candidate_places(packed: bytes, *, with_grants: bool) -> Sequence[int]:
    """The same for keys given one behind the other: the places of those of which something may be known."""
    count = len(packed) // DIGEST_BYTES
    known = _in_use() if count >= LEAST_KEYS else None
    since = _since(known) if known else None
    if known is None or since is None:
        return range(count)
    keys = halves_of(packed)
    may_be = contains(known.filter.denials, keys)
    if with_grants:
        may_be |= contains(known.filter.grants, keys)
    if since:
        may_be[places_among(keys, since)] = True
    places: list[int] = may_be.nonzero()[0].tolist()
    return places


def _since(known: _Known) -> set[bytes] | frozenset[bytes] | None:
    """What was added since the filter was built, and what is held; None where the filter cannot serve."""
    global _known
    (_, horizon, is_known), *rows = _SINCE.fetch({"build": known.filter.build, "since": known.since})
    added = [(key, xid) for key, xid, _ in rows if xid is not None]
    if not is_known or horizon < known.since or len(added) > _MOST_SINCE or len(rows) - len(added) > _MOST_HELD:
        return None
    ended = frozenset(key for key, xid in added if xid < horizon)
    if ended or horizon > known.since:
        whole = known.added | ended if ended else known.added
        if len(whole) > 4 * _MOST_SINCE:
            return None
        _known = known._replace(since=horizon, added=whole)
        known = _known
    return known.added.union(key for key, _, _ in rows) if rows else known.added


def _in_use() -> _Known | None:
    """The filter of this machine, mapped anew when another file lies in its place."""
    global _known, _refused
    folder = Path(settings.SAYSO_FILTER_DIR)
    try:
        status = os.stat(folder / file.NAME)
    except OSError:
        return None
    identity = (status.st_ino, status.st_mtime_ns)
    known = _known
    if known is not None and known.identity == identity:
        return known
    if _refused == identity:
        return None
    with _lock:
        try:
            found = file.read(folder)
        except (OSError, Broken, ValueError) as error:
            logger.warning("the filter of keys cannot be used: %s", error)
            _refused = identity
            return None
        _known = _Known(found, identity, found.watermark, frozenset())
        return _known
