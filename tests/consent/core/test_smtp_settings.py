"""Settings of the listener that cannot work: it does not start, and says which."""

import asyncio
from pathlib import Path

from django.test import override_settings

from consent.checks import check_listener
from consent.smtp.listener import Unusable, door_of_settings, serve


async def _start() -> None:
    stop = asyncio.Event()
    await serve(door_of_settings(), stop, lambda where: stop.set())


def refusal(**values: str) -> str:
    with override_settings(**{"SAYSO_SMTP": "127.0.0.1:0", "SAYSO_LMTP": "", **values}):
        try:
            asyncio.run(_start())
        except Unusable as error:
            return str(error)
    return ""


def test_what_cannot_be_listened_on_or_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "empty.pem").touch()
    assert refusal() == ""
    assert refusal(SAYSO_LMTP=f"unix:{tmp_path}/lmtp") == ""
    assert refusal(SAYSO_SMTP="127.0.0.1:no").startswith("SAYSO_SMTP 127.0.0.1:no: ")
    assert refusal(SAYSO_SMTP="192.0.2.1:25").startswith("SAYSO_SMTP 192.0.2.1:25: ")
    assert refusal(SAYSO_LMTP=f"unix:{tmp_path}/no/such").startswith("SAYSO_LMTP unix:")
    for name in ("none.pem", "empty.pem"):
        assert refusal(SAYSO_SMTP_TLS_CERT=str(tmp_path / name)).startswith("SAYSO_SMTP_TLS_CERT ")


def test_settings_that_contradict_each_other_are_refused() -> None:
    cases: list[tuple[dict[str, object], int]] = [
        ({}, 0),
        ({"SAYSO_SMTP_TLS_REQUIRED": True}, 1),
        ({"SAYSO_SMTP_TLS_KEY": "key.pem"}, 1),
        ({"SAYSO_SMTP_TLS_CERT": "both.pem", "SAYSO_SMTP_TLS_REQUIRED": True}, 0),
        ({"SAYSO_SMTP_RECIPIENTS": 0}, 1),
        ({"SAYSO_SMTP_CONNECTIONS": -1, "SAYSO_SMTP_TIMEOUT": 0.0}, 2),
        ({"SAYSO_MAX_MAIL_BYTES": 0}, 1),
    ]
    found = []
    for values, _ in cases:
        with override_settings(**values):
            found.append(len(check_listener(None)))
    assert found == [expected for _, expected in cases]
