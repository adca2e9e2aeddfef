"""The tree keeps its own rules: small files and functions, pure rooms, pinned packages, documented settings."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("config", "consent", "subscriptions", "bench", "tests")
PURE = tuple(f"consent/{room}" for room in ("intake", "classify", "normalise", "quiet", "answers", "outgoing"))
MAX_FILE_LINES, MAX_FUNCTION_LINES, MEDIAN_FUNCTION_LINES = 400, 45, 12
UNFINISHED = re.compile(r"\b(TO[D]O|FIX[M]E|NotImplemented[E]rror|pytest\.mark\.s[k]ip|x[f]ail)\b")
TEXTS = {".py", ".md", ".html", ".css", ".toml", ".sh", ".txt", ".sql", ""}


def sources(*rooms: str, migrations: bool = False) -> Iterator[Path]:
    for room in rooms:
        yield from (
            path for path in sorted((ROOT / room).rglob("*.py")) if migrations or "migrations" not in path.parts
        )


def relative(paths: Iterator[Path]) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in paths]


def functions(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, (node.end_lineno or 0) - node.lineno + 1


def test_no_file_has_more_than_one_subject() -> None:
    long = {
        str(path): count for path in sources(*ROOMS) if (count := len(path.read_text().splitlines())) > MAX_FILE_LINES
    }
    assert not long


def test_functions_are_small() -> None:
    lengths = [(count, f"{path}:{name}") for path in sources(*ROOMS[:3]) for name, count in functions(path)]
    assert not [found for found in lengths if found[0] > MAX_FUNCTION_LINES]
    assert sorted(lengths)[len(lengths) // 2][0] <= MEDIAN_FUNCTION_LINES


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False, timeout=20)
    names = [name for name in listed.stdout.decode().split("\0") if name]
    found = [ROOT / name for name in names] or list(sources(*ROOMS))
    return [path for path in found if path.suffix in TEXTS and path.is_file()]


def test_nothing_is_left_unfinished() -> None:
    found = [
        (path.name, hit.group()) for path in tracked() if (hit := UNFINISHED.search(path.read_text(errors="replace")))
    ]
    assert not found


def test_no_file_names_the_machine_it_was_written_on() -> None:
    homes = re.compile(r"/(?:work|root|home/\w+)/(?:main|shared|\.pyenv)\b")
    assert not [path for path in tracked() if homes.search(path.read_text(errors="replace"))]


def test_the_pure_rooms_run_without_django_a_database_or_a_broker() -> None:
    modules = [
        name.removesuffix(".py").removesuffix("/__init__").replace("/", ".") for name in relative(sources(*PURE))
    ]
    assert len(modules) > 40
    foreign = "{'django', 'psycopg', 'redis', 'celery', 'rest_framework'}"
    code = f"import {', '.join(modules)}\nimport sys\nassert not {foreign} & sys.modules.keys()"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr


def test_every_package_is_pinned() -> None:
    lines = [line.partition("#")[0].strip() for line in (ROOT / "requirements.txt").read_text().splitlines()]
    wanted = [line for line in lines if line]
    assert len(wanted) > 20
    assert not [
        line for line in wanted if not re.fullmatch(r"[A-Za-z0-9._-]+(\[[a-z0-9,_-]+\])?==[\w.!+-]+(\s*;.+)?", line)
    ]
    names = [re.split(r"[\[=]", line.lower())[0].replace("_", "-") for line in wanted]
    assert len(set(names)) == len(names)


def settings_read() -> set[str]:
    """The first argument of every call on `env` in the settings."""
    tree = ast.parse((ROOT / "config" / "settings.py").read_text())
    return {
        str(node.args[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "env"
        and isinstance(node.args[0], ast.Constant)
    }


def settings_described() -> set[str]:
    rows = [
        line.split("|")[1]
        for line in (ROOT / "docs" / "SETTINGS.md").read_text().splitlines()
        if line.startswith("| `")
    ]
    return {name for row in rows for name in re.findall(r"`([A-Z0-9_]+)`", row)}


def test_every_setting_is_described_and_every_described_one_is_read() -> None:
    assert len(settings_read()) > 15
    assert settings_read() <= settings_described()
    readers = [path.read_text() for path in sources("config", "consent", "subscriptions")]
    readers += [(ROOT / name).read_text() for name in ("Makefile", "config/local/bootstrap.sh")]
    assert not {name for name in settings_described() if not any(name in text for text in readers)}


@pytest.mark.parametrize("room", ["consent", "subscriptions"])
def test_only_the_ledger_and_the_rebuild_write_what_follows_from_it(room: str) -> None:
    writes = re.compile(
        r"(INSERT INTO|UPDATE|DELETE FROM|copy_rows\(\s*\") ?consent_(consentevent|suppression|permission|change)\b"
        r"|(INSERT INTO|UPDATE|DELETE FROM) consent_ledgerhead\b"
        r"|(ConsentEvent|Suppression|Permission|Change|LedgerHead)\.objects"
        r"\.(create|bulk_create|update|delete|get_or_create)"
    )
    found = {str(path.relative_to(ROOT)) for path in sources(room) if writes.search(path.read_text())}
    assert found <= {"consent/ledger.py", "consent/changing.py", "consent/rebuilding.py"}
