"""`python -m bench.measure NAME…`: the figures, in a process that has the environment of what it measures."""

import importlib
import os
import sys
import time
from collections.abc import Sequence

import django

from bench.figures import FILE, BenchError, Figure, save, table
from bench.stack import ROOT, Stack

# figure → the module that measures it, in the order of the run
FIGURES = {
    "check_one": "check_one",
    "check_one_p99_ms": "check_one_p99",
    "check_bulk": "check_bulk",
    "check_bulk_30": "check_bulk_30",
    "check_bulk_grants": "check_bulk_grants",
    "intake": "intake",
    "drain": "drain",
    "lag_suppressed_p99_ms": "lag",
    "allowed_after_ack": "after_ack",
    "classify": "classify",
    "intake_gateways": "intake_gateways",
    "burst": "burst",
    "postal_match": "postal_match",
    "postal_bulk": "postal_bulk",
    "links": "links",
    "pages": "pages",
    "pages_owner": "pages_owner",
    "stream": "stream",
    "feed": "feed",
    "growth": "growth",  # it makes the table ten times as large
    "scrub": "scrub",  # the same table
}


def main(names: Sequence[str]) -> int:
    """Measure, print the table and write var/bench.json. Return 0 where all was measured, whatever came out."""
    django.setup()
    stack = Stack(os.environ)
    try:
        figures = [measured(name, stack) for name in names]
    except KeyboardInterrupt:
        return 130
    except BenchError as error:
        print(f"\nbench: {error}", file=sys.stderr)
        return 1
    print(f"\n{table(figures)}\n")
    save(figures, ROOT / "var" / FILE, list(FIGURES))
    print(f"Written to var/{FILE}.")
    return 0


def measured(name: str, stack: Stack) -> Figure:
    print(f"  {name} ", end="", flush=True)
    began = time.monotonic()
    # Only now: these modules need Django's applications.
    figure: Figure = importlib.import_module(f"bench.{FIGURES[name]}").measure(stack)
    print(f"{time.monotonic() - began:.0f} s", flush=True)
    return figure


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
