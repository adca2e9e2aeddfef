"""Every task has a queue, every queue a worker; and no task carries anybody's data."""

import inspect
from pathlib import Path

from config import celery
from config.local import processes
from consent import doorbell
from tests.each import each

ROOT = Path(__file__).resolve().parents[2]
celery.app.loader.import_default_modules()
TASKS = {name: task for name, task in celery.app.tasks.items() if not name.startswith("celery.")}


def worker_commands() -> list[tuple[str, ...]]:
    rows = processes.table(ROOT, {"SAYSO_SMTP": "127.0.0.1:1"}, 1)
    return [tuple(row.command) for row in rows if "celery" in row.command and "worker" in row.command]


def test_every_queue_in_use_is_in_the_table() -> None:
    used = {doorbell.PIPELINE_QUEUE, doorbell.ERRANDS_QUEUE, doorbell.IMPORTS_QUEUE}
    used |= {celery.app.conf.task_default_queue}
    used |= {queue for _, queue in celery.SCHEDULE.values()}
    used |= {route["queue"] for route in (celery.app.conf.task_routes or {}).values()}
    assert used == set(celery.QUEUES) == set(celery.app.conf.task_queues)


def test_each_queue_has_a_worker() -> None:
    """Long work must not keep a STOP waiting: only those queues whose work may take minutes share a worker."""
    commands = worker_commands()
    consumed = [queue for command in commands for queue in command[command.index("-Q") + 1].split(",")]
    assert sorted(consumed) == sorted(celery.QUEUES)
    assert [queues for command in commands if "," in (queues := command[command.index("-Q") + 1])] == ["runs,imports"]
    assert not [word for command in commands for word in command if word.startswith(("--queues", "-X", "--exclude"))]


def test_what_is_scheduled_and_rung_for_exists() -> None:
    assert TASKS.keys() >= {doorbell.DRAIN_TASK, doorbell.ERRANDS_TASK, doorbell.IMPORTS_TASK, *celery.SCHEDULE}
    assert {entry["task"] for entry in celery.app.conf.beat_schedule.values()} == set(celery.SCHEDULE)


@each("name", sorted(TASKS))
def test_a_task_takes_nothing(name: str) -> None:
    assert not inspect.signature(TASKS[name].run).parameters


def test_the_settings_that_held_under_faults() -> None:
    conf = celery.app.conf
    assert (conf.task_acks_late, conf.task_reject_on_worker_lost, conf.worker_prefetch_multiplier) == (True, True, 1)
    assert conf.task_ignore_result
    assert "socket_timeout" not in conf.broker_transport_options
    longest = conf.task_time_limit
    assert longest < conf.broker_transport_options["visibility_timeout"] <= 300
