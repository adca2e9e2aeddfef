"""A primary and a streaming replica, of the binaries that `make up` has, for tests of what reads from one."""

import os
import subprocess
from dataclasses import replace
from pathlib import Path

from config.local import account, ports, postgres
from config.local.child import Process
from config.local.errors import SetupError
from config.local.postgres import Server

COPIER = "copier"


def row_of_primary(folder: Path, port: int, password: str) -> tuple[Server, Process]:
    """The primary, with its data in `folder`/postgres: as `make up` has it, and copied by whoever is the copier."""
    row = postgres.process(folder, port, password, durable=False)
    server = Server(account.choose(folder / "postgres", postgres.site()), port, password, durable=False)

    def prepare() -> None:
        row.before()
        statement = f"CREATE ROLE {COPIER} LOGIN REPLICATION PASSWORD '{password}';\n"
        postgres.run(server, (server.program("postgres"), "--single", "-D", str(server.data), "postgres"), statement)
        access = f"host replication {COPIER} {ports.HOST}/32 scram-sha-256\n"
        postgres.write(server.data / "pg_hba.conf", postgres.ACCESS + access)
        # A replica that was frozen or killed finds what it missed.
        postgres.write(server.data / "postgresql.conf", "include 'sayso.conf'\nwal_keep_size = '256MB'\n")

    return server, replace(row, name="primary", before=prepare)


def row_of_replica(folder: Path, primary: Server) -> tuple[Server, Process]:
    """A replica of a primary that runs, with its data in `folder`/replica: copied now, and then streamed."""
    data = folder / "replica"
    data.mkdir(mode=0o700)
    server = Server(account.choose(data, postgres.site()), ports.anywhere(), primary.password, durable=False)
    source = f"host={ports.HOST} port={primary.port} user={COPIER} password={primary.password}"
    copying = ("-D", str(server.data), "-d", source, "-R", "-X", "stream", "-c", "fast", "--no-sync")
    postgres.run(server, (server.program("pg_basebackup"), *copying))
    command = (server.program("postgres"), "-D", str(server.data), "-c", f"port={server.port}")
    row = Process("replica", (*server.account.prefix, *command), Path("/"), ready=lambda: postgres.answers(server))
    return server, row


def copy_database(server: Server, url: str) -> None:
    """Copy what is in another server's database into that of a primary that runs: quicker than all migrations."""
    dump, load = server.program("pg_dump"), server.program("psql")
    with subprocess.Popen([dump, "--no-owner", "--no-privileges", "-d", url], stdout=subprocess.PIPE) as dumping:
        command = [load, "-q", "-v", "ON_ERROR_STOP=1", "-o", os.devnull, "-d", url_of(server)]
        subprocess.run(command, stdin=dumping.stdout, check=True)
    if dumping.returncode:
        raise SetupError("pg_dump failed")


def url_of(server: Server) -> str:
    return f"postgresql://{postgres.ROLE}:{server.password}@{ports.HOST}:{server.port}/{postgres.ROLE}"
