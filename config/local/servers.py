"""PostgreSQL and Valkey together, in any folder."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from config.local import environment, ports, postgres, valkey
from config.local.child import Process
from config.local.errors import SetupError
from config.local.supervisor import Supervisor


def rows(folder: Path, values: Mapping[str, str], given: Mapping[str, str], *, durable: bool = True) -> list[Process]:
    """Return the process table's rows of the servers that the environment does not give, in their order of start.

    Raise `SetupError` where a given one does not answer.
    """
    found = []
    if given.get("DATABASE_URL"):
        require_database(given["DATABASE_URL"])
    else:
        password = values["EMBEDDED_POSTGRES_PASSWORD"]
        found.append(postgres.process(folder, int(values["POSTGRES_PORT"]), password, durable=durable))
    if given.get("REDIS_URL"):
        require_redis(given["REDIS_URL"])
    else:
        found.append(valkey.process(folder, int(values["VALKEY_PORT"]), values["EMBEDDED_VALKEY_PASSWORD"]))
    return found


def require_database(url: str) -> None:
    """Raise `SetupError` unless a PostgreSQL server answers at the URL."""
    import psycopg

    try:
        psycopg.connect(url, connect_timeout=5).close()
    except psycopg.OperationalError as error:
        raise SetupError(f"DATABASE_URL is set, but the server does not answer: {first_line(error)}") from None


def require_redis(url: str) -> None:
    """Raise `SetupError` unless a Redis or Valkey server answers at the URL."""
    import redis

    try:
        with redis.Redis.from_url(url, socket_timeout=5, socket_connect_timeout=5) as client:
            client.ping()
    except (redis.RedisError, ValueError) as error:
        raise SetupError(f"REDIS_URL is set, but the server does not answer: {first_line(error)}") from None


def first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:300]


@contextmanager
def serving(folder: Path, given: Mapping[str, str], *, durable: bool = True) -> Iterator[dict[str, str]]:
    """Run the servers that `given` does not name, and yield a complete environment, as `folder`/local.env holds it."""
    with Supervisor(folder, os.environ) as supervisor:
        values = environment.prepare(supervisor.state, given, ports.anywhere())
        for row in rows(supervisor.state, values, given, durable=durable):
            supervisor.start(row)
        yield values


@contextmanager
def running(folder: Path, *, durable: bool = True) -> Iterator[tuple[str, str]]:
    """Run PostgreSQL and Valkey with their data in `folder`, which is created, and yield (DATABASE_URL, REDIS_URL).

    Without `durable`, PostgreSQL does not wait for the disk: quicker, and what a loss of power leaves is void. Raise
    `SetupError` where they cannot start, or run in the folder already.
    """
    with serving(folder, {}, durable=durable) as values:
        yield values["DATABASE_URL"], values["REDIS_URL"]
