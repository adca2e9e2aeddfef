"""A database that is migrated once, and copied wherever a test or a running instance needs one with all tables."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg.sql import SQL, Identifier

ROOT = Path(__file__).resolve().parents[1]
# Whatever may change what a migration does; some take fields from the models.
PARTS = ("requirements.txt", "config/settings.py", "*/migrations/*.py", "*/models/*.py")
PREFIX = "sayso_migrated_"
LOCK = 7_204_311  # of those that would make one at the same time


def template(server: str) -> str:
    """The template's name on the server of a database URL, once it is there."""
    name = f"{PREFIX}{_digest()}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", [LOCK])  # until the connection ends
        found = connection.execute("SELECT datname FROM pg_database WHERE datname ^@ %s", [PREFIX])
        names = {row[0] for row in found}
        if name not in names:
            _make(connection, server, name, outdated=names)
    return name


def _make(connection: "psycopg.Connection[tuple[object, ...]]", server: str, name: str, outdated: set[str]) -> None:
    for old in outdated:
        connection.execute(SQL("DROP DATABASE {}").format(Identifier(old)))
    unfinished = f"{name}_unfinished"
    connection.execute(SQL("CREATE DATABASE {}").format(Identifier(unfinished)))
    url = urlsplit(server)._replace(path=f"/{unfinished}").geturl()
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity", "0"],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": url},
        check=True,
    )
    connection.execute(SQL("ALTER DATABASE {} RENAME TO {}").format(Identifier(unfinished), Identifier(name)))


def _digest() -> str:
    digest = hashlib.sha256()
    for part in PARTS:
        for file in sorted(ROOT.glob(part)):
            digest.update(file.read_bytes())
    return digest.hexdigest()[:16]
