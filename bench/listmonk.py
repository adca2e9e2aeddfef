"""listmonk's subscribers of the status `blocklisted`, asked for by e-mail address.

The table and the index over lower(email) are those of its schema.sql, the look-up is that of
`get-subscribers-by-emails` in its queries/subscribers.sql, whose caller then looks at the status
(github.com/knadh/listmonk, AGPL: written anew here). What this look-up cannot use, the indexes over uuid and status, is
left out: it would only take time to build.
"""

from bench import mass
from bench.peers import Database
from bench.recipients import COUNT, Batch

_TABLE = """
CREATE TYPE bench_subscriber_status AS ENUM ('enabled', 'disabled', 'blocklisted');
CREATE UNLOGGED TABLE bench_listmonk (
    id serial NOT NULL,
    uuid uuid NOT NULL,
    email text NOT NULL,
    name text NOT NULL,
    attribs jsonb NOT NULL DEFAULT '{}',
    status bench_subscriber_status NOT NULL DEFAULT 'enabled',
    created_at timestamptz DEFAULT now(),
    updated_at timestamptz DEFAULT now()
)
"""
_ROWS = """
INSERT INTO bench_listmonk (uuid, email, name, status)
SELECT gen_random_uuid(), email, 'Jane Roe', 'blocklisted'
"""
_INDEXES = """
ALTER TABLE bench_listmonk ADD PRIMARY KEY (id), ADD UNIQUE (email);
CREATE UNIQUE INDEX bench_listmonk_lower ON bench_listmonk (lower(email))
"""
_BY_EMAILS = """
SELECT id, uuid, email, name, attribs, status, created_at, updated_at FROM bench_listmonk WHERE email = ANY(%s)
"""
_STATUS = 5  # the column


class Listmonk:
    """The addresses in one array, and their rows."""

    name = "listmonk's look-up of the blocklist"
    asked = COUNT
    most_rows = mass.MOST_ELSEWHERE

    def __init__(self, database: Database) -> None:
        self._database = database

    def fill(self, rows: int) -> None:
        self.clear()
        self._database.execute(_TABLE)
        mass.insert(self._database, _ROWS, rows)
        self._database.execute(_INDEXES)
        self._database.execute("VACUUM ANALYZE bench_listmonk")

    def look_up(self, batch: Batch) -> int:
        found = self._database.execute(_BY_EMAILS, [batch.addresses], prepare=True).fetchall()
        return sum(row[_STATUS] == "blocklisted" for row in found)

    def clear(self) -> None:
        self._database.execute("DROP TABLE IF EXISTS bench_listmonk")
        self._database.execute("DROP TYPE IF EXISTS bench_subscriber_status")
