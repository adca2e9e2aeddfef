"""What all tests share: clean caches for those with a database, and one real running instance for the journeys."""

import fcntl
import gc
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest
from django.conf import settings

from tests import sharing

if TYPE_CHECKING:
    from tests.instance import Instance


def pytest_configure() -> None:
    # Every run has examples of its own, so few at a time are many; and a busy machine is no failure.
    hypothesis.settings.register_profile("sayso", max_examples=50, deadline=None)
    hypothesis.settings.load_profile("sayso")
    # Whitenoise warns where nothing was collected yet, and warnings are errors here.
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)
    # What these tests count is no count of the instance of this checkout.
    process = os.environ.get("PYTEST_XDIST_WORKER", "")
    settings.SAYSO_METRICS_DIR = str(settings.BASE_DIR / "var" / "test" / f"metrics{process}")
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = settings.SAYSO_METRICS_DIR
    settings.SAYSO_FILTER_DIR = str(settings.BASE_DIR / "var" / "test" / f"filter{process}")
    # Each client of a test would list all static files anew, which took more time than what is tested.
    settings.WHITENOISE_AUTOREFRESH = True
    # A password's hash is slow on purpose; hundreds of tests sign in.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def pytest_collection_finish() -> None:
    # What the tests and their libraries consist of stays to the end: no need to look through it for garbage.
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 100)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Iterator[None]:
    """A file that pytest has not rewritten for its assertions yet is so by one process, for which the others wait:
    each for itself would work on all files for twice as long as it takes to start.
    """
    with ExitStack() as turn:
        if isinstance(collector, pytest.Module) and not (sys.dont_write_bytecode or _is_rewritten(collector.path)):
            fcntl.flock(turn.enter_context(Path(__file__).open()), fcntl.LOCK_EX)
        return (yield)


def _is_rewritten(path: Path) -> bool:
    name = f"{path.stem}.{sys.implementation.cache_tag}-pytest-{pytest.__version__}.pyc"
    return (path.parent / "__pycache__" / name).exists()


@pytest.hookimpl(trylast=True)  # after they were shuffled
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items[:] = sharing.in_order(items)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> sharing.Sharing:
    return sharing.Sharing(config, log)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """A rolled back test leaves its version number to the next one: what was cached under it must go."""
    if "django_db" in item.keywords or "db" in getattr(item, "fixturenames", ()):
        from consent import configuration
        from subscriptions.api import auth
        from subscriptions.preferences import notices, texts

        configuration._snapshot = None
        auth._known = (0, {})
        texts._known = (0, {})
        notices._known = (0, [])


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """The database of a process of the tests is a copy, which takes less than all migrations."""
    from django.db import connection

    from tests.template import template

    connection.settings_dict["TEST"]["TEMPLATE"] = template(os.environ["DATABASE_URL"])


@pytest.fixture(scope="session")
def running() -> Iterator["Instance"]:
    """A whole Sayso: granian, a Celery worker, the sweep, the SMTP listener, on a database of its own."""
    from tests.instance import start

    with start() as instance:
        yield instance
