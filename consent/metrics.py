"""What operators measure: `/metrics` in Prometheus' text format, for operators alone.

State is read from the database as it is asked for, by bounded queries, so that every process tells the same. What only
a process knows, the refused webhooks and who answered checks, is counted in files that the processes of one web share
(https://prometheus.github.io/client_python/multiprocess/).
"""

import hmac
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from prometheus_client import CollectorRegistry, Counter, generate_latest, multiprocess
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from consent import db
from consent.intake.mail_providers import MAIL_PROVIDERS
from consent.intake.registry import PROVIDERS
from consent.outside.ages import ages
from consent.unknown_events import first_id_at, unknown_events

MOST = 100_000  # rows counted of a kind; beyond it a gauge stands still
MOST_LISTS = 200
A_DAY = timedelta(days=1)

with suppress(OSError):  # a folder that cannot be made costs the count, never a webhook
    Path(settings.SAYSO_METRICS_DIR).mkdir(mode=0o700, parents=True, exist_ok=True)
refusals = Counter("sayso_webhook_refusals", "Webhooks that were not taken in.", ["provider", "reason"])
checks_read = Counter("sayso_checks_read", "Checks by the database server that answered.", ["server"])


def refused(provider: str, reason: str) -> None:
    """Count a refusal: forbidden, malformed, too_large, method, certificate or database."""
    # The name comes out of the URL: anybody could make as many series as they like.
    with suppress(OSError):  # a full disk
        refusals.labels(provider if provider in PROVIDERS or provider in MAIL_PROVIDERS else "other", reason).inc()


_COUNT = "SELECT count(*) FROM (SELECT 1 FROM {what} LIMIT %s) AS bounded"
_STATES = {
    "pending": _COUNT.format(what="consent_inbound WHERE state = 'pending'"),
    "set_aside": _COUNT.format(what="consent_inbound WHERE state = 'set_aside'"),
    "review": _COUNT.format(what="(SELECT DISTINCT inbound_id FROM consent_review WHERE decision = '') AS open"),
}
_ALL = "SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = 'consent_inbound'::regclass"
_REVIEWS = _COUNT.format(what="consent_review WHERE decision = ''")
_BOUNCES = _COUNT.format(what="consent_countedbounce")
_OLDEST = "SELECT received_at FROM consent_inbound WHERE state = 'pending' ORDER BY id LIMIT 1"


class State(Collector):
    """The state in the database."""

    def collect(self) -> Iterable[Metric]:
        yield _gauge("inbound_rows", "Inbound rows by state, each counted up to 100,000.", "state", _states())
        yield _gauge("inbound_rows_estimate", "All inbound rows, as PostgreSQL estimates.", "", [("", _number(_ALL))])
        yield _gauge("inbound_oldest_pending_seconds", "Age of the oldest pending inbound, or 0.", "", [("", _age())])
        yield _gauge("reviews_open", "Reviews that wait for staff, counted up to 100,000.", "", [("", _reviews())])
        counted = _number(_BOUNCES, MOST)
        yield _gauge("bounces_counted", "Addresses and days of counted failures, up to 100,000.", "", [("", counted)])
        yield _lists()
        yield _gauge(
            "unknown_events",
            "Events of unknown kinds, of the last day and the newest 20,000.",
            "provider",
            _unknown(),
        )


def _gauge(name: str, text: str, label: str, values: Iterable[tuple[str, float]]) -> Metric:
    family = GaugeMetricFamily(f"sayso_{name}", text, labels=[label] if label else [])
    for value, number in values:
        family.add_metric([value] if label else [], number)
    return family


def _lists() -> Metric:
    family = GaugeMetricFamily(
        "sayso_outside_list_days_left",
        "Days until an outside list is too old; negative when it is, and it denies all the same.",
        labels=["list", "list_id"],
    )
    for age in ages()[:MOST_LISTS]:
        family.add_metric([age.slug, str(age.list_id)], age.days_left)
    return family


def _number(sql: str, *params: object) -> float:
    [[number]] = db.fetch_again(sql, params)
    return float(number)


def _states() -> Iterator[tuple[str, float]]:
    yield from ((state, _number(sql, MOST)) for state, sql in _STATES.items())


def _reviews() -> float:
    return _number(_REVIEWS, MOST)


def _age() -> float:
    rows = db.fetch_again(_OLDEST)
    return max(0.0, (timezone.now() - rows[0][0]).total_seconds()) if rows else 0.0


def _unknown() -> list[tuple[str, float]]:
    counts = dict.fromkeys(PROVIDERS, 0)
    for event in unknown_events(first_id_at(timezone.now() - A_DAY)):
        provider = event.source.partition(":")[2]
        counts[provider] = counts.get(provider, 0) + event.times
    return [(provider, float(count)) for provider, count in counts.items()]


def metrics(request: HttpRequest) -> HttpResponse:
    """For operators alone: with SAYSO_METRICS_TOKEN as bearer token, or, where none is set, from this machine."""
    if not _may_read(request):
        return HttpResponse("For operators.\n", status=403, content_type="text/plain")
    if request.method not in ("GET", "HEAD"):
        return HttpResponse(status=405, headers={"Allow": "GET, HEAD"})
    try:
        return HttpResponse(_text(), content_type=CONTENT_TYPE_LATEST)
    except DatabaseError:
        return HttpResponse("The database does not answer.\n", status=503, content_type="text/plain")


metrics.authentication = "token: the operators'"  # type: ignore[attr-defined]  # read by the architecture test

_LOOPBACK = frozenset({"127.0.0.1", "::1"})
_FORWARDED = ("X-Forwarded-For", "Forwarded", "X-Real-Ip")


def _may_read(request: HttpRequest) -> bool:
    if settings.SAYSO_METRICS_TOKEN:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        given, expected = token.strip().encode("utf-8", "replace"), settings.SAYSO_METRICS_TOKEN.encode()
        return scheme.lower() == "bearer" and hmac.compare_digest(given, expected)
    # Behind a proxy of this machine everybody comes from it.
    forwarded = any(name in request.headers for name in _FORWARDED)
    return request.META.get("REMOTE_ADDR") in _LOOPBACK and not forwarded


def _text() -> bytes:
    state, counted = CollectorRegistry(), CollectorRegistry()
    state.register(State())
    if Path(settings.SAYSO_METRICS_DIR).is_dir():
        multiprocess.MultiProcessCollector(counted, settings.SAYSO_METRICS_DIR)  # type: ignore[no-untyped-call]
    return generate_latest(state) + generate_latest(counted)
