"""Celery's side of the pipeline: thin tasks, no arguments, idempotent.

What they do is loaded by the workers that do it: `load` before a worker's processes part, so that they share it.
"""

from collections.abc import Collection
from importlib import import_module

from celery import shared_task

from consent import doorbell

_DONE_BY = {
    doorbell.PIPELINE_QUEUE: ("consent.pipeline", "consent.tidying"),
    doorbell.ERRANDS_QUEUE: ("consent.outbox",),
    doorbell.RUNS_QUEUE: ("consent.runs.scrub", "consent.scrubs.working"),
    doorbell.IMPORTS_QUEUE: ("consent.outside.working",),
}


def load(queues: Collection[str]) -> None:
    """Load what the tasks on these queues need."""
    for queue in queues:
        for name in _DONE_BY.get(queue, ()):
            import_module(name)


@shared_task(name=doorbell.DRAIN_TASK)
def drain() -> int:
    """Work off what is in the inbox. The doorbell's mark goes first, so that whatever arrives meanwhile rings again."""
    from consent import pipeline

    doorbell.mark_answered()
    return pipeline.drain()


@shared_task(name=doorbell.ERRANDS_TASK)
def errands() -> int:
    """Do what waits in the outbox. On a queue of its own: a gateway's slow API must not keep the inbox waiting."""
    from consent import outbox

    doorbell.mark_answered(doorbell.ERRANDS_MARK)
    return outbox.drain()


@shared_task(name="consent.tidy")
def tidy() -> None:
    """Remove what is over."""
    from consent import tidying

    tidying.tidy()


@shared_task(name=doorbell.RUNS_TASK)
def runs() -> int:
    """Scrub the mail runs that wait, for a while: a long one is taken up again where it was left."""
    from consent.runs import scrub

    doorbell.mark_answered(doorbell.RUNS_MARK)
    return scrub.drain()


@shared_task(name=doorbell.SCRUBS_TASK)
def scrubs() -> int:
    """Scrub the files that wait, for a while: they take turns."""
    from consent.scrubs import working

    doorbell.mark_answered(doorbell.SCRUBS_MARK)
    return working.drain()


@shared_task(name=doorbell.IMPORTS_TASK)
def imports() -> int:
    """Work off what came of outside lists. On a queue of its own: a million rows must not keep a STOP waiting."""
    from consent.outside import working

    doorbell.mark_answered(doorbell.IMPORTS_MARK)
    return working.drain()
