"""Whoever reads on from a cursor misses nothing, however long the transactions beside them last."""

import subprocess
import sys

from tests.instance import ROOT, Instance


def test_a_reader_beside_slow_writers_misses_nothing_and_gets_nothing_twice(running: Instance) -> None:
    values = {**running.values, "DJANGO_SETTINGS_MODULE": "config.settings"}
    command = [sys.executable, "-m", "tests.consent.feed.writing", "60"]
    done = subprocess.run(command, cwd=ROOT, env=values, capture_output=True, text=True, check=False, timeout=200)
    assert done.returncode == 0, done.stderr[-2000:]
    count, missed, twice, in_order = done.stdout.split()
    assert int(count) > 200
    assert (missed, twice, in_order) == ("0", "0", "True")
