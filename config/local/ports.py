"""Which TCP ports of the loopback interface we use. All are on 127.0.0.1."""

import random
import socket
import time
from collections.abc import Mapping, Sequence

from config.local.errors import SetupError

HOST = "127.0.0.1"
WEB = "PORT"
DEFAULT_WEB = 8000
# Beside the web's port, so that a person can guess them and checkouts on neighbouring ports do not meet.
OFFSETS = {"POSTGRES_PORT": 432, "VALKEY_PORT": 379, "SMTP_PORT": 25}
# Below Linux' ephemeral range (32768 and up): a port remembered here is not taken by some outgoing connection.
PORTS = range(1, 65_536)
PATIENCE = 1.0  # seconds
SPARE = range(20_000, 30_000)
_any = random.SystemRandom()  # a seeded one gives several processes of tests the same ports at once


def is_free(port: int) -> bool:
    """Tell whether we can listen on the port. Raise `SetupError` where it needs rights that we lack."""
    if port not in PORTS:
        return False
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, port))
        except PermissionError:
            raise SetupError(f"Port {port} needs root's rights: choose one above 1023.") from None
        except OSError:
            return False
    return True


def comes_free(port: int) -> bool:
    """Tell whether the port is free or becomes so in a moment: a process that was just killed still lets go of it."""
    deadline = time.monotonic() + PATIENCE
    while not is_free(port):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def read(name: str, text: str) -> int:
    """Read a port number, 1 to 65535."""
    if not (text.isascii() and text.isdigit() and int(text[:6]) in PORTS):
        raise SetupError(f"{name}={text[:40]!r} is not a port: give a number from 1 to 65535.")
    return int(text)


def web(given: Mapping[str, str]) -> int:
    """Return the web's port: `PORT`, or 8000. Raise `SetupError` where another program listens there."""
    port = read(WEB, given.get(WEB) or str(DEFAULT_WEB))
    if not comes_free(port):
        raise SetupError(
            f"Port {port} on {HOST} is in use by another program: stop it, or choose another: PORT={port + 1}."
        )
    return port


def choose(name: str, given: Mapping[str, str], saved: Mapping[str, str], taken: Sequence[int]) -> int:
    """Return the port `name`: as given in the environment, as remembered, beside the web's, or any that is free.

    `taken` are the ports handed out already, the web's first. A remembered one that is in use by now is replaced. Raise
    `SetupError` where the given one is in use.
    """
    if given.get(name):
        port = read(name, given[name])
        if port in taken or not comes_free(port):
            raise SetupError(f"{name}={port} on {HOST} is in use by another program: stop it, or give another port.")
        return port
    remembered = [int(saved[name])] if saved.get(name, "").isdigit() and comes_free(int(saved[name])) else []
    spare = _any.sample(SPARE, 50)
    return first_free([*remembered, taken[0] + OFFSETS[name], *spare], taken)


def first_free(candidates: Sequence[int], taken: Sequence[int]) -> int:
    for port in candidates:
        if port not in taken and is_free(port):
            return port
    raise SetupError(f"No free port found on {HOST}.")


def anywhere() -> int:
    """Return a port that is free now."""
    return first_free(_any.sample(SPARE, 50), ())
