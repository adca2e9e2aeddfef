"""Batches and oddities of gateways on their way into the inbox. Their signatures are tested with the providers."""

import json
from typing import Any

import pytest
from django.test import Client

from consent import pipeline
from consent.inbox import open_envelope
from consent.models import ConsentEvent, Hold, Inbound
from tests.consent.core.doors import generic, infobip
from tests.consent.core.example import ACME_NUMBER, Organisation, ask, key_of

pytestmark = pytest.mark.django_db


def incoming(place: int, text: str) -> dict[str, Any]:
    return {
        "messageId": f"81779031323506644{place}",
        "from": f"1415555010{place}",
        "to": ACME_NUMBER,
        "text": text,
        "cleanText": text,
        "receivedAt": "2026-03-03T08:00:00.000+0000",
        "smsCount": 1,
    }


def test_each_message_of_a_batch_is_an_inbound_of_its_own(organisation: Organisation, client: Client) -> None:
    batch = [incoming(place, words) for place, words in enumerate(("STOP", "hello there", "STOP"))]
    assert infobip(client, batch).status_code == 200
    rows = list(Inbound.objects.order_by("id"))
    envelopes = [open_envelope(row.sealed_raw or b"") for row in rows]
    assert [envelope.part_of for envelope in envelopes] == [None, rows[0].pk, rows[0].pk]
    assert [bool(envelope.body) for envelope in envelopes] == [True, False, False]
    assert len({bytes(row.digest) for row in rows}) == 1
    assert all("authorization" not in envelope.headers for envelope in envelopes)
    pipeline.drain()
    assert [row.outcome for row in Inbound.objects.order_by("id")] == ["opt_out", "none", "opt_out"]


def test_a_batch_that_overlaps_an_earlier_one_adds_only_what_is_new(organisation: Organisation, client: Client) -> None:
    infobip(client, [incoming(0, "STOP"), incoming(1, "STOP")])
    for _ in range(3):
        assert infobip(client, [incoming(1, "STOP"), incoming(2, "STOP")]).status_code == 200
    assert Inbound.objects.count() == 3
    newest = Inbound.objects.order_by("-id")[0]
    assert open_envelope(newest.sealed_raw or b"").body  # the bytes of the second request stand with what it brought


def test_one_bad_number_in_a_batch_costs_no_other_its_word(organisation: Organisation, client: Client) -> None:
    infobip(client, [incoming(0, "STOP") | {"from": "Info"}, incoming(1, "STOP")])
    pipeline.drain()
    assert ask(organisation, "offers", [key_of("sms", "+14155550101")], "sms").reason == "opted_out"
    assert list(Inbound.objects.order_by("id").values_list("state", flat=True)) == ["review", "done"]


def test_what_we_do_not_know_is_answered_recorded_and_changes_nothing(
    organisation: Organisation, client: Client
) -> None:
    report = {
        "messageId": "1",
        "to": "14155550101",
        "status": {"name": "SOMETHING_NEW"},
        "doneAt": "2026-03-03T08:00:00.000+0000",
    }
    assert infobip(client, [report]).status_code == 200
    pipeline.drain()
    row = Inbound.objects.get()
    assert (row.state, row.outcome, row.rule) == ("done", "report", "SOMETHING_NEW")
    assert (ConsentEvent.objects.count(), Hold.objects.count()) == (0, 0)


def test_an_empty_batch_is_answered_and_writes_nothing(organisation: Organisation, client: Client) -> None:
    assert infobip(client, []).status_code == 200
    assert not Inbound.objects.exists()


@pytest.mark.parametrize("wrong", [{"text": "STOP"}, 7, None, incoming(1, "STOP") | {"messageId": {}}])
def test_an_entry_that_cannot_be_read_spoils_no_other_and_is_shown_to_a_person(
    organisation: Organisation, client: Client, wrong: Any
) -> None:
    for _ in range(2):
        assert infobip(client, [wrong, incoming(0, "STOP")]).status_code == 200
    pipeline.drain()
    assert ask(organisation, "offers", [key_of("sms", "+14155550100")], "sms").reason == "opted_out"
    assert sorted(Inbound.objects.values_list("state", flat=True)) == ["done", "review"]
    held = Inbound.objects.get(state="review")
    assert held.rule.startswith("unreadable: results[0]")
    message = open_envelope(held.sealed_raw or b"").message
    assert message is not None
    assert json.loads(message.text) == wrong


def test_the_number_of_an_entry_that_cannot_be_read_is_held_until_a_person_decides(
    organisation: Organisation, client: Client
) -> None:
    key = key_of("sms", "+14155550101")
    infobip(client, [incoming(0, "hello there"), incoming(1, "STOP") | {"messageId": ["7"]}])
    assert ask(organisation, "offers", [key], "sms").reason == "held"
    pipeline.drain()
    assert ask(organisation, "offers", [key], "sms").reason == "held"
    assert ask(organisation, "offers", [key_of("sms", "+14155550100")], "sms").reason != "held"
    assert [row.key for row in Hold.objects.all()] == [key]


@pytest.mark.parametrize("results", [[{"text": "STOP"}, 7], [7], "STOP", {}])
def test_a_batch_of_which_nothing_can_be_read_is_refused(
    organisation: Organisation, client: Client, results: Any
) -> None:
    assert infobip(client, results).status_code == 400
    assert not Inbound.objects.exists()


def test_an_id_used_again_for_other_words_is_another_message(organisation: Organisation, client: Client) -> None:
    for number, words in (("+14155550123", "STOP"), ("+14155550124", "STOP"), ("+14155550123", "START")):
        assert generic(client, number, words, "the same id").status_code == 200
    assert Inbound.objects.count() == 3


@pytest.mark.parametrize(
    "path", ["/webhooks/sms/generic/globex", "/webhooks/sms/nobody/acme", "/webhooks/sms/twilio/acme"]
)
def test_an_account_that_is_not_there_looks_like_a_bad_signature(
    organisation: Organisation, client: Client, path: str
) -> None:
    refused = [
        client.post(one, data=b"{}", content_type="application/json") for one in (path, "/webhooks/sms/generic/acme")
    ]
    assert [(answer.status_code, answer.content) for answer in refused] == [(403, refused[0].content)] * 2
    assert not Inbound.objects.exists()
