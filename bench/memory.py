"""How much memory the web takes."""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from bench.figures import BenchError
from bench.stack import FOLDER

_FORGET_MOST = "5"  # proc(5), clear_refs: the peak becomes what is there now
# A process's most counts from before it became its program: from a large one it would begin with that one's.
_SMALL = """
import os, subprocess, sys
process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
_, status, used = os.wait4(process.pid, 0)
print(used.ru_maxrss)
sys.exit(os.waitstatus_to_exitcode(status))
"""


class Share(NamedTuple):
    """A process's memory in MB: what is its own, and with it its part of what several share."""

    own: float
    with_shared: float


def most_megabytes() -> float:
    """The most that any process of the web ever had at once, or since `forget_most`."""
    return max(_most(child) for child in _children()) / 1024


def most_of(words: Sequence[str], env: Mapping[str, str], folder: Path) -> float:
    """The most megabytes that a program had, from its start to its end. Raise `BenchError` if it failed."""
    command = (sys.executable, "-S", "-c", _SMALL, *words)
    done = subprocess.run(command, env=env, cwd=folder, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise BenchError(f"{' '.join(words[:3])} failed")
    return int(done.stdout) / 1000


def forget_most() -> None:
    """Count the most anew, from what there is now."""
    for child in _children():
        Path(f"/proc/{child}/clear_refs").write_text(_FORGET_MOST)


def largest_share() -> Share:
    """That of the web's largest process, by what is its own."""
    return max(share_in(Path(f"/proc/{child}/smaps_rollup").read_text()) for child in _children())


def share_in(rollup: str) -> Share:
    """Read `smaps_rollup` (proc(5)). A page that two processes have mapped counts as half a page of each."""
    kilobytes = {words[0]: int(words[1]) for line in rollup.splitlines()[1:] if len(words := line.split()) == 3}
    own = kilobytes["Private_Clean:"] + kilobytes["Private_Dirty:"]
    return Share(own / 1024, kilobytes["Pss:"] / 1024)


def _children() -> list[str]:
    pid = (FOLDER / "run" / "web.pid").read_text().strip()
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


def _most(pid: str) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
