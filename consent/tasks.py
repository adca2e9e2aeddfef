"""Celery's side of the pipeline: thin tasks, no arguments, idempotent."""

from celery import shared_task

from consent import doorbell, pipeline


@shared_task(name=doorbell.DRAIN_TASK)
def drain() -> int:
    """Work off what is in the inbox. The doorbell's mark goes first, so that whatever arrives meanwhile rings again."""
    doorbell.mark_answered()
    return pipeline.drain()
