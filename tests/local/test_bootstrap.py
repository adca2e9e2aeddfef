"""The way from a bare machine to .venv, with stand-ins for what a machine may have: uv, venv, pip, apt-get."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from config.local import checks
from tests.local.support import ROOT, clean_environment, eventually

# Makes the environment as uv does, and writes down what it was asked for.
UV = """#!/bin/sh
echo "uv $*" >>"$CALLS"
case "$1" in
    --version) echo 'uv 0' ;;
    venv) mkdir -p .venv/bin && cp "$STANDINS/the-python" .venv/bin/python ;;
    pip) [ -z "${UV_FAILS:-}" ] || { echo 'no such package' >&2; exit 1; } ;;
esac
"""
# A python3 with (VENV=1) or without venv, and with (PIP=1) or without pip, that "installs" the uv above.
PYTHON = """#!/bin/sh
echo "python3 $*" >>"$CALLS"
case "$*" in
    "-m ensurepip --version") [ -n "${VENV:-}" ] ;;
    "-m pip --version") [ -n "${PIP:-}" ] ;;
    "-m venv --clear var/bootstrap/venv")
        [ -n "${VENV:-}" ] || exit 1
        mkdir -p var/bootstrap/venv/bin && cp "$STANDINS/python3" var/bootstrap/venv/bin/python ;;
    "-m pip install -q uv=="*) cp "$STANDINS/the-uv" var/bootstrap/venv/bin/uv ;;
    "-m pip install -q --upgrade --target var/bootstrap uv=="*)
        [ -n "${PIP:-}" ] && mkdir -p var/bootstrap/bin && cp "$STANDINS/the-uv" var/bootstrap/bin/uv ;;
    "-c "*) exec "$REAL_PYTHON" "$@" ;;
    *) exit 1 ;;
esac
"""
# What uv makes has no pip.
THE_PYTHON = """#!/bin/sh
[ "$1" = -c ] && exec "$REAL_PYTHON" "$@"
"""
APT = """#!/bin/sh
echo "apt-get $*" >>"$CALLS"
exit 1
"""


USABLE = "import sys, ctypes, sqlite3, ssl, zoneinfo; sys.exit(sys.version_info < (3, 11))"


class Machine:
    """A checkout with the bootstrap alone, on a machine that has the named programs."""

    def __init__(self, folder: Path) -> None:
        self.checkout, self.bin, self.calls = folder / "checkout", folder / "bin", folder / "calls"
        (self.checkout / "config" / "local").mkdir(parents=True)
        script = (ROOT / "config" / "local" / "bootstrap.sh").read_text()
        (self.checkout / "config" / "local" / "bootstrap.sh").write_text(script)
        (self.checkout / "requirements.txt").write_text("")
        self.bin.mkdir()
        self.calls.write_text("")
        for name in (
            "sh",
            "cat",
            "df",
            "awk",
            "mkdir",
            "rm",
            "ln",
            "cp",
            "sha256sum",
            "flock",
            "dirname",
            "tail",
            "id",
        ):
            (self.bin / name).symlink_to(
                next(path for path in (Path("/usr/bin", name), Path("/bin", name)) if path.exists())
            )

        self.has("the-python", THE_PYTHON)

    def has(self, name: str, text: str) -> None:
        (self.bin / name).write_text(text)
        (self.bin / name).chmod(0o755)

    def run(self, *packages: str, **variables: str) -> subprocess.CompletedProcess[str]:
        own = {
            "PATH": str(self.bin),
            "CALLS": str(self.calls),
            "STANDINS": str(self.bin),
            "REAL_PYTHON": sys.executable,
        }
        return subprocess.run(
            ["/bin/sh", "config/local/bootstrap.sh", *packages],
            cwd=self.checkout,
            env={**without_indexes(), **own, **variables},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def called(self, start: str) -> int:
        return sum(line.startswith(start) for line in self.calls.read_text().splitlines())


def without_indexes() -> dict[str, str]:
    return {name: value for name, value in clean_environment().items() if not name.startswith(("PIP_", "UV_"))}


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_a_uv_on_the_path_is_used(machine: Machine) -> None:
    machine.has("uv", UV)
    done = machine.run()
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "Installing the Python packages.\n"
    assert machine.called("uv pip install -q --python .venv/bin/python -r requirements.txt") == 1


@pytest.mark.skipif(os.geteuid() != 0, reason="nobody else may install Debian's packages")
def test_what_the_tests_need_of_debian_s_is_installed_beside(machine: Machine) -> None:
    machine.has("uv", UV)
    machine.has("apt-get", APT.replace("exit 1", ""))
    machine.has("other-browser", "")
    done = machine.run("browser,other-browser", "mailer", "shell,a-shell")
    assert (done.returncode, done.stderr) == (0, "")
    eventually(lambda: machine.called("apt-get -o DPkg::Lock"))
    assert machine.called("apt-get update") == 1
    [asked] = [line for line in machine.calls.read_text().splitlines() if "install -y" in line]
    assert asked.endswith("--no-install-recommends mailer shell")
    machine.run("mailer")  # nothing to do for uv: then nothing beside it
    assert machine.called("apt-get update") == 1


def test_make_names_those_packages_that_tests_ask_for() -> None:
    [recipe] = [line for line in (ROOT / "Makefile").read_text().splitlines() if "bootstrap.sh " in line]
    named = [word.partition(",")[0] for word in recipe.partition("bootstrap.sh ")[2].split()]
    assert named == [one.package for one in checks.PACKAGES]


def test_the_distribution_s_python_is_taken_unless_another_is_named(machine: Machine) -> None:
    machine.has("uv", UV)
    machine.run()
    own = Path("/usr/bin/python3")
    usable = own.exists() and not subprocess.run([own, "-c", USABLE], capture_output=True, check=False).returncode
    assert machine.called(f"uv venv -q --python {'/usr/bin/python3' if usable else '>=3.11'} .venv") == 1
    (machine.checkout / ".venv" / "bin" / "python").unlink()
    machine.run(UV_PYTHON="3.13")
    assert machine.called("uv venv -q --python 3.13 .venv") == 1


def test_it_installs_again_only_when_the_pins_changed(machine: Machine) -> None:
    machine.has("uv", UV)
    machine.run()
    assert machine.run().stdout == ""
    assert machine.called("uv pip") == 1
    (machine.checkout / "requirements.txt").write_text("# changed\n")
    machine.run()
    assert machine.called("uv pip") == 2
    assert machine.called("uv venv") == 1


@pytest.mark.parametrize("has", [{"VENV": "1"}, {"PIP": "1"}, {"VENV": "1", "PIP": "1"}])
def test_without_uv_it_comes_through_venv_or_pip(machine: Machine, has: dict[str, str]) -> None:
    machine.has("python3", PYTHON)
    machine.has("the-uv", UV)
    done = machine.run(**has)
    assert (done.returncode, done.stderr) == (0, "")
    assert machine.called("uv pip install") == 1


def test_where_nothing_can_fetch_it_one_line_says_what_is_needed(machine: Machine) -> None:
    machine.has("python3", PYTHON)
    machine.has("apt-get", APT)
    done = machine.run()
    assert done.returncode == 1
    assert done.stderr == "sayso: Needs uv, or a python3 with venv (Debian: apt-get install python3-venv).\n"
    assert machine.called("apt-get update") == (os.geteuid() == 0)


def test_without_any_python_one_line_says_so(machine: Machine) -> None:
    done = machine.run()
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)


def test_a_failed_installation_shows_why_and_is_tried_again(machine: Machine) -> None:
    machine.has("uv", UV)
    done = machine.run(UV_FAILS="1")
    assert done.returncode == 1
    assert "no such package" in done.stderr
    assert done.stderr.splitlines()[-1].startswith("sayso: The Python packages could not be installed")
    assert machine.run().returncode == 0


def test_a_folder_that_cannot_be_written_is_one_line(machine: Machine) -> None:
    machine.has("uv", UV)
    (machine.checkout / "var").write_text("in the way, for root as for anybody")
    done = machine.run()
    assert done.returncode == 1
    assert done.stderr == (
        f"sayso: {machine.checkout}: this folder cannot be written; run it as its owner, or from a copy of your own.\n"
    )


def test_a_full_disk_is_one_line(machine: Machine) -> None:
    machine.has("uv", UV)
    (machine.bin / "df").unlink()
    machine.has("df", "#!/bin/sh\necho heading\necho disk 1000 999 1024 99% /\n")
    done = machine.run()
    assert done.returncode == 1
    assert done.stderr == f"sayso: The disk with {machine.checkout} is full: 1 MB free, 1464 needed.\n"
