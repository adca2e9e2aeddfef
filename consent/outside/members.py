"""What a list names, by the last version that named it."""

from collections.abc import Sequence
from typing import NamedTuple

from consent import db
from consent.models import ListMember, ListVersion, OutsideList
from consent.normalise.keys import Key
from consent.outside.rows import Denied

_KNOWN = "SELECT uuid_send(key), number FROM consent_listmember WHERE outside_list_id = %s AND key = ANY(%s)"
_JOIN = """
INSERT INTO consent_listmember (outside_list_id, key, channel, counts, number)
SELECT %s, m.key, m.channel, m.counts, %s FROM unnest(%b::uuid[], %b::text[], %b::bool[]) AS m (key, channel, counts)
ON CONFLICT (outside_list_id, key) DO UPDATE
SET number = EXCLUDED.number, counts = consent_listmember.counts OR EXCLUDED.counts
WHERE consent_listmember.number < EXCLUDED.number OR EXCLUDED.counts AND NOT consent_listmember.counts
"""
# By the rows' places, under the list's lock: by their keys PostgreSQL would scan the table for each batch.
_GONE = """
DELETE FROM consent_listmember WHERE ctid = ANY(ARRAY(
    SELECT ctid FROM consent_listmember WHERE outside_list_id = %s AND number < %s ORDER BY number LIMIT %s))
RETURNING uuid_send(key), channel, counts
"""


class Gone(NamedTuple):
    """A key that a list no longer names."""

    key: Key
    channel: str
    counts: bool


def still_ours(version: ListVersion) -> bool:
    """Lock the list, and the version's row if its lease is still the one under which it was read."""
    OutsideList.objects.select_for_update().get(pk=version.outside_list_id)
    found = ListVersion.objects.select_for_update().filter(pk=version.pk, lease=version.lease)
    return found.values_list("pk", flat=True).first() is not None


def join(version: ListVersion, denied: Sequence[Denied]) -> dict[bytes, int]:
    """Note that a version names these keys. Return the versions that last named those that were there before."""
    if not denied:
        return {}
    ordered = sorted(denied)
    rows = db.fetch(_KNOWN, [version.outside_list_id, [one.key for one in ordered]])
    columns = [[one.key for one in ordered], [one.channel for one in ordered], [one.counts for one in ordered]]
    db.fetch(_JOIN, [version.outside_list_id, version.number, *columns])
    return dict(rows)


def not_named_by(version: ListVersion) -> int:
    """How many entries a version no longer names."""
    found = ListMember.objects.filter(outside_list=version.outside_list_id, number__lt=version.number)
    return found.filter(counts=True).count()


def leave(version: ListVersion, most: int) -> list[Gone]:
    """Take out keys that a version no longer names, no more than so many at once."""
    rows = db.fetch(_GONE, [version.outside_list_id, version.number, most])
    return [Gone(Key(key), channel, counts) for key, channel, counts in rows]
