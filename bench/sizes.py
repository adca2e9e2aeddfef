"""How many rows the growth is measured at, and whether the machine has room for them."""

import shutil
from collections.abc import Mapping
from pathlib import Path

from bench.figures import BenchError

VARIABLE = "BENCH_ROWS"
SIZES = {"1m": 1_000_000, "10m": 10_000_000, "100m": 100_000_000}
USUAL = "10m"
_OURS = 330  # bytes a row on disk: the table, its indexes, and the sorting while they are built
_OTHERS = 560  # of listmonk and django-newsletter together
_LOG = 2 * 10**9  # PostgreSQL's own


def wanted(environment: Mapping[str, str]) -> list[str]:
    """The sizes up to the one that `BENCH_ROWS` names. Raise `BenchError` for an unknown one."""
    named = environment.get(VARIABLE) or USUAL
    if named not in SIZES:
        raise BenchError(f"{VARIABLE}={named}: it may be {', '.join(SIZES)}")
    return list(SIZES)[: list(SIZES).index(named) + 1]


def disk_needed(rows: int, rows_elsewhere: int) -> int:
    """Bytes, at the most."""
    return rows * _OURS + rows_elsewhere * _OTHERS + _LOG


def require_disk(folder: Path, needed: int) -> None:
    """Raise `BenchError` unless so much is free."""
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise BenchError(
            f"growth needs {needed / 1e9:.0f} GB in {folder} for a while, of which {free / 1e9:.0f} GB are free: "
            f"make room, or set {VARIABLE} to a smaller size"
        )


def memory_available() -> int:
    """Bytes that can be had without swapping (proc(5))."""
    lines = Path("/proc/meminfo").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("MemAvailable")) * 1024
