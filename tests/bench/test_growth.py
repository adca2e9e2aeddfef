from pathlib import Path

import pytest

from bench import memory, sizes, stack, suppressed
from bench.figures import BenchError, in_turns
from bench.growth_table import Column, table
from bench.recipients import addresses

ROLLUP = """\
55d0c0a00000-7ffd1b5f7000 ---p 00000000 00:00 0                          [rollup]
Rss:              204800 kB
Pss:              163840 kB
Pss_Dirty:        140000 kB
Shared_Clean:      40960 kB
Private_Clean:      1024 kB
Private_Dirty:    152576 kB
"""


@pytest.mark.parametrize(
    ("named", "sizes_measured"),
    [("", ["1m", "10m"]), ("1m", ["1m"]), ("10m", ["1m", "10m"]), ("100m", ["1m", "10m", "100m"])],
)
def test_sizes_up_to_the_one_named(named: str, sizes_measured: list[str]) -> None:
    assert sizes.wanted({"BENCH_ROWS": named}) == sizes_measured


def test_another_size_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(BenchError, match="BENCH_ROWS=5m: it may be 1m, 10m, 100m"):
        sizes.wanted({"BENCH_ROWS": "5m"})


def test_too_small_a_disk_is_said_at_once(tmp_path: Path) -> None:
    sizes.require_disk(tmp_path, 1)
    with pytest.raises(BenchError, match=r"growth needs 1000000 GB in .*, of which .* GB are free"):
        sizes.require_disk(tmp_path, 10**15)


@pytest.mark.parametrize("of_twenty", [1, 6])
def test_recipients_have_their_share_of_known_ones(of_twenty: int) -> None:
    asked = addresses(20_000, 10_000, of_twenty)
    all_known = {suppressed.known(number) for number in range(suppressed.KNOWN)}
    known = [one for one in asked if one in all_known]
    assert len(known) == 500 * of_twenty
    assert len(set(asked)) == len(asked)
    assert sum(one in all_known for one in asked[:1_000]) == 50 * of_twenty


def test_every_round_asks_about_others() -> None:
    assert not {*addresses(0, 10_000, 6)} & {*addresses(10_000, 10_000, 6)}


def test_memory_of_its_own_and_with_its_part_of_what_is_shared() -> None:
    assert memory.share_in(ROLLUP) == memory.Share(150.0, 160.0)


def test_sides_take_turns_and_are_told_the_round() -> None:
    turns: list[str] = []

    def side(name: str, number: int) -> float:
        turns.append(f"{name}{number}")
        return float(number)

    assert in_turns([lambda number: side("A", number), lambda number: side("B", -number)], 3) == [1.0, -1.0]
    assert turns == ["A0", "B0", "B-1", "A1", "A2", "B-2"]


def test_table_compares_each_with_the_limit_and_with_ours() -> None:
    head, ours, limit, other = table(
        ["ours", "the limit", "another"],
        [Column("1m, 5 %", [10.0, 40.0, 4000.0]), Column("100m, 5 %", [12.5, 100.0, None])],
    ).splitlines()
    assert head.split("  ")[0] == "10,000 recipients, in ms (× the limit, × ours)"
    assert ours.split() == ["ours", "10.0", "(0.25,", "1.0)", "12.5", "(0.12,", "1.0)"]
    assert limit.split() == ["the", "limit", "40.0", "(1.00,", "4.0)", "100", "(1.00,", "8.0)"]
    assert other.split() == ["another", "4,000", "(100.00,", "400)", "–"]


def test_what_a_run_wrote_is_removed_and_logs_stay(tmp_path: Path) -> None:
    for name in ("postgres/base", "valkey", "filter", "log", "local.env", "postgres.gone/base"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "scrub.csv").touch()
    stack.clear(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"log", "local.env"}
    stack.clear(tmp_path)
