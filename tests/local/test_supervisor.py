"""The supervisor: starts in order, restarts what dies, stops all and only its own."""

import os
import signal
import time
from pathlib import Path

import pytest

from config.local import child as child_module
from config.local import supervisor as supervisor_module
from config.local.child import bound
from config.local.errors import SetupError, StartInterruptedError
from config.local.supervisor import Restart, Supervisor
from tests.local.support import DEAF, SLEEP, eventually, left, program, start_python

WRITES_WHEN_STOPPED = """
import signal, sys, time
def note(*_):
    open(sys.argv[1], "a").write(sys.argv[2] + "\\n")
    sys.exit()
signal.signal(signal.SIGTERM, note)
print("ready", flush=True)
time.sleep(600)
"""
PARENT_OF_ONE = """
import subprocess, sys, time
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print("ready", flush=True)
time.sleep(600)
"""
RUNS_A_SUPERVISOR = """
import sys, time
from pathlib import Path
from config.local.child import Process
from config.local.supervisor import Supervisor
state = Path(sys.argv[1])
sleeper = (sys.executable, "-c", "import time; time.sleep(600)")
with Supervisor(state, {}) as supervisor:
    supervisor.start(Process("one", sleeper, state), Process("two", sleeper, state))
    print(supervisor.pid("one"), flush=True)
    supervisor.watch()
"""


def says(state: Path, name: str, word: str = "ready") -> bool:
    log = state / "log" / f"{name}.log"
    return log.exists() and word in log.read_text()


def test_it_starts_again_what_is_killed_and_says_so(tmp_path: Path) -> None:
    lines: list[str] = []
    with Supervisor(tmp_path, {}, say=lines.append) as supervisor, supervisor.watching():
        supervisor.start(program("sleeper", SLEEP, tmp_path))
        first = supervisor.pid("sleeper")
        supervisor.send("sleeper", signal.SIGKILL)
        pid_file = tmp_path / "run" / "sleeper.pid"
        eventually(lambda: pid_file.exists() and pid_file.read_text().strip() not in ("", str(first)))
        assert int(pid_file.read_text()) == supervisor.pid("sleeper")
    assert lines == [f"sleeper was killed (SIGKILL); starting it again in 0.2 s (log: {tmp_path}/log/sleeper.log)"]


def test_it_starts_again_what_ends_by_itself(tmp_path: Path) -> None:
    lines: list[str] = []
    with Supervisor(tmp_path, {}, say=lines.append) as supervisor, supervisor.watching():
        supervisor.start(program("brief", "import time; time.sleep(0.2); raise SystemExit(3)", tmp_path))
        eventually(lambda: len(lines) == 2)
    assert "ended with status 3; starting it again in 0.2 s" in lines[0]
    assert "starting it again in 1.0 s" in lines[1]


def test_the_wait_grows_and_a_steady_life_resets_it() -> None:
    restart = Restart()
    assert [restart.plan(0) for _ in range(6)] == [0.2, 1.0, 3.0, 10.0, 10.0, 10.0]
    assert restart.plan(supervisor_module.STEADY + 1) == 0.2


def test_a_frozen_process_has_not_died(tmp_path: Path) -> None:
    lines: list[str] = []
    with Supervisor(tmp_path, {}, say=lines.append) as supervisor:
        supervisor.start(program("sleeper", SLEEP, tmp_path))
        pid = supervisor.pid("sleeper")
        assert os.getpgid(pid) == os.getsid(pid) == pid
        os.killpg(pid, signal.SIGSTOP)
        for _ in range(3):
            supervisor.tick()
            time.sleep(0.05)
        assert supervisor.pid("sleeper") == pid
    assert lines == []
    assert left(tmp_path) == []


def test_the_last_group_stops_first(tmp_path: Path) -> None:
    order = tmp_path / "order"
    with Supervisor(tmp_path, {}) as supervisor:
        for name in ("server", "application"):
            process = program(name, WRITES_WHEN_STOPPED, tmp_path, ready=lambda name=name: says(tmp_path, name))
            command = (*process.command, str(order), name)
            supervisor.start(child_module.Process(name, command, tmp_path, ready=process.ready))
    assert order.read_text().split() == ["application", "server"]
    assert list((tmp_path / "run").glob("*.pid")) == []


def test_what_ignores_a_stop_is_killed_after_its_grace(tmp_path: Path) -> None:
    with Supervisor(tmp_path, {}) as supervisor:
        supervisor.start(program("deaf", DEAF, tmp_path, ready=lambda: says(tmp_path, "deaf"), grace=0.3))
    assert left(tmp_path) == []


def test_the_children_of_a_dead_process_go_before_it_starts_again(tmp_path: Path) -> None:
    with Supervisor(tmp_path, {}, say=lambda _: None) as supervisor:
        supervisor.start(program("parent", PARENT_OF_ONE, tmp_path, ready=lambda: says(tmp_path, "parent")))
        eventually(lambda: len(left(tmp_path)) == 2)
        os.kill(supervisor.pid("parent"), signal.SIGKILL)
        while list((tmp_path / "run").glob("*.pid")):
            supervisor.tick()
        eventually(lambda: left(tmp_path) == [])


def test_nothing_outlives_a_killed_supervisor(tmp_path: Path) -> None:
    with start_python(RUNS_A_SUPERVISOR, tmp_path) as process:
        assert process.stdout is not None
        begun = int(process.stdout.readline())
        eventually(lambda: begun in left(tmp_path))  # in its first moments it has its parent's name
        process.kill()
    eventually(lambda: left(tmp_path) == [])


def test_what_survived_a_killed_supervisor_is_stopped_by_the_next(tmp_path: Path) -> None:
    lines: list[str] = []
    with start_python(RUNS_A_SUPERVISOR, tmp_path) as process:
        assert process.stdout is not None
        frozen = int(process.stdout.readline())
        os.kill(frozen, signal.SIGSTOP)  # it cannot hear the kernel's SIGTERM
        eventually(lambda: ") T " in Path(f"/proc/{frozen}/stat").read_text())
        process.kill()
    eventually(lambda: left(tmp_path) == [frozen])
    with Supervisor(tmp_path, {}, say=lines.append):
        assert left(tmp_path) == []
    assert lines == ["Stopped what an earlier run had left behind."]


def test_another_folder_s_processes_are_left_alone(tmp_path: Path) -> None:
    with Supervisor(tmp_path / "one", {}) as one:
        one.start(program("sleeper", SLEEP, tmp_path))
        with Supervisor(tmp_path / "two", {}) as two:
            two.start(program("sleeper", SLEEP, tmp_path))
            assert one.pid("sleeper") != two.pid("sleeper")
        assert left(tmp_path / "one") == [one.pid("sleeper")]


def test_a_second_supervisor_of_a_folder_is_refused_in_one_line(tmp_path: Path) -> None:
    with Supervisor(tmp_path, {}), pytest.raises(SetupError, match="Already running here") as refusal:
        Supervisor(tmp_path, {}).__enter__()
    assert f"process {os.getpid()}," in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_failed_start_shows_the_end_of_the_log(tmp_path: Path) -> None:
    code = "print('\\n'.join(f'line {n}' for n in range(50))); raise SystemExit('the reason')"
    with Supervisor(tmp_path, {}) as supervisor, pytest.raises(SetupError) as failure:
        supervisor.start(program("broken", code, tmp_path, ready=lambda: False))
    lines = str(failure.value).splitlines()
    assert lines[0] == f"broken ended with status 1 while starting; the end of {tmp_path}/log/broken.log:"
    assert "line 49" in lines
    assert "the reason" in lines
    assert len(lines) == child_module.SHOWN + 1


def test_a_full_disk_seen_in_a_log_is_one_line(tmp_path: Path) -> None:
    code = "raise SystemExit('could not write: No space left on device')"
    with Supervisor(tmp_path, {}) as supervisor, pytest.raises(SetupError, match="the disk is full") as failure:
        supervisor.start(program("broken", code, tmp_path, ready=lambda: False))
    assert "\n" not in str(failure.value)


def test_a_death_shows_before_a_neighbour_is_ready(tmp_path: Path) -> None:
    slow = program("slow", SLEEP, tmp_path, ready=lambda: False)
    broken = program("broken", "raise SystemExit(1)", tmp_path, ready=lambda: True)
    with Supervisor(tmp_path, {}) as supervisor, pytest.raises(SetupError, match="broken ended with status 1"):
        supervisor.start(slow, broken)


def test_what_somebody_waits_for_starts_first(tmp_path: Path) -> None:
    other = tmp_path / "log" / "other.log"
    with Supervisor(tmp_path, {}) as supervisor:
        awaited = program("awaited", SLEEP, tmp_path, ready=lambda: not other.exists())
        supervisor.start(program("other", SLEEP, tmp_path), awaited)
        assert supervisor.pid("other") > 0
        assert other.exists()


def test_it_gives_up_on_what_is_never_ready(tmp_path: Path) -> None:
    with Supervisor(tmp_path, {}) as supervisor, pytest.raises(SetupError, match="was not ready within 0 s"):
        supervisor.start(program("slow", SLEEP, tmp_path, ready=lambda: False, patience=0.1))


def test_a_start_can_be_interrupted(tmp_path: Path) -> None:
    with (
        Supervisor(tmp_path, {}, asked_to_stop=lambda: True) as supervisor,
        pytest.raises(StartInterruptedError),
    ):
        supervisor.start(program("slow", SLEEP, tmp_path, ready=lambda: False))
    assert left(tmp_path) == []


def test_complete_waits_for_the_end_and_reports_a_failure(tmp_path: Path) -> None:
    with Supervisor(tmp_path, {"WORD": "yes"}) as supervisor:
        supervisor.complete(program("good", "import os; print(os.environ['WORD'])", tmp_path))
        assert says(tmp_path, "good", "yes")
        with pytest.raises(SetupError, match="bad ended with status 1"):
            supervisor.complete(program("bad", "raise SystemExit(1)", tmp_path))


def test_a_row_adds_to_the_environment(tmp_path: Path) -> None:
    with Supervisor(tmp_path, {"WORD": "no"}) as supervisor:
        row = program("row", "import os; print(os.environ['WORD'])", tmp_path, environment={"WORD": "yes"})
        supervisor.complete(row)
    assert says(tmp_path, "row", "yes")


def test_a_log_that_has_grown_is_put_aside_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child_module, "LOG_LIMIT", 10)
    log = tmp_path / "a.log"
    log.write_text("short")
    bound(log)
    assert log.read_text() == "short"
    log.write_text("longer than that")
    bound(log)
    assert (log.read_text(), (tmp_path / "a.log.1").read_text()) == ("", "longer than that")
