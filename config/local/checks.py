"""`make lint` and `make test`: every check, on servers of their own."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from config.local import environment, ports, servers
from config.local.supervisor import say

PYTHON = sys.executable
TYPED = ("manage.py", "config", "consent", "subscriptions", "tests", "bench")
IMPORTS = "from importlinter.cli import lint_imports_command; lint_imports_command()"
APT = ("apt-get", "-o", "DPkg::Lock::Timeout=120")


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
    selected = left_out(root / "var" / "test")
    with servers.serving(root / "var" / "test", os.environ, durable=False) as own:
        # What is only for the servers themselves stays here: the tests start others.
        values = {**os.environ, **{name: value for name, value in own.items() if not name.startswith("EMBEDDED_")}}
        complaints = lint_with(root, values)
        return run(("-m", "pytest", *selected, *arguments), root, values) or complaints


class Debian(NamedTuple):
    """A package of Debian that tests marked `marker` need; any of `programs` shows that it is there."""

    marker: str
    package: str
    programs: tuple[str, ...]
    needs_root: bool = False


PACKAGES = (
    Debian("browser", "chromium", ("chromium", "chromium-browser")),
    Debian("postfix", "postfix", ("postfix", "/usr/sbin/postfix"), needs_root=True),
)


def left_out(state: Path) -> tuple[str, ...]:
    """Install what the tests need of Debian's, and return how pytest leaves out those that cannot run here."""
    missing = [one.marker for one in PACKAGES if not (is_usable(one) or installed(one, state))]
    return ("-m", " and ".join(f"not {marker}" for marker in missing)) if missing else ()


def is_usable(wanted: Debian) -> bool:
    return any(map(shutil.which, wanted.programs)) and (os.geteuid() == 0 or not wanted.needs_root)


def installed(wanted: Debian, state: Path) -> bool:
    """Install Debian's package where we may, and say what is left out where we may not."""
    if os.geteuid() == 0 and shutil.which("apt-get"):
        say(f"Installing Debian's {wanted.package} for the tests marked `{wanted.marker}`.")
        log = state / f"{wanted.package}.log"
        if install_package(wanted.package, log) and is_usable(wanted):
            return True
        how = f"apt-get could not install it, see {log}"
    else:
        how = f"as root: apt-get install {wanted.package}" + (", and run them as root" if wanted.needs_root else "")
    say(f"Left out: the tests marked `{wanted.marker}`, which need Debian's {wanted.package} ({how}).")
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
