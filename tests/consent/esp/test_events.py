"""From a provider's post to what a check says."""

from typing import Any

import pytest
from django.db import DatabaseError

from consent import inbox, mail_webhooks, pipeline
from consent.inbox import open_envelope
from consent.models import ConsentEvent, Hold, Inbound, Review
from consent.tokens import Token, make_token
from tests.consent.core.example import Organisation, ask, entry, key_of, record
from tests.consent.core.test_ledger import differences
from tests.consent.esp.conftest import Send
from tests.consent.esp.posts import AT, BATCHES, ESPS, WHO, Esp

pytestmark = pytest.mark.django_db
every_esp = pytest.mark.parametrize("esp", ESPS.values(), ids=lambda esp: esp.name)


def reason(organisation: Organisation, topic: str, address: str = WHO) -> str:
    return ask(organisation, topic, [key_of("email", address)]).reason


def drain() -> None:
    pipeline.drain()
    assert not differences()


@every_esp
def test_a_dead_address_is_silent_from_the_answer_on(esp: Esp, send: Send, organisation: Organisation) -> None:
    assert send(esp.name, esp.post(esp.bounce(WHO))).status_code == 200
    assert reason(organisation, "offers") == "held"
    drain()
    assert reason(organisation, "offers") == reason(organisation, "service") == "hard_bounce"
    assert Inbound.objects.get().outcome == "bounce"
    assert not Hold.objects.exists()


@pytest.mark.parametrize("esp", [esp for esp in ESPS.values() if esp.opt_out], ids=lambda esp: esp.name)
def test_an_unsubscribe_leaves_service_messages_alone(esp: Esp, send: Send, organisation: Organisation) -> None:
    assert esp.opt_out
    send(esp.name, esp.post(esp.opt_out(WHO)))
    assert reason(organisation, "offers") == "held"
    drain()
    assert reason(organisation, "offers") == "opted_out"
    assert reason(organisation, "service") == "service"


@pytest.mark.parametrize("esp", [esp for esp in ESPS.values() if esp.name != "postal"], ids=lambda esp: esp.name)
def test_a_complaint(esp: Esp, send: Send, organisation: Organisation) -> None:
    send(esp.name, esp.post(esp.complaint(WHO)))
    drain()
    assert reason(organisation, "offers") == "complaint"
    assert reason(organisation, "service") == "service"


def test_a_bounce_stands_beside_an_earlier_unsubscribe(send: Send, organisation: Organisation) -> None:
    record(entry(key_of("email", WHO), organisation.scope("acme"), "withdraw", "choice"))
    esp = ESPS["postmark"]
    send(esp.name, esp.post(esp.bounce(WHO)))
    drain()
    verdict = ask(organisation, "offers", [key_of("email", WHO)])
    assert {verdict.reason, *verdict.also} == {"opted_out", "hard_bounce"}
    assert reason(organisation, "service") == "hard_bounce"
    assert list(ConsentEvent.objects.order_by("seq").values_list("cause", flat=True)) == ["choice", "hard_bounce"]


@pytest.mark.parametrize("name", BATCHES)
def test_a_bad_neighbour_costs_no_event_its_word(name: str, send: Send, organisation: Organisation) -> None:
    esp = ESPS[name]
    strange = {"event": ["not", "a", "text"], "email": "bob@example.org"}
    post = esp.post(esp.bounce("ann@example.org"), strange, esp.bounce("zoe@example.org"))
    assert send(name, post).status_code == 200
    rows = list(Inbound.objects.order_by("id"))
    assert len(rows) == 3
    envelopes = [open_envelope(row.sealed_raw or b"") for row in rows]
    assert [bool(envelope.body) for envelope in envelopes].count(True) == 1
    assert {envelope.part_of for envelope in envelopes} == {None, rows[0].pk}
    assert reason(organisation, "offers", "bob@example.org") == "held"
    drain()
    assert reason(organisation, "offers", "ann@example.org") == "hard_bounce"
    assert reason(organisation, "offers", "zoe@example.org") == "hard_bounce"
    assert reason(organisation, "offers", "bob@example.org") == "held"
    assert Review.objects.count() == 1


def test_a_batch_that_overlaps_an_earlier_one_adds_only_what_is_new(send: Send) -> None:
    esp = ESPS["sendgrid"]
    ann, bob, zoe = (esp.bounce(f"{name}@example.org") for name in ("ann", "bob", "zoe"))
    send(esp.name, esp.post(ann, bob))
    for _ in range(2):
        assert send(esp.name, esp.post(bob, zoe)).status_code == 200
    assert Inbound.objects.count() == 3
    assert open_envelope(Inbound.objects.order_by("-id")[0].sealed_raw or b"").body


def test_a_yes_is_never_taken_from_a_provider(send: Send, organisation: Organisation) -> None:
    event = {"event": "group_resubscribe", "email": WHO, "timestamp": AT, "sg_event_id": "r"}
    send("sendgrid", ESPS["sendgrid"].post(ESPS["sendgrid"].bounce(WHO) | {"event": "unsubscribe"}))
    send("sendgrid", ESPS["sendgrid"].post(event))
    drain()
    assert reason(organisation, "offers") == "opted_out"
    assert reason(organisation, "newsletter") == "opted_out"


def test_an_unknown_event_is_recorded_and_counted(send: Send, organisation: Organisation) -> None:
    assert send("brevo", ESPS["brevo"].post({"event": "moon_phase", "email": WHO, "ts_epoch": AT})).status_code == 200
    drain()
    row = Inbound.objects.get()
    assert (row.outcome, row.rule) == ("unknown", "brevo.moon_phase")
    assert reason(organisation, "offers") == "opt_out_basis"


def test_the_token_of_our_link_tells_how_far_an_unsubscribe_reaches(send: Send, organisation: Organisation) -> None:
    token = make_token(Token("email", organisation.scope("offers"), key_of("email", WHO)))
    event = {"event": "unsubscribe", "email": WHO, "timestamp": AT, "sg_event_id": "t", "sayso_token": token}
    send("sendgrid", ESPS["sendgrid"].post(event))
    # A message to several carries the token of one of them.
    send("sendgrid", ESPS["sendgrid"].post(event | {"email": "bob@example.org", "sg_event_id": "u"}))
    drain()
    assert reason(organisation, "offers") == "opted_out"
    assert reason(organisation, "events") == "opt_out_basis"
    assert reason(organisation, "events", "bob@example.org") == "opted_out"


def test_of_several_recipients_all_are_held_until_a_person_has_looked(send: Send, organisation: Organisation) -> None:
    event = ESPS["resend"].complaint(WHO)
    event["data"]["cc"] = ["Bob <bob@example.org>"]
    send("resend", ESPS["resend"].post(event))
    drain()
    assert reason(organisation, "offers") == reason(organisation, "offers", "bob@example.org") == "held"
    assert reason(organisation, "service") == "service"
    assert Review.objects.get().suggestion == "opt_out"


def test_mail_at_the_address_for_events_is_a_mistake_that_is_told(send: Send) -> None:
    answer = send("postmark", ESPS["postmark"].post({"FromFull": {"Email": WHO}, "Subject": "hello"}))
    assert answer.status_code == 400
    assert b"url" in answer.content


def test_what_cannot_be_stored_is_not_acknowledged(send: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*given: Any) -> None:
        raise DatabaseError

    monkeypatch.setattr(inbox, "accept_many", down)
    esp = ESPS["sparkpost"]
    answer = send(esp.name, esp.post(esp.bounce("ann@example.org"), esp.bounce("bob@example.org")))
    assert answer.status_code == 503
    assert not Inbound.objects.exists()
    assert mail_webhooks.DEFAULT == "default"
