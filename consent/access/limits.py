"""How often a stranger may ask, counted in PostgreSQL. An address and an IP are kept as keyed hashes alone.

A window is fixed: an hour or a day of the clock. Its length and end are part of the hash, so that old rows mean nothing
and the last hour of a day is not that day.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.utils import timezone

from consent import db
from consent.normalise.keys import Key
from consent.token_keys import macs

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Limit(NamedTuple):
    """`most` times in a window of time, for one `whose` of a kind."""

    kind: str
    whose: str
    most: int
    window: timedelta

    def end(self, now: datetime) -> datetime:
        """When the window that now is in ends."""
        return _EPOCH + ((now - _EPOCH) // self.window + 1) * self.window

    def bucket(self, now: datetime) -> Key:
        text = f"{self.kind}|{self.whose}|{self.window.total_seconds():.0f}|{self.end(now).isoformat()}"
        return Key(macs(b"sayso.limit", text.encode(), 16)[0])


# In the order of buckets, so that two requests at once cannot wait for each other.
_ASK = """
INSERT INTO consent_asking AS a (bucket, times, until)
SELECT bucket, 1, until FROM unnest(%b::uuid[], %b::timestamptz[]) AS b (bucket, until) ORDER BY bucket
ON CONFLICT (bucket) DO UPDATE SET times = a.times + 1 RETURNING uuid_send(bucket), times
"""


def exceeded(limits: Sequence[Limit]) -> timedelta | None:
    """Count one more for each limit. If one is exceeded: the time until its window ends."""
    now = timezone.now()
    by_bucket = {limit.bucket(now): limit for limit in limits}
    rows = db.fetch(_ASK, [list(by_bucket), [limit.end(now) for limit in by_bucket.values()]])
    times = {bytes(bucket): count for bucket, count in rows}
    over = [limit.end(now) - now for bucket, limit in by_bucket.items() if times[bucket] > limit.most]
    return max(over, default=None)


def of_visitor(ip: str, network: str, controller_id: int) -> Iterable[Limit]:
    """Of who asks: one machine, its network, and everybody together."""
    yield Limit("ip", ip, settings.SAYSO_CODES_PER_IP_HOUR, HOUR)
    yield Limit("network", network, settings.SAYSO_CODES_PER_NETWORK_HOUR, HOUR)
    yield Limit("controller", str(controller_id), settings.SAYSO_CODES_PER_CONTROLLER_HOUR, HOUR)


def of_address(key: Key) -> Iterable[Limit]:
    """Of the address that would get the codes."""
    yield Limit("address", key.hex(), settings.SAYSO_CODES_PER_ADDRESS_HOUR, HOUR)
    yield Limit("address", key.hex(), settings.SAYSO_CODES_PER_ADDRESS_DAY, DAY)
