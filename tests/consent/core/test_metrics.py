"""/metrics: for operators alone; state from the database, refusals from the processes."""

import os
from pathlib import Path
from typing import Any, Literal

import pytest
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families as families

from consent import metrics, pipeline
from consent.inbox import Arrival, Envelope, accept
from consent.intake.contract import Message
from consent.models import Inbound
from consent.unknown_events import first_id_at, unknown_events
from tests.consent.core.doors import generic, infobip
from tests.consent.core.example import Organisation, ago
from tests.each import each

pytestmark = pytest.mark.django_db


def values(client: Client) -> dict[tuple[str, ...], float]:
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/plain; version=")
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in families(answer.content.decode())
        for sample in family.samples
    }


def arrive(organisation: Organisation, *events: str, kind: Literal["unknown", "report"] = "unknown") -> None:
    for event in events:
        envelope = Envelope(message=Message(kind, "+14155550101", "", "", "", event=event))
        accept(Arrival(organisation.acme.pk, "sms:telnyx", "sms", envelope, [], "acme"))


def test_state_is_read_from_the_database(organisation: Organisation, client: Client) -> None:
    generic(client, "+14155550101", "STOP", "m-1")
    generic(client, "+14155550102", "if you text me again I will report you", "m-2")
    arrive(organisation, "message.read", "message.read", "message.new")
    arrive(organisation, "delivered", kind="report")
    Inbound.objects.filter(source="sms:generic").update(received_at=ago(minutes=2))
    before = values(client)
    assert before["sayso_inbound_rows", "pending"] == 6
    assert 119 < before["sayso_inbound_oldest_pending_seconds",] < 180
    pipeline.drain()
    after = values(client)
    assert after["sayso_inbound_rows", "pending"] == 0
    assert after["sayso_inbound_rows", "review"] == 1
    assert after["sayso_inbound_oldest_pending_seconds",] == 0
    assert after["sayso_reviews_open",] == 1
    assert after["sayso_unknown_events", "telnyx"] == 3
    assert after["sayso_unknown_events", "twilio"] == 0
    assert ("sayso_inbound_rows_estimate",) in after


def test_refusals_are_counted_by_provider_and_reason(organisation: Organisation, client: Client) -> None:
    def refused(provider: str, reason: str) -> float:
        return values(client).get(("sayso_webhook_refusals_total", provider, reason), 0.0)

    counted = [refused(*which) for which in (("generic", "forbidden"), ("generic", "method"), ("other", "forbidden"))]
    client.post("/webhooks/sms/generic/acme", data=b"{}", content_type="application/json")
    client.put("/webhooks/sms/generic/acme", data=b"{}", content_type="application/json")
    client.post("/webhooks/sms/nobody-knows-me/acme", data=b"{}", content_type="application/json")
    infobip(client, [7])
    after = [refused(*which) for which in (("generic", "forbidden"), ("generic", "method"), ("other", "forbidden"))]
    assert after == [number + 1 for number in counted]
    assert refused("infobip", "malformed") >= 1
    assert b"nobody-knows-me" not in client.get("/metrics").content


def test_the_processes_of_a_web_share_their_counts() -> None:
    metrics.refused("twilio", "forbidden")
    folder = Path(os.environ["PROMETHEUS_MULTIPROC_DIR"])
    assert (folder / f"counter_{os.getpid()}.db").exists()


@each(
    ("token", "headers", "address", "status"),
    [
        ("", {}, "127.0.0.1", 200),
        ("", {}, "::1", 200),
        ("", {}, "203.0.113.7", 403),
        ("", {"X-Forwarded-For": "203.0.113.7"}, "127.0.0.1", 403),
        ("", {"Forwarded": "for=203.0.113.7"}, "127.0.0.1", 403),
        ("", {"Authorization": "Bearer "}, "203.0.113.7", 403),
        ("secret", {"Authorization": "Bearer secret"}, "203.0.113.7", 200),
        ("secret", {"Authorization": "bearer secret", "X-Forwarded-For": "1.1.1.1"}, "127.0.0.1", 200),
        ("secret", {"Authorization": "Bearer secreT"}, "127.0.0.1", 403),
        ("secret", {"Authorization": "Basic secret"}, "127.0.0.1", 403),
        ("secret", {}, "127.0.0.1", 403),
        ("secret", {"Authorization": "Bearer é\udc80"}, "127.0.0.1", 403),
    ],
)
def test_only_operators_may_read_it(
    client: Client, settings: Any, token: str, headers: dict[str, str], address: str, status: int
) -> None:
    settings.SAYSO_METRICS_TOKEN = token
    assert client.get("/metrics", headers=headers, REMOTE_ADDR=address).status_code == status


def test_it_is_only_read(client: Client) -> None:
    assert client.post("/metrics").status_code == 405


def test_unknown_events_are_counted_by_account_and_name(organisation: Organisation) -> None:
    arrive(organisation, "message.read", "message.new", "message.read")
    arrive(organisation, "delivered", kind="report")
    pipeline.drain()
    found = unknown_events(first_id_at(ago(days=1)))
    assert [(event.source, event.endpoint, event.event, event.times) for event in found] == [
        ("sms:telnyx", "acme", "message.read", 2),
        ("sms:telnyx", "acme", "message.new", 1),
    ]
    assert sum(event.times for event in unknown_events(first_id_at(ago(days=1)), most=2)) == 2
    assert unknown_events(first_id_at(ago(hours=-1))) == []


def test_it_costs_a_handful_of_queries(client: Client, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(8):
        client.get("/metrics")
