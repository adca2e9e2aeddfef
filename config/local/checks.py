"""`make lint` and `make test`: every check, on servers of their own."""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, NamedTuple

from config.local import environment, ports, servers
from config.local.supervisor import say

PYTHON = sys.executable
TYPED = ("manage.py", "config", "consent", "subscriptions", "tests", "bench", "docs/examples")
IMPORTS = "from importlinter.cli import lint_imports_command; lint_imports_command()"
APT = ("apt-get", "-o", "DPkg::Lock::Timeout=120")
# A loss of power while it unpacks is no concern of tests.
INSTALL = ("-o", "Dpkg::Options::=--force-unsafe-io", "install", "-y", "--no-install-recommends")
MEMORY = Path("/dev/shm")  # noqa: S108  (a file system, and what is in it is the tests')
ROOM = 4_000_000_000  # bytes; the tests fill one of them
MOST_PROCESSES = 4  # of pytest: beyond it the one instance that all journeys share is the longest


def lint(root: Path) -> int:
    """Run the linters, all of them, and return 0 where they are content."""
    state = root / "var" / "test"
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    with linting(root, {**os.environ, **environment.prepare(state, os.environ, ports.anywhere())}) as complaints:
        pass
    if not complaints:
        say("Clean.")
    return verdict(complaints)


@contextmanager
def linting(root: Path, values: Mapping[str, str]) -> Iterator[list[str]]:
    """Run the linters beside what is done within, and gather the names of those that complain: only afterwards are
    they there, and is told what those say.
    """
    linters = {
        "ruff check": ("-m", "ruff", "check", "."),
        "ruff format --check": ("-m", "ruff", "format", "--check", "."),
        "lint-imports": ("-c", IMPORTS),
        "mypy": ("-m", "mypy", *(name for name in TYPED if (root / name).exists())),
    }
    complaints: list[str] = []
    with ExitStack() as files:
        begun = {name: _begin(command, root, values, files) for name, command in linters.items()}
        try:
            yield complaints
        except BaseException:
            for process, _ in begun.values():
                process.kill()
            raise
        for name, (process, said) in begun.items():
            if process.wait():
                complaints.append(name)
                said.seek(0)
                say(said.read().decode(errors="replace").strip())


def _begin(
    command: Sequence[str], root: Path, values: Mapping[str, str], files: ExitStack
) -> tuple["subprocess.Popen[bytes]", IO[bytes]]:
    """Start Python with the arguments, what it says in a file."""
    said = files.enter_context(tempfile.TemporaryFile())  # noqa: SIM115  (it is closed with the others)
    process = subprocess.Popen([PYTHON, *command], cwd=root, env=values, stdout=said, stderr=said)
    return files.enter_context(process), said


def verdict(complaints: Sequence[str]) -> int:
    if complaints:
        say(f"Not clean: {', '.join(complaints)}.")
    return 1 if complaints else 0


def run(command: Sequence[str], root: Path, values: Mapping[str, str]) -> int:
    """Run Python with the arguments and return the exit status."""
    return subprocess.run([PYTHON, *command], cwd=root, env=values, check=False).returncode


def test(root: Path, arguments: Sequence[str]) -> int:
    """Run the linters and pytest, and return 0 where all are content: then pytest's summary is the last line."""
    with in_memory(root) as quick, servers.serving(root / "var" / "test", os.environ, durable=False) as own:
        # What is only for the servers themselves stays here: the tests start others.
        ours = {name: value for name, value in own.items() if not name.startswith("EMBEDDED_")}
        values = {**os.environ, **quick, **ours}
        with linting(root, values) as complaints:
            selected = left_out(root / "var" / "test")  # meanwhile, where it installs something
            failed = run(("-m", "pytest", *side_by_side(arguments), *selected, *arguments), root, values)
    return verdict(complaints) or failed


@contextmanager
def in_memory(root: Path) -> Iterator[dict[str, str]]:
    """Yield the environment with which temporary files are in memory; nothing where there is too little of it, or
    TMPDIR says where they shall be. The tests make tens of thousands, most of clusters that live for a second.
    """
    folder = MEMORY / f"sayso-{hashlib.sha256(bytes(root)).hexdigest()[:6]}"  # short: a socket's path has 107 bytes
    shutil.rmtree(folder, ignore_errors=True)  # of a run that was killed
    try:
        yield {"TMPDIR": str(folder)} if "TMPDIR" not in os.environ and _may_be_made(folder) else {}
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _may_be_made(folder: Path) -> bool:
    """Make a folder in memory, if its file system has room and runs programs."""
    try:
        if shutil.disk_usage(MEMORY).free < ROOM or os.statvfs(MEMORY).f_flag & os.ST_NOEXEC:
            return False
        folder.mkdir(mode=0o755)
    except OSError:
        return False
    return True


def screenshots(root: Path, arguments: Sequence[str]) -> int:
    """Draw the pages in var/screenshots, all or those named."""
    state = root / "var" / "test"
    if lacking([CHROMIUM], state):
        return 1
    with servers.serving(state, os.environ, durable=False) as own:
        values = {**os.environ, **{name: value for name, value in own.items() if not name.startswith("EMBEDDED_")}}
        settings = {"DJANGO_SETTINGS_MODULE": "config.settings"}
        return run(("-m", "tests.browser", *arguments), root, {**values, **settings})


def side_by_side(arguments: Sequence[str]) -> Sequence[str]:
    """Options of pytest for the whole of the tests: a process a core, and one more since those that start servers
    mostly wait. A part of the tests starts sooner in one.
    """
    processes = min(len(os.sched_getaffinity(0)) + 1, MOST_PROCESSES)
    return () if arguments else ("-n", str(processes), "--no-loadscope-reorder")


class Debian(NamedTuple):
    """A package of Debian that tests marked `marker` need; any of `programs` shows that it is there."""

    marker: str
    package: str
    programs: tuple[str, ...]
    needs_root: bool = False


# The same engine without Chromium's own windows, and half the work to run; whoever has the whole needs no other.
CHROMIUM = Debian("browser", "chromium-headless-shell", ("chromium-headless-shell", "chromium", "chromium-browser"))
PACKAGES = (
    CHROMIUM,
    Debian("postfix", "postfix", ("postfix", "/usr/sbin/postfix"), needs_root=True),
)


def left_out(state: Path) -> tuple[str, ...]:
    """Install what the tests need of Debian's, and return how pytest leaves out those that cannot run here."""
    missing = [one.marker for one in lacking(PACKAGES, state)]
    return ("-m", " and ".join(f"not {marker}" for marker in missing)) if missing else ()


def lacking(wanted: Sequence[Debian], state: Path) -> list[Debian]:
    """Install what is not usable where we may, and return what still is not; the tests left out for it are said."""
    missing = [one for one in wanted if not is_usable(one)]
    installs = os.geteuid() == 0 and shutil.which("apt-get") is not None
    log = state / "apt.log"
    if missing and installs:
        for one in missing:
            say(f"Installing Debian's {one.package} for the tests marked `{one.marker}`.")
        install([one.package for one in missing], log)
        missing = [one for one in missing if not is_usable(one)]
    for one in missing:
        needs = f"as root: apt-get install {one.package}" + (", and run them as root" if one.needs_root else "")
        how = f"apt-get could not install it, see {log}" if installs else needs
        say(f"Left out: the tests marked `{one.marker}`, which need Debian's {one.package} ({how}).")
    return missing


def is_usable(wanted: Debian) -> bool:
    return any(map(shutil.which, wanted.programs)) and (os.geteuid() == 0 or not wanted.needs_root)


def install(packages: Sequence[str], log: Path) -> None:
    """Install them as far as there are any of the name: apt-get refuses all for the sake of one that it cannot find."""
    log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    with log.open("wb") as output:

        def run(*step: str) -> bool:
            done = subprocess.run(
                [*APT, *step], stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=quiet, check=False
            )
            return done.returncode == 0

        run("update")
        if not run(*INSTALL, *packages) and len(packages) > 1:
            for package in packages:
                run(*INSTALL, package)
