"""`python -m bench [NAME…]`: start what is measured, and measure all figures or those that are named."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence

from bench import stack
from bench.measure import FIGURES
from config.local.errors import SetupError


def main(names: Sequence[str]) -> int:
    """Return the exit status: 0 where everything was measured, whatever came out."""
    unknown = [name for name in names if name not in FIGURES]
    if unknown:
        return tell(f"There is no figure {unknown[0]!r}; there are: {', '.join(FIGURES)}.")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what was begun is cleared away then too
    try:
        # In the order of the table, for the last ones leave ten times as many rows to those that follow.
        return measure([name for name in FIGURES if not names or name in names])
    except KeyboardInterrupt:
        return 130
    except SetupError as failure:
        return tell(str(failure))


def tell(problem: str) -> int:
    print(f"bench: {problem}", file=sys.stderr)
    return 1


def measure(names: Sequence[str]) -> int:
    """The measuring process starts last: it too needs the settings that come with the servers."""
    print("Starting PostgreSQL, Valkey, granian, a Celery worker and the sweep in var/bench.", flush=True)
    with stack.running() as values:
        command = (sys.executable, "-m", "bench.measure", *names)
        return subprocess.run(command, cwd=stack.ROOT, env={**os.environ, **values}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
