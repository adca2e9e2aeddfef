"""The doorbell: tell Celery that the inbox has something. It may be lost; the sweep finds what it missed.

A thread of the process rings, so that a slow, frozen or absent broker never costs an intake a moment. However many rows
arrive meanwhile, one message is under way: `SET NX` marks it, and the drain deletes the mark before it reads.
"""

import logging
import threading
import time
from functools import cache

import redis
from celery import Celery
from django.conf import settings

from consent import broker

logger = logging.getLogger(__name__)

MARK = "sayso:doorbell"
DRAIN_TASK = "consent.drain"
PIPELINE_QUEUE = "pipeline"
ERRANDS_MARK = "sayso:doorbell:errands"
ERRANDS_TASK = "consent.errands"
ERRANDS_QUEUE = "errands"
RUNS_MARK = "sayso:doorbell:runs"
RUNS_TASK = "consent.runs"
RUNS_QUEUE = "runs"
SCRUBS_MARK = "sayso:doorbell:scrubs"
SCRUBS_TASK = "consent.scrubs"
IMPORTS_MARK = "sayso:doorbell:imports"
IMPORTS_TASK = "consent.imports"
IMPORTS_QUEUE = "imports"
_MARK_SECONDS = 5  # a mark whose message was lost blocks the bell no longer than this
_TIMEOUT_SECONDS = 0.5
_TOGETHER_SECONDS = 0.02  # rings within it are one: under load the broker is not asked a thousand times a second
_REST_SECONDS = 2.0  # after a failure the bell rests: the sweep works meanwhile


def _client() -> "redis.Redis":
    return redis.Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=_TIMEOUT_SECONDS,
        socket_connect_timeout=_TIMEOUT_SECONDS,
        retry=None,
    )


@cache
def _producer() -> Celery:
    """A Celery application that only sends, with short time-outs."""
    producer = Celery("sayso-producer", broker=settings.SAYSO_BROKER_URL, set_as_current=False)
    producer.conf.update(
        broker_transport_options=broker.sender_options(_TIMEOUT_SECONDS),
        broker_connection_retry=False,
        broker_connection_timeout=_TIMEOUT_SECONDS,
        task_publish_retry=False,
    )
    return producer


class Doorbell:
    """One ringing thread, started with the first ring of the process."""

    def __init__(self, mark: str = MARK, task: str = DRAIN_TASK, queue: str = PIPELINE_QUEUE) -> None:
        self._rings_for = (mark, task, queue)
        self._wanted = threading.Event()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def ring(self) -> None:
        """Ask for a wake-up. Returns at once and never fails."""
        if self._thread is None or not self._thread.is_alive():
            self._start()
        self._wanted.set()

    def _start(self) -> None:
        with self._starting:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="doorbell", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        client = _client()
        while True:
            self._wanted.wait()
            self._wanted.clear()
            try:
                send_wake_up(client, *self._rings_for)
                time.sleep(_TOGETHER_SECONDS)
            except Exception as error:
                logger.warning("the broker did not take a wake-up (%s); the sweep will find it", type(error).__name__)
                time.sleep(_REST_SECONDS)


def send_wake_up(client: "redis.Redis", mark: str = MARK, task: str = DRAIN_TASK, queue: str = PIPELINE_QUEUE) -> None:
    """Publish one message unless one is under way."""
    if client.set(mark, 1, nx=True, ex=_MARK_SECONDS):
        _producer().send_task(task, queue=queue, retry=False, ignore_result=True)


_doorbell = Doorbell()
ring = _doorbell.ring
_errands_doorbell = Doorbell(ERRANDS_MARK, ERRANDS_TASK, ERRANDS_QUEUE)
ring_errands = _errands_doorbell.ring
_runs_doorbell = Doorbell(RUNS_MARK, RUNS_TASK, RUNS_QUEUE)
ring_runs = _runs_doorbell.ring
_scrubs_doorbell = Doorbell(SCRUBS_MARK, SCRUBS_TASK, RUNS_QUEUE)
ring_scrubs = _scrubs_doorbell.ring
_imports_doorbell = Doorbell(IMPORTS_MARK, IMPORTS_TASK, IMPORTS_QUEUE)
ring_imports = _imports_doorbell.ring


def mark_answered(mark: str = MARK) -> None:
    """Take the mark away, so that whatever arrives from now on rings again. To be called before the inbox is read."""
    try:
        _worker_client().delete(mark)
    except redis.RedisError as error:
        logger.warning("the doorbell's mark stays (%s); it expires by itself", type(error).__name__)


@cache
def _worker_client() -> "redis.Redis":
    return _client()
