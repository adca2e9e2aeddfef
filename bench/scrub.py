"""A file of a million rows scrubbed against ten million suppressed, against `sort | join` on ready-made lists."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path

from bench import messages, suppressed
from bench.figures import Aim, BenchError, Figure, interleave
from bench.memory import most_of
from bench.stack import FILTER, FOLDER, Stack
from consent.filter import building
from consent.models import Scrub
from consent.scrubs import working
from consent.scrubs.creating import ScrubRequest, create_scrub
from consent.scrubs.rechecking import recheck

ROWS, SUPPRESSED, HIT_EVERY = 1_000_000, 10_000_000, 20
ROUNDS = 3
_C = {**os.environ, "LC_ALL": "C"}


def measure(stack: Stack) -> Figure:
    """Seconds."""
    suppressed.fill_to(stack, SUPPRESSED)
    file, asked, refused = _lists()
    while building.keep_current(FILTER, building.place_of(FILTER)):
        pass  # what was still under way when a build began counts as new after it
    with stack.paused():  # so that nobody else takes the job
        ours, against = interleave(lambda: _scrub(file), lambda: _join(asked, refused), ROUNDS)
    scrub = Scrub.objects.filter(state="ready").latest("id")
    seconds, megabytes = _command(stack, file)
    note = (
        f"the job alone, claim to receipt, on a CSV of {ROWS:,} rows and {file.stat().st_size / 1e6:.0f} MB, one in "
        f"{HIT_EVERY} denied, {SUPPRESSED:,} in the table, one process and another that makes keys; against "
        "`sort | join` of coreutils on lists of the same addresses. "
        f"A recheck afterwards: {_recheck(scrub):.1f} ms. `manage.py scrub`, its start included: {seconds:.2f} s, and "
        f"{megabytes:.0f} MB at its most."
    )
    for path in (file, asked, refused):
        path.unlink()
    return Figure("scrub", ours, against, "s", "lower", Aim("ratio", 1.2), note)


def _person(number: int) -> str:
    """An address whose place among all others, sorted, nobody could tell by its number."""
    return f"{blake2b(number.to_bytes(8), digest_size=8).hexdigest()}@example.com"


def _address(number: int) -> str:
    return suppressed.known(number // HIT_EVERY) if number % HIT_EVERY == 0 else _person(number)


def _lists() -> tuple[Path, Path, Path]:
    """The CSV; its addresses alone; and those of all suppressed people, sorted."""
    file, asked, refused = (FOLDER / f"scrub.{name}" for name in ("csv", "asked", "refused"))
    with file.open("w") as rows, asked.open("w") as addresses:
        rows.write("id,name,email,country\n")
        for number in range(ROWS):
            rows.write(f"{number},Jane Roe {number},{_address(number)},US\n")
            addresses.write(f"{_address(number)}\n")
    with refused.open("w") as out:
        sorting = subprocess.Popen(["sort"], stdin=subprocess.PIPE, stdout=out, env=_C, text=True)
        assert sorting.stdin
        for address in _refused():
            sorting.stdin.write(f"{address}\n")
        sorting.stdin.close()
        if sorting.wait():
            raise BenchError("sort failed")
    return file, asked, refused


def _refused() -> Iterator[str]:
    yield from map(suppressed.known, range(suppressed.KNOWN))
    yield from (_person(ROWS + number) for number in range(SUPPRESSED - suppressed.KNOWN))


def _scrub(file: Path) -> float:
    """The job of the worker, in this process; the upload is not counted."""
    request = ScrubRequest(messages.controller_id(), "email", "offers", "key:bench", file_name="list.csv")
    with file.open("rb") as opened:
        scrub = create_scrub(request, opened).scrub
    began = time.perf_counter()
    working.drain()
    seconds = time.perf_counter() - began
    scrub.refresh_from_db()
    if scrub.state != "ready" or scrub.counts["denied"] != ROWS // HIT_EVERY:
        raise BenchError(f"the scrub is {scrub.state}: {scrub.error} {scrub.counts}")
    return seconds


def _join(asked: Path, refused: Path) -> float:
    began = time.perf_counter()
    with subprocess.Popen(["sort", asked], stdout=subprocess.PIPE, env=_C) as sorting:
        joined = subprocess.run(
            ["join", "-", refused], stdin=sorting.stdout, capture_output=True, env=_C, check=True
        ).stdout
    seconds = time.perf_counter() - began
    if joined.count(b"\n") != ROWS // HIT_EVERY:
        raise BenchError("join found others")
    return seconds


def _recheck(scrub: Scrub) -> float:
    began = time.perf_counter()
    recheck(scrub, 0, 100)
    return (time.perf_counter() - began) * 1000


def _command(stack: Stack, file: Path) -> tuple[float, float]:
    """Seconds of the same as a command, its start included, and the most megabytes that its process had."""
    out = FOLDER / "scrub.out"
    words = [sys.executable, "manage.py", "scrub", str(file), str(out), "--channel", "email", "--topic", "offers"]
    began = time.perf_counter()
    megabytes = most_of(words, stack.values, FOLDER.parents[1])
    seconds = time.perf_counter() - began
    out.unlink()
    return seconds, megabytes
