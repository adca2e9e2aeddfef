"""`var/local.env`: the secrets and addresses of this checkout, one `NAME=value` a line, mode 0600.

What the process environment sets wins. What was generated stays: where the environment overrides a secret, the file
shows the value in force and keeps ours in a comment, for without its encryption keys the data could not be read.
"""

import base64
import os
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path

from config.local import ports
from config.local.errors import SetupError

Values = Mapping[str, str]

FILE = "local.env"
KEPT = "# kept: "
HEADING = "# Written by `make up`. NAME=value; what the environment sets wins over it.\n"


def random_base64() -> str:
    """Return 32 random bytes in base64."""
    return base64.b64encode(secrets.token_bytes(32)).decode()


# Generated on the first run and then kept for ever.
SECRETS: dict[str, Callable[[], str]] = {
    "SECRET_KEY": lambda: secrets.token_urlsafe(48),
    "SAYSO_ADDRESS_SECRET": random_base64,
    "SAYSO_ENCRYPTION_KEYS": lambda: f"1:{random_base64()}",
    "SAYSO_API_KEY": lambda: f"sayso_{secrets.token_urlsafe(32)}",
    "SAYSO_TWILIO_AUTH_TOKEN": lambda: secrets.token_hex(16),
    "SAYSO_GENERIC_SMS_SECRET": lambda: secrets.token_urlsafe(32),
    "SAYSO_ADMIN_USER": lambda: "admin",
    "SAYSO_ADMIN_PASSWORD": lambda: secrets.token_urlsafe(15),
    "EMBEDDED_POSTGRES_PASSWORD": lambda: secrets.token_urlsafe(24),
    "EMBEDDED_VALKEY_PASSWORD": lambda: secrets.token_urlsafe(24),
}

USED_FOR = {"POSTGRES_PORT": "DATABASE_URL", "VALKEY_PORT": "REDIS_URL", "SMTP_PORT": "SAYSO_SMTP"}


def complete(saved: Values, given: Values, web_port: int) -> dict[str, str]:
    """Return every value of the file: given in the environment, else saved, else generated; addresses anew.

    Raise `SetupError` where a given port is in use.
    """
    own = {name: saved.get(name) or generate() for name, generate in SECRETS.items()}
    values = {**saved, **own, **addresses(own, given, saved, web_port)}
    return {name: given.get(name) or value for name, value in values.items()}


def addresses(own: Values, given: Values, saved: Values, web_port: int) -> dict[str, str]:
    """Return the ports, and the URLs that follow from them."""
    taken = [web_port]
    for name, url in USED_FOR.items():
        # A server that the environment provides needs no port of ours, whatever the variable says.
        taken.append(ports.choose(name, {} if given.get(url) else given, saved, taken))
    found = dict(zip(USED_FOR, map(str, taken[1:]), strict=True))
    origin = given.get("SAYSO_URL") or f"http://{ports.HOST}:{web_port}"
    postgres, valkey = own["EMBEDDED_POSTGRES_PASSWORD"], own["EMBEDDED_VALKEY_PASSWORD"]
    return {
        **found,
        "SAYSO_URL": origin,
        "SAYSO_PUBLIC_ORIGIN": origin,
        "SAYSO_SMTP": f"{ports.HOST}:{found['SMTP_PORT']}",
        "DATABASE_URL": f"postgresql://sayso:{postgres}@{ports.HOST}:{found['POSTGRES_PORT']}/sayso",
        "REDIS_URL": f"redis://:{valkey}@{ports.HOST}:{found['VALKEY_PORT']}/0",
    }


def read(path: Path) -> dict[str, str]:
    """Read what is ours in the file: a kept value rather than the one that the environment had put over it."""
    if not path.exists():
        return {}
    lines = path.read_text().splitlines()
    kept = [line.removeprefix(KEPT) for line in lines if line.startswith(KEPT)]
    plain = [line for line in lines if "=" in line and not line.startswith("#")]
    return dict(line.split("=", 1) for line in [*plain, *kept])


def ours(given: Values, saved: Values) -> list[str]:
    """The names in an environment that has them from this file, read into a shell (`set -a; . var/local.env`): nobody
    provides those. A server of somebody's own that the file names stays provided.
    """
    passwords = [saved.get(name) for name in ("EMBEDDED_POSTGRES_PASSWORD", "EMBEDDED_VALKEY_PASSWORD")]
    if not all(passwords) or passwords[0] != given.get("EMBEDDED_POSTGRES_PASSWORD"):
        return []
    urls = {name: given.get(name, "") for name in ("DATABASE_URL", "REDIS_URL")}
    theirs = [name for name, url in urls.items() if not any(word and word in url for word in passwords)]
    return [name for name, value in given.items() if saved.get(name) == value and name not in theirs]


def write(path: Path, values: Values, saved: Values) -> None:
    """Replace the file at once: whoever reads it sees the old one or the new one, and a full disk spoils neither."""
    kept = {name: saved[name] for name in SECRETS if name in saved and saved[name] != values[name]}
    lines = [*(f"{name}={value}" for name, value in values.items()), *(f"{KEPT}{n}={v}" for n, v in kept.items())]
    new = path.with_suffix(".new")
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(HEADING + "".join(f"{line}\n" for line in lines))
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)


def prepare(folder: Path, given: Values, web_port: int) -> dict[str, str]:
    """Bring the folder's file up to date and return its values."""
    path = folder / FILE
    saved = read(path)
    values = complete(saved, given, web_port)
    for name, value in values.items():
        if "\n" in value:
            raise SetupError(f"{name} in the environment contains a line break, which {FILE} cannot hold.")
    write(path, values, saved)
    return values
