"""The embedded servers: as root and as anybody, in any folder, and back after a kill -9 with what was committed."""

import os
import shutil
import signal
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from config.local import account, environment, orphans, postgres, servers
from config.local.errors import SetupError
from config.local.servers import running
from config.local.supervisor import Supervisor
from tests.local.conftest import PutCluster
from tests.local.support import eventually, left, start_python

SERVES = """
import sys, time
from pathlib import Path
from config.local.servers import running
with running(Path(sys.argv[1]), durable=False) as (database, broker):
    print(database, broker, flush=True)
    time.sleep(600)
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that the user nobody may pass through, which pytest's own is not."""
    path = Path(tempfile.mkdtemp(prefix="sayso-test-")).resolve()
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@pytest.fixture
def made(folder: Path, put_cluster: PutCluster) -> Path:
    """The folder, with a cluster in it."""
    return put_cluster(folder)


def ask(url: str, question: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(question.encode())
        return cursor.fetchall() if cursor.description else []


def ask_redis(url: str, *command: str) -> object:
    with redis.Redis.from_url(url, decode_responses=True) as client:
        return client.execute_command(*command)


def test_they_serve_what_we_need_and_keep_it(folder: Path) -> None:
    with running(folder) as (database, broker):
        (row,) = ask(database, "SELECT encoding, datlocale FROM pg_database WHERE datname = 'sayso'")
        assert row == (6, "C.UTF-8")  # 6 is UTF8
        (row,) = ask(database, "SELECT rolsuper, rolcreatedb FROM pg_roles WHERE rolname = current_user")
        assert row == (False, True)
        for name in ("fsync", "synchronous_commit", "full_page_writes"):
            assert ask(database, f"SHOW {name}") == [("on",)]
        ask(database, "CREATE EXTENSION pg_trgm")
        ask(database, "CREATE TABLE kept AS SELECT 1 AS one")
        assert ask_redis(broker, "CONFIG", "GET", "maxmemory-policy") == {"maxmemory-policy": "noeviction"}
        ask_redis(broker, "SET", "kept", "yes")
    assert left(folder) == []
    with running(folder) as (database, broker):
        assert ask(database, "SELECT one FROM kept") == [(1,)]
        assert ask_redis(broker, "GET", "kept") == "yes"


def test_they_ask_for_the_password_and_do_not_show_it(made: Path) -> None:
    with running(made, durable=False) as (database, broker):
        values = environment.read(made / environment.FILE)
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            ask(database.replace(values["EMBEDDED_POSTGRES_PASSWORD"], "guess"), "SELECT 1")
        with pytest.raises(redis.AuthenticationError):
            ask_redis(broker.replace(values["EMBEDDED_VALKEY_PASSWORD"], "guess"), "PING")
        commands = [(orphans.PROC / str(pid) / "cmdline").read_text() for pid in left(made)]
    assert len(commands) == 2
    assert not [line for line in commands for name in values if "PASSWORD" in name and values[name] in line]
    assert stat.S_IMODE((made / "valkey" / "valkey.conf").stat().st_mode) == 0o600


def test_two_run_side_by_side_and_one_folder_has_one(folder: Path, put_cluster: PutCluster) -> None:
    first, second = put_cluster(folder / "one"), put_cluster(folder / "two")
    with running(first, durable=False) as one, running(second, durable=False) as two:
        ask(one[0], "CREATE TABLE here ()")
        assert ask(two[0], "SELECT to_regclass('here')") == [(None,)]
        with pytest.raises(SetupError, match="Already running here"), running(first):
            pass


def test_a_killed_postgres_comes_back_with_every_commit(made: Path) -> None:
    said: list[str] = []
    with Supervisor(made, os.environ, say=said.append) as supervisor:
        values = environment.prepare(made, {}, 8000)
        for row in servers.rows(made, values, {}):
            supervisor.start(row)
        database = values["DATABASE_URL"]
        ask(database, "CREATE TABLE kept (one int)")
        connection = psycopg.connect(database)
        connection.execute("INSERT INTO kept VALUES (1)")
        connection.commit()
        connection.execute("INSERT INTO kept VALUES (2)")  # never committed
        with supervisor.watching():
            supervisor.send("postgres", signal.SIGKILL)
            eventually(lambda: said)
            eventually(lambda: answers(database), 30)
        connection.close()
        assert ask(database, "SELECT one FROM kept") == [(1,)]
    assert "postgres was killed (SIGKILL); starting it again" in said[0]


def answers(database: str) -> bool:
    try:
        ask(database, "SELECT 1")
    except psycopg.OperationalError:
        return False
    return True


def test_a_killed_run_takes_the_servers_along_and_the_next_recovers(made: Path) -> None:
    with start_python(SERVES, made) as process:
        assert process.stdout is not None
        database = process.stdout.readline().split()[0]
        ask(database, "CREATE TABLE kept AS SELECT 1 AS one")
        process.kill()
    eventually(lambda: left(made) == [])
    with running(made, durable=False) as (database, _):
        assert ask(database, "SELECT one FROM kept") == [(1,)]


def test_everything_killed_at_once_recovers(made: Path) -> None:
    with start_python(SERVES, made) as process:
        assert process.stdout is not None
        database = process.stdout.readline().split()[0]
        ask(database, "CREATE TABLE kept AS SELECT 1 AS one")
        orphans.send([process.pid, *left(made)], signal.SIGKILL)
    assert (made / "postgres" / "postmaster.pid").exists()
    with running(made, durable=False) as (database, _):
        assert ask(database, "SELECT one FROM kept") == [(1,)]


def test_a_stale_postmaster_pid_that_names_a_living_process_is_no_obstacle(made: Path) -> None:
    with running(made, durable=False):
        lines = (made / "postgres" / "postmaster.pid").read_text().splitlines()
    (made / "postgres" / "postmaster.pid").write_text("\n".join([str(os.getpid()), *lines[1:]]))
    with running(made, durable=False) as (database, _):
        assert answers(database)


def test_a_changed_password_is_taken_over(made: Path) -> None:
    with running(made, durable=False) as (before, _):
        pass
    (made / environment.FILE).unlink()
    with running(made, durable=False) as (database, _):
        assert database != before
        assert answers(database)


def test_an_interrupted_initdb_is_begun_anew(folder: Path) -> None:
    (folder / "postgres.new" / "base").mkdir(parents=True)
    with running(folder, durable=False) as (database, _):
        assert answers(database)
    assert not (folder / "postgres.new").exists()


def test_another_s_files_in_the_data_folder_are_not_touched(folder: Path) -> None:
    (folder / "postgres").mkdir()
    (folder / "postgres" / "letter.txt").write_text("mine")
    with pytest.raises(SetupError, match="holds something that is not PostgreSQL's"), running(folder):
        pass
    assert (folder / "postgres" / "letter.txt").read_text() == "mine"


def test_another_version_s_data_are_not_touched(folder: Path) -> None:
    (folder / "postgres").mkdir()
    (folder / "postgres" / "PG_VERSION").write_text("12\n")
    with pytest.raises(SetupError, match="was made by PostgreSQL 12, this is 18"), running(folder):
        pass


def test_a_folder_whose_path_is_longer_than_a_socket_s_may_be(folder: Path) -> None:
    deep = folder / ("long" * 20) / ("path" * 20)
    with running(deep, durable=False) as (database, _):
        assert answers(database)


def test_a_folder_that_only_its_owner_may_read(made: Path) -> None:
    made.chmod(0o700)
    with running(made, durable=False) as (database, _):
        assert answers(database)


@pytest.mark.parametrize("mode", [0o755, 0o700])
def test_where_user_namespaces_are_refused(folder: Path, monkeypatch: pytest.MonkeyPatch, mode: int) -> None:
    """Root runs it as nobody, from a copy where nobody may not read the wheel; anybody else needs no namespace."""
    monkeypatch.setattr(account, "NAMESPACE", ("false",))
    monkeypatch.setattr(account, "FALLBACK", folder / "lib")
    (folder / "lib").mkdir(mode=0o755)
    state = folder / "state"
    account.copy_packages(postgres.site(), folder / "wheel" / "site")
    (folder / "wheel").chmod(mode)
    monkeypatch.syspath_prepend(folder / "wheel" / "site")
    assert postgres.site() == folder / "wheel" / "site"
    for _ in range(2):
        with running(state, durable=False) as (database, _):
            ask(database, "CREATE TABLE IF NOT EXISTS kept ()")
    homes = list((folder / "lib").iterdir())
    if os.geteuid() == 0:
        assert [home.joinpath("postgres", "PG_VERSION").exists() for home in homes] == [True]
        assert homes[0].joinpath("postgres").stat().st_uid == account.NOBODY
        assert homes[0].joinpath("site").exists() == (mode == 0o700)
    else:
        assert homes == []
        assert (state / "postgres" / "PG_VERSION").exists()


def test_a_supervisor_s_death_ends_the_server_that_nobody_runs(folder: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from config.local import account; account.NAMESPACE = ('false',);"
        "account.FALLBACK = Path(sys.argv[1]) / 'lib'; account.FALLBACK.mkdir(mode=0o755)\n"
    )
    with start_python(code + SERVES, folder) as process:
        assert process.stdout is not None
        assert process.stdout.readline()
        process.kill()
    eventually(lambda: left(folder) == [])


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("DATABASE_URL", "postgresql://nobody:secret@127.0.0.1:1/none"),
        ("REDIS_URL", "redis://:secret@127.0.0.1:1/0"),
        ("REDIS_URL", "no url"),
    ],
)
def test_a_given_server_that_does_not_answer_is_one_line(name: str, url: str) -> None:
    require = {"DATABASE_URL": servers.require_database, "REDIS_URL": servers.require_redis}[name]
    with pytest.raises(SetupError, match=f"{name} is set, but the server does not answer") as failure:
        require(url)
    assert "\n" not in str(failure.value)
    assert "secret" not in str(failure.value)


def test_a_given_server_is_used_and_none_of_ours_started(folder: Path, put_cluster: PutCluster) -> None:
    with running(put_cluster(folder / "given"), durable=False) as (database, broker):
        given = {"DATABASE_URL": database, "REDIS_URL": broker}
        with servers.serving(folder / "own", given, durable=False) as values:
            assert (values["DATABASE_URL"], values["REDIS_URL"]) == (database, broker)
            assert left(folder / "own") == []
