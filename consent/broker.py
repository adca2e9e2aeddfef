"""Celery's broker: Redis, where the doorbell's marks are too, or RabbitMQ beside it. It may lose whatever it holds."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

SCHEMES = ("redis", "rediss", "amqp", "amqps")


def worker_options() -> dict[str, Any]:
    """What a worker's connection is told. No time-out: any that is shorter than a stall of the broker froze it."""
    return {} if _is_rabbitmq() else {"visibility_timeout": 120}


def sender_options(seconds: float) -> dict[str, Any]:
    """What the connection of whoever sends is told: by default a frozen broker hung it for minutes."""
    if _is_rabbitmq():
        return {"read_timeout": seconds, "write_timeout": seconds}
    return {"socket_timeout": seconds, "socket_connect_timeout": seconds, "max_retries": 0}


def _is_rabbitmq() -> bool:
    return urlsplit(settings.SAYSO_BROKER_URL).scheme in ("amqp", "amqps")
