"""Answers where a STOP is confined to a number or a programme: each number of ours confirms its own, once."""

import pytest

from consent.models import Sender, Suppression
from tests.consent.answers.texting import NUMBER, Desk
from tests.consent.core.example import ACME_NUMBER, ask, key_of
from tests.consent.core.test_ledger import differences

pytestmark = pytest.mark.django_db
ELSEWHERE = "55501"


def reasons(desk: Desk, sender: str | None = None) -> list[str]:
    key = key_of("sms", NUMBER)
    return [ask(desk.organisation, topic, [key], "sms", sender).reason for topic in ("offers", "events", "service")]


def senders(desk: Desk) -> None:
    for address in (ACME_NUMBER, ELSEWHERE):
        Sender.objects.create(controller=desk.organisation.acme, channel="sms", kind="sender", address=address)


def test_each_number_confirms_the_stop_that_it_was_sent(desk: Desk) -> None:
    senders(desk)
    desk.answer_by("api", stop_scope="sender")
    for recipient in (ACME_NUMBER, ACME_NUMBER, ELSEWHERE, ELSEWHERE):
        desk.text("STOP", recipient=recipient)
    assert desk.errands() == [("stopped", "done")] * 2
    desk.text("START", recipient=ELSEWHERE)
    assert desk.errands()[2:] == [("started", "done")]
    assert reasons(desk, ACME_NUMBER) == ["opted_out"] * 3
    assert reasons(desk, ELSEWHERE) == ["opt_out_basis", "opt_out_basis", "service"]
    assert not differences()


def test_a_stop_of_a_programme_is_confirmed_once_and_its_start_answered(desk: Desk) -> None:
    desk.answer_by("api", stop_scope="programme", programme="offers,service")
    desk.text("STOP")
    desk.text("Stop!")
    assert reasons(desk) == ["opted_out", "opt_out_basis", "opted_out"]
    desk.text("START")
    assert desk.errands() == [("stopped", "done"), ("started", "done")]
    assert not Suppression.objects.exists()


@pytest.mark.parametrize(
    "options", [{"stop_scope": "sender"}, {"stop_scope": "programme", "programme": "offers,events"}]
)
def test_a_menu_keeps_what_was_chosen_however_far_the_stop_reached(desk: Desk, options: dict[str, str]) -> None:
    desk.answer_by("api", menu="offers,events", **options)
    desk.text("STOP")
    assert reasons(desk)[:2] == ["opted_out"] * 2
    desk.text("2")
    assert reasons(desk) == ["opted_out", "opt_out_basis", "service"]
    assert not differences()
    desk.text("STOP")
    assert reasons(desk)[:2] == ["opted_out"] * 2
