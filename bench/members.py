"""A set of plain addresses in Valkey, asked for many at once: quick, in memory, and without a word of why."""

import redis

from bench import suppressed
from bench.recipients import COUNT, Batch
from bench.stack import Stack

BYTES_EACH = 100  # of memory, at the most
_DATABASE = 15  # the broker's is another
_SET = "bench:suppressed"
_AT_ONCE = 250_000  # a script keeps all others waiting
_PATIENCE = 120.0  # seconds
_ADD = """
local some = {}
for number = tonumber(ARGV[1]), tonumber(ARGV[2]) do
    some[#some + 1] = string.sub(redis.sha1hex('person' .. number), 1, 16) .. '@example.com'
    if #some == 1000 then
        redis.call('SADD', KEYS[1], unpack(some))
        some = {}
    end
end
if #some > 0 then redis.call('SADD', KEYS[1], unpack(some)) end
"""


class Members:
    """SMISMEMBER by the usual client."""

    name = "Valkey, SMISMEMBER of plain addresses"
    asked = COUNT

    def __init__(self, stack: Stack, most_rows: int) -> None:
        self.most_rows = most_rows
        self._client = redis.Redis.from_url(stack.values["REDIS_URL"], db=_DATABASE, socket_timeout=_PATIENCE)
        self._limit = str(self._client.config_get("maxmemory")["maxmemory"])

    def fill(self, rows: int) -> None:
        self.clear()
        # The broker's server, for the while without its bound and its log on disk.
        self._client.config_set("maxmemory", 0)
        self._client.config_set("appendonly", "no")
        self._client.sadd(_SET, *map(suppressed.known, range(suppressed.KNOWN)))
        others = rows - suppressed.KNOWN
        for start in range(1, others + 1, _AT_ONCE):
            self._client.eval(_ADD, 1, _SET, start, min(start + _AT_ONCE - 1, others))

    def look_up(self, batch: Batch) -> int:
        return sum(self._client.smismember(_SET, batch.addresses))

    def clear(self) -> None:
        self._client.flushdb(asynchronous=True)
        self._client.config_set("maxmemory", self._limit)
        self._client.config_set("appendonly", "yes")
