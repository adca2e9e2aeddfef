"""Reading the case tables of this folder."""

from pathlib import Path

CASES = Path(__file__).parent / "cases"


def cases(intent: str) -> list[tuple[str, str]]:
    """The (language, text) pairs of a table."""
    lines = (CASES / f"{intent}.tsv").read_text(encoding="utf-8").split("\n")
    pairs = (line.partition("\t") for line in lines if line and not line.startswith("#"))
    return [(language, text) for language, _, text in pairs]
