"""Migrations: one line, nothing forgotten, and none that would lock a table in use."""

import re
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from pytest_django.plugin import DjangoDbBlocker

from tests.each import each

APPS = ("consent", "subscriptions")
SQUAWK = Path(sys.executable).with_name("squawk")
GRAPH = MigrationLoader(None).graph


def names(app: str) -> list[str]:
    return sorted(name for owner, name in GRAPH.nodes if owner == app)


@pytest.mark.parametrize("app", APPS)
def test_each_follows_the_one_before(app: str) -> None:
    line = names(app)
    assert [name[:4] for name in line] == [f"{number:04d}" for number in range(1, len(line) + 1)]
    assert GRAPH.leaf_nodes(app) == [(app, line[-1])]
    for before, name in pairwise(line):
        assert (app, before) in GRAPH.nodes[app, name].dependencies


@pytest.mark.django_db
def test_no_change_of_a_model_lacks_its_migration() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.django_db
@each(("app", "name"), [(app, name) for app in APPS for name in names(app)])
def test_each_can_be_undone(app: str, name: str) -> None:
    assert all(operation.reversible for operation in GRAPH.nodes[app, name].operations)


@pytest.fixture
def outside_of_transactions(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """What is to run beside a working database says so itself where a transaction is open."""
    with django_db_blocker.unblock():
        yield
        connection.close()


@pytest.mark.usefixtures("outside_of_transactions")
def test_none_after_the_first_locks_a_table_in_use(tmp_path: Path) -> None:
    """squawk reads the SQL as it runs here: every connection of ours has the time-outs of the settings."""
    loader = MigrationLoader(connection, replace_migrations=False)
    files = []
    for app in APPS:
        for name in names(app)[1:]:
            migration = loader.graph.nodes[app, name]
            sql = "\n".join(loader.collect_sql([(migration, False)]))
            files.append(tmp_path / f"{app}.{name}.sql")
            files[-1].write_text(f"{timeouts()}\n" + (f"BEGIN;\n{sql}\nCOMMIT;\n" if migration.atomic else f"{sql}\n"))
    done = subprocess.run(
        [SQUAWK, "--pg-version", "15", *files], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stdout + done.stderr


def timeouts() -> str:
    options = settings.DATABASES["default"]["OPTIONS"]["options"]
    found = re.findall(r"-c (lock_timeout|statement_timeout)=(\w+)", options)
    assert len(found) == 2
    return "\n".join(f"SET {name} = '{value}';" for name, value in found)
