"""How much memory the web takes."""

from pathlib import Path

from bench.stack import FOLDER


def most_megabytes() -> float:
    """The most that any process of the web ever had at once."""
    pid = (FOLDER / "run" / "web.pid").read_text().strip()
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return max(_most(child) for child in children) / 1024


def _most(pid: str) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
