"""`each` hides no row: all are tried, and each that is wrong is told."""

import inspect

import pytest

from tests.each import each


def test_all_rows_are_tried_and_the_wrong_ones_told() -> None:
    tried = []

    @each(("number", "fails"), [(1, True), (2, False), (3, True)])
    def rows(number: int, fails: bool) -> None:
        tried.append(number)
        if number == 3:
            with pytest.raises(ValueError, match="never"):
                pass
        assert not fails

    with pytest.raises(BaseExceptionGroup, match="2 of 3 rows are wrong") as found:
        rows()
    assert tried == [1, 2, 3]
    assert [error.__notes__[-1] for error in found.value.exceptions] == ["The row: (1, True)", "The row: (3, True)"]


def test_what_is_no_column_is_a_fixture_and_tables_multiply() -> None:
    tried = []

    @each("left", "ab")
    @each("right", [pytest.param(1, id="one"), 2])
    def rows(left: str, right: int, fixture: str) -> None:
        tried.append((left, right, fixture))

    assert list(inspect.signature(rows).parameters) == ["fixture"]
    rows(fixture="f")
    assert tried == [("a", 1, "f"), ("a", 2, "f"), ("b", 1, "f"), ("b", 2, "f")]


def test_a_table_without_rows_is_refused() -> None:
    with pytest.raises(AssertionError, match="without rows"):
        each("row", [])
