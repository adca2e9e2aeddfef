"""var/local.env: generated once, kept, overridden by the environment, never readable by others."""

import base64
import re
import stat
from pathlib import Path

import pytest

from config.local import environment, ports
from config.local.errors import SetupError

PROMISED = {
    *("SAYSO_URL", "SAYSO_API_KEY", "SAYSO_TWILIO_AUTH_TOKEN", "SAYSO_GENERIC_SMS_SECRET", "SAYSO_SMTP"),
    *("SAYSO_ADMIN_USER", "SAYSO_ADMIN_PASSWORD", "DATABASE_URL", "REDIS_URL"),
    *("SECRET_KEY", "SAYSO_ADDRESS_SECRET", "SAYSO_ENCRYPTION_KEYS", "SAYSO_PUBLIC_ORIGIN"),
}


def prepare(folder: Path, **given: str) -> dict[str, str]:
    return environment.prepare(folder, given, ports.anywhere())


def lines(folder: Path) -> list[str]:
    return (folder / environment.FILE).read_text().splitlines()


def test_everything_promised_is_there_and_for_the_owner_alone(tmp_path: Path) -> None:
    values = prepare(tmp_path)
    assert {line.split("=", 1)[0] for line in lines(tmp_path)} >= PROMISED
    assert all(values[name] for name in PROMISED)
    assert stat.S_IMODE((tmp_path / environment.FILE).stat().st_mode) == 0o600


def test_secrets_have_the_form_that_the_service_reads(tmp_path: Path) -> None:
    values = prepare(tmp_path)
    assert re.fullmatch(r"sayso_[A-Za-z0-9_-]{43}", values["SAYSO_API_KEY"])
    assert len(base64.b64decode(values["SAYSO_ADDRESS_SECRET"], validate=True)) == 32
    number, _, key = values["SAYSO_ENCRYPTION_KEYS"].partition(":")
    assert (number, len(base64.b64decode(key, validate=True))) == ("1", 32)


def test_no_two_checkouts_share_a_secret(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    one, other = prepare(tmp_path), prepare(tmp_path / "other")
    assert [name for name in environment.SECRETS if one[name] == other[name]] == ["SAYSO_ADMIN_USER"]


def test_a_second_run_keeps_everything_but_the_web_s_address(tmp_path: Path) -> None:
    first, second = prepare(tmp_path), prepare(tmp_path)
    assert {name for name in first if first[name] != second[name]} == {"SAYSO_URL", "SAYSO_PUBLIC_ORIGIN"}


def test_a_person_s_own_lines_and_edits_are_kept(tmp_path: Path) -> None:
    prepare(tmp_path)
    text = (tmp_path / environment.FILE).read_text()
    edited = re.sub("SAYSO_ADMIN_PASSWORD=.*", "SAYSO_ADMIN_PASSWORD=my=own", text) + "EXTRA=1\n"
    (tmp_path / environment.FILE).write_text(edited)
    values = prepare(tmp_path)
    assert (values["SAYSO_ADMIN_PASSWORD"], values["EXTRA"]) == ("my=own", "1")


def test_the_environment_wins_and_our_secret_comes_back_after_it(tmp_path: Path) -> None:
    ours = prepare(tmp_path)["SAYSO_ENCRYPTION_KEYS"]
    assert prepare(tmp_path, SAYSO_ENCRYPTION_KEYS="9:other")["SAYSO_ENCRYPTION_KEYS"] == "9:other"
    assert "SAYSO_ENCRYPTION_KEYS=9:other" in lines(tmp_path)
    assert prepare(tmp_path, SAYSO_ENCRYPTION_KEYS="9:other")["SAYSO_ENCRYPTION_KEYS"] == "9:other"
    assert prepare(tmp_path)["SAYSO_ENCRYPTION_KEYS"] == ours


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "postgresql://u:p@db.example/x?sslmode=require"),
        ("REDIS_URL", "rediss://cache.example/1"),
        ("SAYSO_SMTP", "0.0.0.0:2525"),
        ("SAYSO_PUBLIC_ORIGIN", "https://consent.example"),
        ("SECRET_KEY", "given"),
    ],
)
def test_a_given_value_is_the_one_in_force(tmp_path: Path, name: str, value: str) -> None:
    assert prepare(tmp_path, **{name: value})[name] == value


def test_an_empty_variable_counts_as_not_given(tmp_path: Path) -> None:
    assert prepare(tmp_path, DATABASE_URL="")["DATABASE_URL"].startswith("postgresql://sayso:")


def test_the_origin_follows_a_given_url(tmp_path: Path) -> None:
    assert prepare(tmp_path, SAYSO_URL="https://consent.example")["SAYSO_PUBLIC_ORIGIN"] == "https://consent.example"


def test_a_line_break_is_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="SECRET_KEY in the environment contains a line break"):
        prepare(tmp_path, SECRET_KEY="a\nb")
    assert not (tmp_path / environment.FILE).exists()


def test_a_failed_write_spoils_nothing(tmp_path: Path) -> None:
    first = prepare(tmp_path)
    (tmp_path / "local.new").mkdir()  # in the way, as a full disk would be
    with pytest.raises(OSError, match=r"local\.new"):
        prepare(tmp_path)
    assert environment.read(tmp_path / environment.FILE) == first


def test_what_a_shell_has_from_the_file_is_provided_by_nobody(tmp_path: Path) -> None:
    written = environment.prepare(tmp_path, {}, 8000)
    saved = environment.read(tmp_path / environment.FILE)
    shell = {**written, "PATH": "/bin"}
    assert sorted(environment.ours(shell, saved)) == sorted(written)
    assert environment.ours({"PATH": "/bin", "SECRET_KEY": written["SECRET_KEY"]}, saved) == []
    assert "SECRET_KEY" not in environment.ours({**shell, "SECRET_KEY": "another"}, saved)


def test_a_server_of_somebody_s_own_stays_provided_though_the_file_names_it(tmp_path: Path) -> None:
    theirs = {"DATABASE_URL": "postgresql://me@db.example/sayso"}
    shell = environment.prepare(tmp_path, theirs, 8000)
    own = environment.ours(shell, environment.read(tmp_path / environment.FILE))
    assert "DATABASE_URL" not in own
    assert {"REDIS_URL", "SAYSO_URL"} <= {*own}
