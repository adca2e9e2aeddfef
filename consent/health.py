"""Is the process alive, and can it do its work?"""

import redis
from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, JsonResponse
from django.utils import timezone

from consent import db
from consent.outside.ages import ages
from consent.replica import reading

_LATE_SECONDS = 60.0  # the oldest pending inbound is an alarm beyond this


def healthz(request: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"status": "ok"})


def readyz(request: HttpRequest) -> JsonResponse:
    """Database and broker, and how long the oldest inbound has been waiting.

    Only the database decides: without the broker everything is still taken in, obeyed and worked off by the sweep, and
    without the replica its primary answers the checks.
    """
    try:
        oldest = _oldest_pending_seconds()
        too_old = sum(age.expired for age in ages())
    except DatabaseError:
        return JsonResponse({"status": "unavailable", "database": "down"}, status=503)
    late = oldest is not None and oldest > _LATE_SECONDS
    body = {
        "status": "late" if late else "ok",
        "database": "ok",
        "broker": _broker(),
        "oldest_pending_seconds": oldest,
        "lists_too_old": too_old,
    }
    replica = reading.state()
    return JsonResponse(body if replica is None else body | {"replica": replica})


for _view in (healthz, readyz):
    _view.authentication = "public"  # type: ignore[attr-defined]  # read by the architecture test


def _oldest_pending_seconds() -> float | None:
    sql = "SELECT received_at FROM consent_inbound WHERE state = 'pending' ORDER BY id LIMIT 1"
    rows = db.fetch_again(sql)
    return (timezone.now() - rows[0][0]).total_seconds() if rows else None


def _broker() -> str:
    try:
        redis.Redis.from_url(settings.REDIS_URL, socket_timeout=0.5, socket_connect_timeout=0.5).ping()
    except redis.RedisError:
        return "down"
    return "ok"
