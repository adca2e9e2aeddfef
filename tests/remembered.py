"""Rows that many tests begin with, made once in each process and put back by the test that follows."""

from collections.abc import Callable, Mapping

from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

_INSERT = 'INSERT INTO "'


class Remembered:
    """What `make` inserts. The first time it is called itself; from then on its rows, as they were in the end, are
    written by one statement a table: triggers see them as ever, and every test has what the first one had."""

    def __init__(self, make: Callable[[], object]) -> None:
        self._make = make
        self._rows: Mapping[str, bytes] = {}

    def __call__(self) -> None:
        if not self._rows:
            self._rows = self._made()
            return
        with connection.cursor() as cursor:
            for table, rows in self._rows.items():
                with cursor.copy(f'COPY "{table}" FROM STDIN') as copy:
                    copy.write(rows)

    def _made(self) -> dict[str, bytes]:
        with CaptureQueriesContext(connection) as asked:
            self._make()
        statements = [query["sql"] for query in asked.captured_queries]
        tables = dict.fromkeys(sql.split('"')[1] for sql in statements if sql.startswith(_INSERT))
        with connection.cursor() as cursor:
            rows = {}
            for table in tables:
                with cursor.copy(f'COPY "{table}" TO STDOUT') as copy:
                    rows[table] = b"".join(map(bytes, copy))
            return rows


seed_example = Remembered(lambda: call_command("seed_example"))
