"""Addresses by the million in the tables of others, made by the server itself."""

from bench import suppressed
from bench.peers import Database

# Their tables and indexes take half a kilobyte a row; beyond that their figure at ten million says enough.
MOST_ELSEWHERE = 10_000_000
PREFIX, SUFFIX = "person", "@example.com"
_ADDRESSES = """
FROM (SELECT 'suppressed' || number || %(suffix)s AS email FROM generate_series(0, %(known)s - 1) AS number
      UNION ALL SELECT %(prefix)s || number || %(suffix)s FROM generate_series(1, %(others)s) AS number) AS addresses
"""


def insert(database: Database, head: str, rows: int) -> None:
    """Complete an `INSERT … SELECT … email …` by so many addresses, the known ones of `bench.suppressed` among them."""
    values = {"prefix": PREFIX, "suffix": SUFFIX, "known": suppressed.KNOWN, "others": rows - suppressed.KNOWN}
    database.execute("SET maintenance_work_mem = '512MB'")
    database.execute(head.replace("%", "%%") + _ADDRESSES, values, prepare=False)
