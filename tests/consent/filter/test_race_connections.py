"""Whoever asks about many sees what was committed before, whatever happens to the filter meanwhile."""

import os
import subprocess
import sys
from pathlib import Path

from tests.instance import ROOT, Instance

ANSWERS = int(os.environ.get("SAYSO_RACE_ANSWERS", "100000"))


def test_no_answer_is_wrong_while_filters_are_built_spoilt_and_lost(running: Instance, tmp_path: Path) -> None:
    values = {**running.values, "DJANGO_SETTINGS_MODULE": "config.settings", "SAYSO_FILTER_DIR": str(tmp_path)}
    command = [sys.executable, "-m", "tests.consent.filter.racing", str(ANSWERS)]
    done = subprocess.run(command, cwd=ROOT, env=values, capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, done.stderr[-2000:]
    answers, wrong, served = map(int, done.stdout.split())
    assert answers >= ANSWERS
    assert wrong == 0
    assert served >= 3, "the filter took part"
