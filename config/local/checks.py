"""`make lint` and `make test`: every check, on servers of their own."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from config.local import environment, ports, servers
from config.local.supervisor import say

PYTHON = sys.executable
TYPED = ("manage.py", "config", "consent", "subscriptions", "tests", "bench")
IMPORTS = "from importlinter.cli import lint_imports_command; lint_imports_command()"
APT = ("apt-get", "-o", "DPkg::Lock::Timeout=120")
CHROMIUM = ("chromium", "chromium-browser")


def lint(root: Path) -> int:
    """Run the linters, all of them, and return 0 where they are content."""
    state = root / "var" / "test"
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    return lint_with(root, {**os.environ, **environment.prepare(state, os.environ, ports.anywhere())})


def lint_with(root: Path, values: Mapping[str, str]) -> int:
    commands = {
        "ruff check": ("-m", "ruff", "check", "."),
        "ruff format --check": ("-m", "ruff", "format", "--check", "."),
        "mypy": ("-m", "mypy", *(name for name in TYPED if (root / name).exists())),
        "lint-imports": ("-c", IMPORTS),
    }
    failed = [name for name, command in commands.items() if run(command, root, values)]
    if failed:
        say(f"Not clean: {', '.join(failed)}.")
    return 1 if failed else 0


def run(command: Sequence[str], root: Path, values: Mapping[str, str]) -> int:
    """Run Python with the arguments and return the exit status."""
    return subprocess.run([PYTHON, *command], cwd=root, env=values, check=False).returncode


def test(root: Path, arguments: Sequence[str]) -> int:
    """Run the linters, then pytest, and return 0 where both are content. pytest's summary is the last line."""
    browser = has_chromium() or install_chromium(root / "var" / "test")
    selected = () if browser else ("-m", "not browser")
    with servers.serving(root / "var" / "test", os.environ, durable=False) as own:
        # What is only for the servers themselves stays here: the tests start others.
        values = {**os.environ, **{name: value for name, value in own.items() if not name.startswith("EMBEDDED_")}}
        complaints = lint_with(root, values)
        return run(("-m", "pytest", *selected, *arguments), root, values) or complaints


def has_chromium() -> bool:
    return any(map(shutil.which, CHROMIUM))


def install_chromium(state: Path) -> bool:
    """Install Debian's chromium where we may, and say what is left out where we may not."""
    if os.geteuid() == 0 and shutil.which("apt-get"):
        say("Installing Debian's chromium for the browser tests.")
        if install_package("chromium", state / "chromium.log") and has_chromium():
            return True
        how = f"apt-get could not install it, see {state}/chromium.log"
    else:
        how = "as root: apt-get install chromium"
    say(f"Left out: the tests marked `browser`, which need Debian's chromium ({how}).")
    return False


def install_package(name: str, log: Path) -> bool:
    log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    with log.open("wb") as output:
        for step in (("update",), ("install", "-y", "--no-install-recommends", name)):
            done = subprocess.run(
                [*APT, *step], stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=quiet, check=False
            )
    return done.returncode == 0
