"""A start with missing, default or malformed settings is refused, and nothing secret is shown."""

import base64
from typing import Any

import pytest
import time_machine
from django.core.checks import run_checks
from pytest_django.fixtures import Settings

from consent import checks

GOOD: dict[str, Any] = {
    "SECRET_KEY": "V7mB2xQ9rT4kLw8ZcN1pHs6DyFa3GjUe",
    "SECRET_KEY_FALLBACKS": [],
    "SAYSO_LINK_KEYS": ["qT4kLw8ZcN1pHs6DyFa3GjUeV7mB2xQ9"],
    "SAYSO_LINK_KEYS_REVOKED": ["453a143425f6"],
    "SAYSO_ADDRESS_SECRET": base64.b64encode(bytes(range(32))).decode(),
    "SAYSO_ENCRYPTION_KEYS": ["1:" + base64.b64encode(bytes(range(32))).decode()],
    "DATABASE_URL": "postgresql://sayso@db.internal/sayso",
    "REDIS_URL": "rediss://:password@broker.internal/0",
    "SAYSO_BROKER_URL": "amqps://sayso:password@broker.internal/sayso",
    "SAYSO_PUBLIC_ORIGIN": "https://sayso.example",
}
ZEROES = base64.b64encode(bytes(32)).decode()
BAD: list[tuple[str, str, list[Any]]] = [
    (
        "sayso.E001",
        "SECRET_KEY",
        [
            "missing",
            "short",
            "missing" * 9,
            "changeme-" * 9,
            "django-insecure-V7mB2xQ9rT4kLw8ZcN1p",
            "a" * 50,
            "abab" * 20,
        ],
    ),
    ("sayso.E001", "SECRET_KEY_FALLBACKS", [[""], ["missing"], [GOOD["SECRET_KEY"], "short"]]),
    ("sayso.E012", "SAYSO_LINK_KEYS", [[""], ["missing"], [GOOD["SECRET_KEY"], "short"]]),
    ("sayso.E013", "SAYSO_LINK_KEYS_REVOKED", [[""], ["0123456789AB"], ["0123456789ab", "acme"]]),
    (
        "sayso.E002",
        "SAYSO_ADDRESS_SECRET",
        ["", "missing", "not base64 !", base64.b64encode(b"x" * 31).decode(), ZEROES, "é" * 44],
    ),
    (
        "sayso.E003",
        "SAYSO_ENCRYPTION_KEYS",
        [
            [],
            [""],
            ["1"],
            ["missing"],
            [f"1:{ZEROES}"],
            [*GOOD["SAYSO_ENCRYPTION_KEYS"], "2:x"],
            GOOD["SAYSO_ENCRYPTION_KEYS"] * 2,
        ],
    ),
    ("sayso.E014", "SAYSO_REPLICA_URL", ["replica.internal", "mysql://replica.internal/sayso"]),
    ("sayso.E004", "DATABASE_URL", ["", "sqlite:///db.sqlite3", "mysql://db/sayso"]),
    ("sayso.E005", "REDIS_URL", ["", "amqp://broker", "memory://"]),
    ("sayso.E016", "SAYSO_BROKER_URL", ["", "memory://", "sqs://", "sentinel://a;sentinel://b"]),
    (
        "sayso.E006",
        "SAYSO_PUBLIC_ORIGIN",
        [
            "",
            "sayso.example",
            "ftp://sayso.example",
            "https://",
            "https://sayso.example/path",
            "https://sayso.example?x=1",
            "https://sayso.example#top",
            "https://me@sayso.example",
            "HTTPS://sayso.example",
        ],
    ),
    ("sayso.E007", "SAYSO_PUBLIC_ORIGIN", ["http://sayso.example", "http://127.0.0.1.example"]),
]
CASES = [(number, name, value) for number, name, values in BAD for value in values]


@pytest.fixture(autouse=True)
def _good_settings(settings: Settings) -> None:
    for name, value in GOOD.items():
        setattr(settings, name, value)


def test_good_settings_pass() -> None:
    assert run_checks(tags=[checks.TAG]) == []
    checks.refuse_bad_settings()


@pytest.mark.parametrize("origin", ["http://127.0.0.1:8000", "http://localhost:8000", "https://sayso.example:8443"])
def test_an_origin_may_have_a_port_and_be_local(settings: Settings, origin: str) -> None:
    settings.SAYSO_PUBLIC_ORIGIN = origin
    assert run_checks(tags=[checks.TAG]) == []


@pytest.mark.parametrize(("number", "name", "value"), CASES)
def test_a_bad_setting_has_its_own_error(settings: Settings, number: str, name: str, value: str | list[str]) -> None:
    setattr(settings, name, value)
    [error] = run_checks(tags=[checks.TAG])
    assert (error.id, error.is_serious()) == (number, True)
    with pytest.raises(SystemExit) as refused:
        checks.refuse_bad_settings()
    said = str(refused.value)
    assert said.startswith(f"{number}: ")
    assert name.removesuffix("_FALLBACKS") in said
    secrets = [value] if isinstance(value, str) else value
    assert not [secret for secret in secrets if len(secret) > 20 and "://" not in secret and secret in said]


def test_all_errors_are_told_at_once(settings: Settings) -> None:
    for _, name, values in BAD:
        setattr(settings, name, values[0])
    with pytest.raises(SystemExit) as refused:
        checks.refuse_bad_settings()
    told = {line.partition(":")[0] for line in str(refused.value).splitlines()}
    assert told == {f"sayso.E0{number:02}" for number in (1, 2, 3, 4, 5, 7, 12, 14)}


@pytest.mark.parametrize(("year", "warnings"), [(2026, []), (2032, ["sayso.W001"]), (2040, ["sayso.W001"])])
def test_the_end_of_the_table_of_holidays_is_told_in_time(year: int, warnings: list[str]) -> None:
    with time_machine.travel(f"{year}-06-01T00:00:00Z"):
        found = run_checks(tags=["quiet_hours"])
    assert [(message.id, message.is_serious()) for message in found] == [(number, False) for number in warnings]
