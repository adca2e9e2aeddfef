"""Addresses by the million in the tables of others, made by the server itself."""

from bench import suppressed
from bench.peers import Database

# Their tables and indexes take half a kilobyte a row; beyond that their figure at ten million says enough.
MOST_ELSEWHERE = 10_000_000
# As `bench.suppressed.spread` makes them.
_ADDRESSES = """
FROM (SELECT substr(md5(name), 1, 16) || '@example.com' AS email
      FROM (SELECT 'suppressed' || number FROM generate_series(0, %(known)s - 1) AS number
            UNION ALL SELECT 'person' || number FROM generate_series(1, %(others)s) AS number) AS names (name)
     ) AS addresses
"""


def insert(database: Database, head: str, rows: int) -> None:
    """Complete an `INSERT … SELECT … email …` by so many addresses, the known ones of `bench.suppressed` among them."""
    values = {"known": suppressed.KNOWN, "others": rows - suppressed.KNOWN}
    database.execute("SET maintenance_work_mem = '512MB'")
    database.execute(head.replace("%", "%%") + _ADDRESSES, values, prepare=False)
