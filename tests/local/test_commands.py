"""The commands behind the Makefile: what they print, how they end, and what `make test` leaves out."""

import os
from pathlib import Path

import pytest

from config.local import checks, errors
from config.local.__main__ import COMMANDS, main
from tests.local.support import ROOT


def test_every_target_of_the_makefile_that_calls_us_names_a_command() -> None:
    lines = [line for line in (ROOT / "Makefile").read_text().splitlines() if "-m config.local " in line]
    assert {line.split("-m config.local ")[1].split()[0] for line in lines} == {"up", "test", "screenshots", "lint"}
    assert {"up", "test", "screenshots", "lint"} <= set(COMMANDS)


@pytest.mark.parametrize("arguments", [[], ["upp"], ["--help"]])
def test_an_unknown_command_is_one_line(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 1
    assert capsys.readouterr().err == "sayso: Usage: python -m config.local up|env|lint|test|screenshots|test-servers\n"


def test_env_prints_the_values_in_force(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SAYSO_API_KEY", raising=False)
    monkeypatch.setenv("SAYSO_URL", "https://consent.example")
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "local.env").write_text("# heading\nSAYSO_API_KEY=a=b\nSAYSO_URL=http://127.0.0.1:1\n")
    assert main(["env"], tmp_path) == 0
    assert capsys.readouterr().out == "SAYSO_API_KEY=a=b\nSAYSO_URL=https://consent.example\n"


def test_env_before_the_first_run_says_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["env"], tmp_path) == 1
    assert capsys.readouterr().err == "sayso: There is no var/local.env yet: run make up first.\n"


def test_a_machine_without_debian_s_packages_leaves_their_tests_out_and_says_how_to_get_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    apt = tmp_path / "apt-get"
    apt.write_text('#!/bin/sh\necho "$*"; exit 100\n')
    apt.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    browser = checks.PACKAGES[0]
    postfix = checks.Debian("postfix", "postfix", ("postfix",), needs_root=True)
    assert checks.lacking([browser, postfix], tmp_path / "state") == [browser, postfix]
    told = capsys.readouterr().out.splitlines()[-2:]
    for wanted, line in zip((browser, postfix), told, strict=True):
        assert line.startswith(f"Left out: the tests marked `{wanted.marker}`, which need Debian's {wanted.package} (")
        assert ("apt.log" if os.geteuid() == 0 else f"apt-get install {wanted.package}") in line
    if os.geteuid() == 0:  # all at once, and one by one where that fails
        asked = [line.split()[-2:] for line in (tmp_path / "state" / "apt.log").read_text().splitlines()]
        both, single = [browser.package, "postfix"], "--no-install-recommends"
        assert asked[1:] == [both, [single, browser.package], [single, "postfix"]]


def test_what_is_left_out_is_said_to_pytest(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    there, missing = checks.Debian("browser", "python", ("python3",)), checks.Debian("postfix", "no-such", ("no-such",))
    for packages, expected in (
        ((there,), ()),
        ((there, missing), ("-m", "not postfix")),
        ((missing._replace(marker="browser"), missing), ("-m", "not browser and not postfix")),
    ):
        monkeypatch.setattr(checks, "PACKAGES", packages)
        monkeypatch.setattr(checks, "install", lambda packages, log: None)
        assert checks.left_out(tmp_path) == expected


def test_lint_runs_every_linter_and_names_those_that_complain(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A folder with an untidy file, nothing for mypy and no contract for the imports."""
    (tmp_path / "untidy.py").write_text("import os\nx=1\n")
    with checks.linting(tmp_path, os.environ) as complaints:
        assert complaints == []
    assert complaints == ["ruff check", "ruff format --check", "lint-imports", "mypy"]
    assert checks.verdict(complaints) == 1
    assert capsys.readouterr().out.endswith("Not clean: ruff check, ruff format --check, lint-imports, mypy.\n")


def test_the_whole_of_the_tests_runs_in_a_process_a_core_and_a_part_of_them_in_one() -> None:
    assert checks.side_by_side(["-k", "word"]) == ()
    assert checks.side_by_side([])[0] == "-n"


@pytest.mark.parametrize(("status", "code"), [(0, "pass"), (3, "raise SystemExit(3)")])
def test_a_check_s_status_is_its_own(tmp_path: Path, status: int, code: str) -> None:
    assert checks.run(("-c", code), tmp_path, os.environ) == status


@pytest.mark.parametrize(
    ("number", "line"),
    [
        (28, "/x: the disk is full; free some space and run it again."),
        (13, "/x: this folder cannot be written; run it as the owner of the folder, or from a copy of your own."),
        (30, "/x: this folder is on a read-only file system; run it from a copy elsewhere."),
        (5, "/x: input/output error."),
    ],
)
def test_the_system_s_errors_in_a_line(number: int, line: str) -> None:
    assert str(errors.from_os(OSError(number, os.strerror(number), "/x"))) == line
    assert str(errors.from_os(OSError(28, "No space left on device"))).startswith("The disk is full;")
