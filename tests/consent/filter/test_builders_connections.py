"""A builder never takes away a filter that is in its place, whoever else builds."""

import json
import subprocess
import sys
from pathlib import Path

from tests.instance import ROOT, Instance


def test_builders_at_once_leave_a_good_filter(running: Instance, tmp_path: Path) -> None:
    values = {**running.values, "DJANGO_SETTINGS_MODULE": "config.settings", "SAYSO_FILTER_DIR": str(tmp_path)}
    command = [sys.executable, "-m", "tests.consent.filter.building"]
    done = subprocess.run(command, cwd=ROOT, env=values, capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, done.stderr[-2000:]
    assert json.loads(done.stdout) == {
        "built": 1,  # of three that saw it missing
        "rounds": 20,
        "rows": 1,
        "both": [True, True],
        "left": [True, 3],
        "at last": [True, True, 2],
        "renewed": True,
    }
