"""Celery's side of the pipeline: thin tasks, no arguments, idempotent."""

from celery import shared_task

from consent import doorbell, outbox, pipeline, tidying
from consent.outside import working
from consent.runs import scrub
from consent.scrubs import working as scrubbing


@shared_task(name=doorbell.DRAIN_TASK)
def drain() -> int:
    """Work off what is in the inbox. The doorbell's mark goes first, so that whatever arrives meanwhile rings again."""
    doorbell.mark_answered()
    return pipeline.drain()


@shared_task(name=doorbell.ERRANDS_TASK)
def errands() -> int:
    """Do what waits in the outbox. On a queue of its own: a gateway's slow API must not keep the inbox waiting."""
    doorbell.mark_answered(doorbell.ERRANDS_MARK)
    return outbox.drain()


@shared_task(name="consent.tidy")
def tidy() -> None:
    """Remove what is over."""
    tidying.tidy()


@shared_task(name=doorbell.RUNS_TASK)
def runs() -> int:
    """Scrub the mail runs that wait, for a while: a long one is taken up again where it was left."""
    doorbell.mark_answered(doorbell.RUNS_MARK)
    return scrub.drain()


@shared_task(name=doorbell.SCRUBS_TASK)
def scrubs() -> int:
    """Scrub the files that wait, for a while: they take turns."""
    doorbell.mark_answered(doorbell.SCRUBS_MARK)
    return scrubbing.drain()


@shared_task(name=doorbell.IMPORTS_TASK)
def imports() -> int:
    """Work off what came of outside lists. On a queue of its own: a million rows must not keep a STOP waiting."""
    doorbell.mark_answered(doorbell.IMPORTS_MARK)
    return working.drain()
