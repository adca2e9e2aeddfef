"""The line of progress: on a terminal, and nowhere else."""

from io import StringIO

from django.core.management.base import OutputWrapper

from consent.management.progress import Progress


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def shown(out: StringIO, total: int) -> str:
    progress = Progress(OutputWrapper(out), total)
    progress.show(5, "5 rows")
    progress.show(30, "30 rows")
    progress.end()
    progress.end()
    return out.getvalue()


def test_a_part_of_what_is_known() -> None:
    assert shown(Terminal(), 10) == f"\r[{'#' * 15}{' ' * 15}]  50%  5 rows\r[{'#' * 30}] 100%  30 rows\n"


def test_a_count_where_nobody_knows_the_whole() -> None:
    assert shown(Terminal(), 0) == "\r5 rows\r30 rows\n"


def test_nothing_where_nobody_looks_on() -> None:
    assert shown(StringIO(), 10) == ""
