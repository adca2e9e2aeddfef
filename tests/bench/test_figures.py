import json
from pathlib import Path

import pytest

from bench.figures import Aim, Figure, interleave, percentile, save, short, table

CHECK = Figure("check_one", 5200.0, 10_000.0, "requests/s", "higher", Aim("ratio", 0.5), "A check.")
BULK = Figure("check_bulk", 90.0, 45.0, "ms", "lower", Aim("ratio", 1.5), "Ten thousand.")
DRAIN = Figure("drain", 9000.0, 40_000.0, "events/s", "higher", Aim("ours", 8_000), "The worker.")
NONE = Figure("allowed_after_ack", 0, 0, "answers", "lower", Aim("ours", 0), "Never.")


@pytest.mark.parametrize(
    ("figure", "ratio", "is_met"),
    [
        (CHECK, 0.52, True),
        (BULK, 2.0, False),
        (DRAIN, 0.225, True),
        (NONE, 0.0, True),
        (NONE._replace(ours=3), 3.0, False),
    ],
)
def test_ratio_and_aim(figure: Figure, ratio: float, is_met: bool) -> None:
    assert figure.ratio == pytest.approx(ratio)
    assert figure.is_met is is_met


def test_interleave_takes_turns_and_gives_each_side_its_median() -> None:
    turns: list[str] = []
    ours, against = iter([10.0, 900.0, 12.0]), iter([5.0, 4.0, 0.1])

    def side(name: str, values: object) -> float:
        turns.append(name)
        return next(values)  # type: ignore[call-overload, no-any-return]

    assert interleave(lambda: side("A", ours), lambda: side("B", against), rounds=3) == (12.0, 4.0)
    assert "".join(turns) == "ABABAB"


@pytest.mark.parametrize(
    ("values", "percent", "expected"),
    [([7.0], 99, 7.0), ([float(n) for n in range(1, 101)], 99, 99.0), ([3.0, 1.0, 2.0, 4.0], 50, 2.0)],
)
def test_percentile_is_the_nearest_rank(values: list[float], percent: int, expected: float) -> None:
    assert percentile(values, percent) == expected


@pytest.mark.parametrize(("value", "text"), [(0, "0"), (0.44, "0.4"), (38.25, "38.2"), (5200.4, "5,200"), (12.0, "12")])
def test_short(value: float, text: str) -> None:
    assert short(value) == text


def test_table_has_a_line_and_a_note_a_figure() -> None:
    head, check, check_note, bulk, _ = table([CHECK, BULK]).splitlines()
    assert head.split() == ["name", "ours", "against", "unit", "ratio", "aim"]
    assert check.split() == ["check_one", "5,200", "10,000", "requests/s", "0.52", "ratio", "≥", "0.5", "met"]
    assert check_note == "    A check."
    assert bulk.endswith("MISSED")


def test_json_has_the_members_of_the_contract(tmp_path: Path) -> None:
    path = tmp_path / "bench.json"
    save([CHECK], path, ["check_one"])
    assert json.loads(path.read_text()) == [
        {
            "name": "check_one",
            "ours": 5200.0,
            "against": 10000.0,
            "unit": "requests/s",
            "ratio": 0.52,
            "better": "higher",
            "note": "A check.",
        }
    ]


def test_a_partial_run_keeps_the_other_figures_in_their_order(tmp_path: Path) -> None:
    path, order = tmp_path / "bench.json", ["check_one", "check_bulk"]
    save([BULK, DRAIN], path, ["drain", *order])
    save([CHECK, BULK._replace(ours=45.0)], path, order)
    kept = [(row["name"], row["ratio"]) for row in json.loads(path.read_text())]
    assert kept == [("check_one", 0.52), ("check_bulk", 1.0)]
