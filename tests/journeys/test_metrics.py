"""/metrics of a running web: one answer, whichever of its processes gives it."""

from prometheus_client.parser import text_string_to_metric_families as families

from tests.instance import Instance, new_number


def value(instance: Instance, name: str, **labels: str) -> float:
    answer = instance.outside.get("/metrics")
    assert answer.status_code == 200, answer.text
    samples = [sample for family in families(answer.text) for sample in family.samples]
    return sum(sample.value for sample in samples if (sample.name, sample.labels) == (name, labels))


def test_the_processes_count_together(running: Instance) -> None:
    labels = {"provider": "twilio", "reason": "forbidden"}
    before = value(running, "sayso_webhook_refusals_total", **labels)
    for _ in range(30):
        forged = running.outside.post("/webhooks/sms/twilio/acme", data={"From": new_number(), "Body": "STOP"})
        assert forged.status_code == 403
    told = {value(running, "sayso_webhook_refusals_total", **labels) for _ in range(10)}
    assert told == {before + 30}


def test_it_is_not_for_whoever_comes_through_a_proxy(running: Instance) -> None:
    assert running.outside.get("/metrics", headers={"X-Forwarded-For": "203.0.113.7"}).status_code == 403


def test_what_waits_is_told(running: Instance) -> None:
    with running.frozen("worker", "sweep"):
        assert running.generic(new_number(), "STOP").status_code == 200
        assert value(running, "sayso_inbound_rows", state="pending") >= 1
        assert value(running, "sayso_inbound_oldest_pending_seconds") > 0
