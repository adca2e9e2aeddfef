"""Statements handed to libpq: each type arrives as it was given, in a transaction and outside of one."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest
from django.db import DataError, connection, transaction
from pytest_django.plugin import DjangoDbBlocker

from consent.normalise.keys import Key
from consent.prepared import BYTES, IDENTIFIER, KEYS, MOMENT, NUMBER, NUMBERS, TEXT, TRUTH, Parameter, Statement

SEEN = datetime(2026, 3, 1, 12, 30, 59, 999_999, UTC)
CASES: list[tuple[str, str, Parameter, Any, Any]] = [
    ("uuid", "uuid", IDENTIFIER, UUID(int=7), UUID(int=7)),
    ("number", "bigint", NUMBER, -(2**63), -(2**63)),
    ("text", "text", TEXT, "É 😀 %s $1", "É 😀 %s $1"),
    ("empty_text", "text", TEXT, "", ""),
    ("bytes", "bytea", BYTES, b"\0\xff", b"\0\xff"),
    ("true", "bool", TRUTH, True, True),
    ("false", "bool", TRUTH, False, False),
    ("moment", "timestamptz", MOMENT, SEEN, SEEN),
    ("zone", "timestamptz", MOMENT, SEEN.astimezone(timezone(timedelta(hours=9))), SEEN),
    ("past", "timestamptz", MOMENT, datetime(1969, 1, 1, tzinfo=UTC), datetime(1969, 1, 1, tzinfo=UTC)),
    ("keys", "uuid[]", KEYS, [Key(bytes(16)), Key(b"k" * 16)], [UUID(int=0), UUID(bytes=b"k" * 16)]),
    ("no_keys", "uuid[]", KEYS, [], []),
    ("numbers", "bigint[]", NUMBERS, [1, None, 3], [1, None, 3]),
    ("plain_numbers", "bigint[]", NUMBERS, [5], [5]),
    ("no_numbers", "bigint[]", NUMBERS, [], []),
]


@pytest.fixture
def database(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """A connection outside of any transaction: these statements only read."""
    with django_db_blocker.unblock():
        yield
        connection.close()


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("inside", [False, True])
@pytest.mark.parametrize(
    ("name", "type_name", "parameter", "given", "expected"), CASES, ids=[case[0] for case in CASES]
)
def test_a_value_arrives_as_it_was_given(
    name: str, type_name: str, parameter: Parameter, given: Any, expected: Any, inside: bool
) -> None:
    sql = f"SELECT %(value)s::{type_name}, %(none)s::{type_name} IS NULL"
    statement = Statement(f"test_{name}", sql, {"none": parameter, "value": parameter})
    values = {"value": given, "none": None}
    if inside:
        with transaction.atomic():
            assert statement.fetch(values) == [(expected, True)]
    else:
        assert [statement.fetch(values), statement.fetch(values)] == [[(expected, True)]] * 2


@pytest.mark.usefixtures("database")
def test_an_error_of_the_server_is_djangos_and_the_statement_goes_on() -> None:
    divide = Statement("test_divide", "SELECT 12 / %(by)s", {"by": NUMBER})
    with pytest.raises(DataError, match="division by zero"):
        divide.fetch({"by": 0})
    assert divide.fetch({"by": 4}) == [(3,)]
