"""`make up` from start to end, on a small service in place of ours: real servers, granian and Celery."""

import http.client
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

import pytest

from config.local import environment, orphans, ports
from config.local.errors import SetupError
from config.local.up import require_space
from tests.local.conftest import PutCluster
from tests.local.support import ROOT, clean_environment, eventually, left, start_python, started

SERVICE = {
    "config/__init__.py": "",
    "config/local/__init__.py": "",
    "config/local/prepare.py": "print('prepared')",
    "config/celery.py": "import os\nfrom celery import Celery\napp = Celery('service', broker=os.environ['REDIS_URL'])",
    "config/wsgi.py": """
def application(environ, start_response):
    start_response("200 OK" if environ["PATH_INFO"] == "/readyz" else "404 Not Found", [])
    return [b"ready"]
""",
    "manage.py": """
import os, socket, sys, time
host, _, port = os.environ["SAYSO_SMTP"].partition(":")
listener = socket.create_server((host, int(port))) if sys.argv[1] == "smtp_listener" else None
while True:
    listener.accept()[0].close() if listener else time.sleep(600)
""",
}
UP = "import pathlib, sys; from config.local.__main__ import main; sys.exit(main(['up'], pathlib.Path(sys.argv[1])))"
NAMES = {"postgres", "valkey", "web", "worker", "errands", "files", "beat", "sweep", "smtp"}
LAST_LINE = "Ctrl-C stops it."


@pytest.fixture
def service(tmp_path: Path) -> Path:
    for name, text in SERVICE.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path.resolve()


@pytest.fixture
def kept(service: Path, put_cluster: PutCluster) -> Path:
    """The service, as if it had run before."""
    put_cluster(service / "var")
    return service


@contextmanager
def serving(service: Path, port: int) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Start the service, wait until it is ready, and yield its process and what it said."""
    with make_up(service, port) as process:
        yield process, read_until_ready(process)


def make_up(service: Path, port: int) -> AbstractContextManager[subprocess.Popen[str]]:
    return start_python(f"import os; os.environ['PORT'] = '{port}'; {UP}", service, cwd=ROOT)


def read_until_ready(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if line.strip() == LAST_LINE:
            return said
    assert process.stderr is not None
    raise AssertionError(said + process.stderr.read())


def refusal(service: Path, port: int) -> str:
    """Run it where it must refuse to start, and return its only line."""
    with make_up(service, port) as process:
        _, error = process.communicate(timeout=60)
    assert process.returncode == 1
    assert error.startswith("sayso: ")
    assert error.count("\n") == 1
    return error


def pids(service: Path) -> dict[str, int]:
    """Return each running process' id; a pid file that is just being written, or taken away, counts as none."""
    found = {}
    for file in (service / "var" / "run").glob("*.pid"):
        with suppress(FileNotFoundError):
            found[file.stem] = file.read_text().strip()
    return {name: int(text) for name, text in found.items() if text}


def is_ready(port: int) -> bool:
    connection = http.client.HTTPConnection(ports.HOST, port, timeout=2)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def test_it_starts_heals_and_stops(service: Path) -> None:
    port = ports.anywhere()
    with started(["sleep", "600"]) as bystander, serving(service, port) as (process, said):
        values = environment.read(service / "var" / "local.env")
        for shown in ("SAYSO_URL", "SAYSO_ADMIN_USER", "SAYSO_ADMIN_PASSWORD", "SAYSO_SMTP"):
            assert values[shown] in said
        assert values["SAYSO_URL"] == f"http://127.0.0.1:{port}"
        before = pids(service)
        assert set(before) == NAMES
        assert "Already running here" in refusal(service, port)
        orphans.send(before.values(), signal.SIGKILL)  # one may have ended of another's death, and be back already
        eventually(lambda: set(pids(service)) == NAMES and not set(pids(service).values()) & set(before.values()), 30)
        eventually(lambda: is_ready(port), 30)
        process.send_signal(signal.SIGINT)
        rest, error = process.communicate(timeout=30)
        assert (process.returncode, error) == (0, "")
        assert rest.splitlines()[-1] == "Stopping."
        assert left(service / "var") == []
        assert pids(service) == {}
        assert bystander.poll() is None


def test_it_recovers_from_a_kill_of_all_and_finds_its_ports_again(kept: Path) -> None:
    port = ports.anywhere()
    with serving(kept, port) as (process, _):
        first = environment.read(kept / "var" / "local.env")
        orphans.send([process.pid], signal.SIGSTOP)  # so that it restarts nothing meanwhile
        orphans.send([*left(kept / "var"), process.pid], signal.SIGKILL)
    with serving(kept, port) as (process, _):
        assert environment.read(kept / "var" / "local.env") == first
        process.terminate()
        assert process.wait(30) == 0
    assert left(kept / "var") == []


def test_an_interrupt_while_it_starts_is_no_error(kept: Path) -> None:
    (kept / "config/local/prepare.py").write_text("import time; print('here', flush=True); time.sleep(600)")
    log = kept / "var" / "log" / "prepare.log"
    with make_up(kept, ports.anywhere()) as process:
        eventually(lambda: log.exists() and "here" in log.read_text(), 30)
        process.send_signal(signal.SIGTERM)
        _, error = process.communicate(timeout=30)
    assert (process.returncode, error) == (0, "")
    assert left(kept / "var") == []


def test_a_failed_step_shows_its_last_lines_and_leaves_nothing_running(kept: Path) -> None:
    (kept / "config/local/prepare.py").write_text("raise SystemExit('relation is missing')")
    with make_up(kept, ports.anywhere()) as process:
        _, error = process.communicate(timeout=30)
    assert process.returncode == 1
    assert error == (
        f"sayso: prepare ended with status 1; the end of {kept}/var/log/prepare.log:\nrelation is missing\n"
    )
    assert left(kept / "var") == []


def test_a_port_in_use_is_one_line(service: Path) -> None:
    with socket.create_server((ports.HOST, 0)) as listener:
        port = listener.getsockname()[1]
        assert f"Port {port} on 127.0.0.1 is in use by another program" in refusal(service, port)


def test_a_folder_that_cannot_be_written_is_one_line(service: Path) -> None:
    closed = Path("/sys/kernel") if os.geteuid() == 0 else service
    if os.geteuid():
        service.chmod(0o500)
    assert re.match(rf"sayso: {closed}/var: this folder (cannot be written|is on a read-only)", refusal(closed, 8000))


def test_a_file_in_the_folder_s_place_is_one_line(service: Path) -> None:
    (service / "var").write_text("")
    assert "a file stands where a folder is needed" in refusal(service, 8000)


def test_a_full_disk_is_one_line(tmp_path: Path) -> None:
    require_space(tmp_path, 1)
    free = shutil.disk_usage(tmp_path).total
    with pytest.raises(SetupError, match=r"The disk with .* is full: \d+ MB free") as failure:
        require_space(tmp_path, free * 2)
    assert "\n" not in str(failure.value)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_it_stops_with_the_make_that_runs_it(kept: Path, number: signal.Signals) -> None:
    """Also where only make got the signal: it keeps SIGINT to itself, and SIGKILL it never sees."""
    (kept / "config/local/prepare.py").write_text("import time; print('here', flush=True); time.sleep(600)")
    (kept / "Makefile").write_text(f'up:\n\t@exec {sys.executable} -c "{UP}" {kept}\n')
    variables = {**clean_environment(), "PORT": str(ports.anywhere())}
    log = kept / "var" / "log" / "prepare.log"
    command = ("make", "-f", str(kept / "Makefile"), "up")
    with started(command, cwd=ROOT, env=variables, stdout=subprocess.DEVNULL) as make:
        eventually(lambda: log.exists() and "here" in log.read_text(), 30)
        make.send_signal(number)
        eventually(lambda: left(kept / "var") == [], 20)
        assert make.wait(20) in (-number, 2, 130)
