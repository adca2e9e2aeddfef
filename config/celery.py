"""Celery: the worker's application, its queues and its schedule, in one table each.

Results are ignored and nothing has an ETA: what must be tried later is a row with a time. The settings follow what held
under injected faults (docs/adr/0002-the-database-is-the-queue.md).
"""

import gc
import os
from typing import Any

from celery import Celery
from celery.signals import worker_init, worker_process_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ.setdefault("CELERY_SKIP_CHECKS", "1")  # Django's load every page; ours are run below

# queue → what it is for; every one of them has the worker that `make up` and docs/OPERATIONS.md start
QUEUES = {
    "pipeline": "drains the inbox",
    "errands": "makes the calls of the outbox, which others may answer slowly",
    "runs": "scrubs mail runs and files, which may take minutes",
    "imports": "works off outside lists, which may be long",
}

# task → (seconds, queue)
SCHEDULE = {
    "consent.drain": (10.0, "pipeline"),
    "consent.errands": (10.0, "errands"),
    "consent.runs": (10.0, "runs"),
    "consent.scrubs": (10.0, "runs"),
    "consent.imports": (10.0, "imports"),
    "consent.tidy": (300.0, "pipeline"),
}

app = Celery("sayso")


def _configure() -> None:
    from django.conf import settings

    from consent import broker

    app.conf.update(
        broker_url=settings.SAYSO_BROKER_URL,
        task_ignore_result=True,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_default_queue="pipeline",
        task_queues={name: {} for name in QUEUES},
        worker_prefetch_multiplier=1,
        worker_send_task_events=False,
        worker_hijack_root_logger=False,
        worker_max_tasks_per_child=10_000,
        broker_connection_retry_on_startup=True,
        broker_transport_options=broker.worker_options(),
        task_time_limit=60,
        beat_schedule={
            task: {"task": task, "schedule": seconds, "options": {"queue": queue, "expires": seconds}}
            for task, (seconds, queue) in SCHEDULE.items()
        },
        timezone="UTC",
    )
    app.autodiscover_tasks(["consent", "subscriptions"])


_configure()


@worker_init.connect
def _refuse_bad_settings(sender: Any, **kwargs: Any) -> None:
    from consent import tasks
    from consent.checks import refuse_bad_settings
    from consent.classify import text_rules

    refuse_bad_settings()
    queues = sender.app.amqp.queues.consume_from
    tasks.load(queues)
    if "pipeline" in queues:
        text_rules.prepare()


@worker_process_init.connect
def _leave_what_was_loaded_to_itself(**kwargs: Any) -> None:
    """A batch makes many objects and no cycles: collecting seldom, and never what was there before, saves a third."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
