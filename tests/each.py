"""Many rows in one test: a table of two hundred spellings is one promise, and pytest takes longer for a test of its own
than most rows do.
"""

import functools
import inspect
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pytest

Test = Callable[..., None]


def each(names: str | Sequence[str], rows: Iterable[Any]) -> Callable[[Test], Test]:
    """Like `pytest.mark.parametrize`, but one test: it goes through all rows, and fails with those that are wrong. They
    share the fixtures, so it is for rows that leave nothing behind.
    """
    wanted = [name.strip() for name in names.split(",")] if isinstance(names, str) else list(names)
    table = [_values(row, len(wanted)) for row in rows]
    assert table, "a table without rows shows nothing"

    def decorate(test: Test) -> Test:
        @functools.wraps(test)
        def all_rows(**fixtures: Any) -> None:
            wrong: list[BaseException] = []
            for row in table:
                try:
                    test(**fixtures, **dict(zip(wanted, row, strict=True)))
                except (Exception, pytest.fail.Exception) as error:
                    error.add_note(f"The row: {repr(row)[:500]}")
                    wrong.append(error)
            if wrong:
                raise BaseExceptionGroup(f"{len(wrong)} of {len(table)} rows are wrong", wrong)

        signature = inspect.signature(test)
        left = [one for name, one in signature.parameters.items() if name not in wanted]
        all_rows.__signature__ = signature.replace(parameters=left)  # type: ignore[attr-defined]
        return all_rows

    return decorate


def _values(row: Any, wanted: int) -> Sequence[Any]:
    if hasattr(row, "values") and hasattr(row, "marks"):  # pytest.param
        return tuple(row.values)
    return (row,) if wanted == 1 else tuple(row)
