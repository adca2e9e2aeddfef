"""From a report to what a check says: whose failure it is, and how sure we are."""

from datetime import timedelta

import pytest
from django.utils import timezone

from consent import mailbox, pipeline
from consent.models import ConsentEvent, CountedBounce, Hold, Inbound
from consent.tokens import Token, make_token
from tests.consent.bounces.conftest import Arrive
from tests.consent.bounces.reports import BOX, DEAD, FULL, JANE, SPAM, id_of, report
from tests.consent.core.example import MAILBOX, Organisation, ask, entry, key_of, record

pytestmark = pytest.mark.django_db


def reason(organisation: Organisation, topic: str = "service", address: str = JANE) -> str:
    return ask(organisation, topic, [key_of("email", address)]).reason


def test_each_way_in_which_our_id_comes_back_is_a_proof(arrive: Arrive, organisation: Organisation) -> None:
    """A report each, about a person each."""
    acme, wrong = organisation.scope("acme"), []
    people = {name: f"{name}@home.example" for name in ("field", "link", "mailto", "verp", "message", "envid", "reply")}
    ids = {name: id_of(organisation, address) for name, address in people.items()}
    tokens = {name: make_token(Token("email", acme, key_of("email", address))) for name, address in people.items()}
    given = {
        "field": {"returned": f"X-Sayso-Id: {ids['field'].upper()}"},
        "link": {"returned": f"List-Unsubscribe: <https://sayso.example/u/{tokens['link']}>"},
        "mailto": {"returned": f"List-Unsubscribe: <mailto:{MAILBOX}?subject=unsubscribe%20{tokens['mailto']}>"},
        "verp": {"to": f"bounces+{ids['verp']}@acme.example"},
        "message": {"returned": f"Message-ID: <{ids['message']}@acme.example>"},
        "envid": {"message": f"Original-Envelope-Id: {ids['envid']}\n"},
    }
    for number, (name, how) in enumerate(given.items()):
        arrive(report((people[name], DEAD), number=number, **how), to=how.get("to", BOX))
        if reason(organisation, address=people[name]) != "hard_bounce":
            wrong.append(name)
    assert wrong == []
    assert not CountedBounce.objects.exists()


def test_a_copy_in_plain_words_carries_the_id_too(arrive: Arrive, organisation: Organisation) -> None:
    qmail = (
        f"From: MAILER-DAEMON@mx.example\nTo: {BOX}\nSubject: failure notice\n\n"
        "Hi. This is the qmail-send program at mx.example.\nI'm afraid I wasn't able to deliver your message to the\n"
        f"following addresses. This is a permanent error; I've given up.\n\n<{JANE}>:\nSorry, no mailbox here by that "
        f"name. (#5.1.1)\n\n--- Below this line is a copy of the message.\n\nX-Sayso-Id: {id_of(organisation)}\n"
    )
    arrive(qmail.encode())
    assert reason(organisation) == "hard_bounce"


def test_the_id_names_the_person_whatever_forwarding_made_of_the_address(
    arrive: Arrive, organisation: Organisation
) -> None:
    arrive(report(("j1@relay.example", DEAD), returned=f"X-Sayso-Id: {id_of(organisation)}"))
    assert (reason(organisation), reason(organisation, address="j1@relay.example")) == ("hard_bounce", "service")


def test_of_several_behind_one_address_some_may_live(arrive: Arrive, organisation: Organisation) -> None:
    failures = [(f"{name}@relay.example", DEAD) for name in "ab"]
    arrive(report(*failures, returned=f"X-Sayso-Id: {id_of(organisation)}"))
    assert reason(organisation) == "service"
    assert [bytes(row.key) for row in CountedBounce.objects.all()] == [key_of("email", JANE)]


def test_the_report_is_obeyed_before_it_is_worked_off(organisation: Organisation) -> None:
    mailbox.accept_mail(report((JANE, DEAD), returned=f"X-Sayso-Id: {id_of(organisation)}"), "", [BOX])
    assert reason(organisation, "offers") == "held"


def test_what_proves_nothing_silences_nobody_at_once(arrive: Arrive, organisation: Organisation) -> None:
    globex, old = id_of(organisation, controller="globex"), id_of(organisation, days_ago=31)
    known = id_of(organisation)
    forged = known[:-2] + ("b" if known[-2] == "a" else "a") + known[-1]
    cases = ["", f"X-Sayso-Id: {globex}", f"X-Sayso-Id: {old}", f"X-Sayso-Id: {forged}"]
    for number, returned in enumerate(cases):
        arrive(report((JANE, DEAD), returned=returned, number=number))
        assert reason(organisation) == "service", returned
    assert not Hold.objects.exists()
    assert not ConsentEvent.objects.exists()
    assert {row.outcome for row in Inbound.objects.all()} == {"bounce"}
    [row] = CountedBounce.objects.all()
    assert (row.times, row.proved) == (4, False)


def test_a_classic_return_path_finds_the_person_and_proves_nothing(arrive: Arrive, organisation: Organisation) -> None:
    to = "bounces+jane=home.example@acme.example"
    arrive(report(("someone@relay.example", DEAD), to=to), to=to)
    [row] = CountedBounce.objects.all()
    assert (bytes(row.key), row.proved) == (key_of("email", JANE), False)


def test_only_failures_of_the_address_count(arrive: Arrive, organisation: Organisation) -> None:
    ours = f"X-Sayso-Id: {id_of(organisation)}"
    for number, failure in enumerate((SPAM, ("5.0.0", "554 rejected"), ("4.7.1", "451 greylisted, try later"))):
        arrive(report((JANE, failure), returned=ours, number=number))
    arrive(report((JANE, FULL), returned=ours, action="delayed", number=9))
    assert not CountedBounce.objects.exists()
    arrive(report((JANE, FULL), returned=ours, number=10))
    assert CountedBounce.objects.get().proved


def test_the_beginning_of_a_large_report_is_enough(organisation: Organisation) -> None:
    raw = report((JANE, DEAD), returned=f"X-Sayso-Id: {id_of(organisation)}")
    mailbox.accept_mail(raw[: raw.rindex(b"--b--")], "", [BOX], cut=True)
    pipeline.drain()
    assert reason(organisation) == "hard_bounce"


def test_a_bounce_stands_beside_an_unsubscribe(arrive: Arrive, organisation: Organisation) -> None:
    record(entry(key_of("email", JANE), organisation.scope("acme"), "withdraw", "choice"))
    arrive(report((JANE, DEAD), returned=f"X-Sayso-Id: {id_of(organisation)}"))
    verdict = ask(organisation, "offers", [key_of("email", JANE)])
    assert (verdict.reason, list(verdict.also)) == ("opted_out", ["hard_bounce"])
    assert reason(organisation) == "hard_bounce"


def test_a_report_in_strange_words_about_whom_the_id_names(arrive: Arrive, organisation: Organisation) -> None:
    to = f"bounces+{id_of(organisation)}@acme.example"
    words = "From: MAILER-DAEMON@mx.example\nTo: {0}\nSubject: Undeliverable\n\n{1}\n"
    arrive(words.format(to, "Diese Adresse ist unbekannt. (5.1.1)").encode(), to=to)
    assert reason(organisation) == "hard_bounce"


def test_a_responder_at_our_return_path_is_no_failure(arrive: Arrive, organisation: Organisation) -> None:
    to = f"bounces+{id_of(organisation)}@acme.example"
    said = ("Jane no longer works here.", "I am away until Monday.", "Please confirm that you are a person: <link>.")
    for subject in ("Automatic reply: Offers", "Out of office: Offers", "Please confirm your message"):
        for words in said:
            head = f"From: jane@home.example\nTo: {to}\nReturn-Path: <>\nAuto-Submitted: auto-replied\n"
            arrive(f"{head}Subject: {subject}\n\n{words}\n".encode(), to=to)
    assert reason(organisation) == "service"
    assert not CountedBounce.objects.exists()


def test_a_report_of_delivery_forgets_and_lifts_nothing(arrive: Arrive, organisation: Organisation) -> None:
    ours = f"X-Sayso-Id: {id_of(organisation)}"
    arrive(report((JANE, FULL), returned=ours), at=timezone.now() - timedelta(hours=2))
    arrive(report((JANE, ("2.0.0", "250 ok")), action="delivered", number=1))
    assert CountedBounce.objects.exists()
    arrive(report((JANE, ("2.0.0", "250 ok")), action="delivered", returned=ours, number=2))
    assert not CountedBounce.objects.exists()
    arrive(report((JANE, DEAD), returned=ours, number=3), at=timezone.now() - timedelta(hours=1))
    arrive(report((JANE, ("2.0.0", "250 ok")), action="delivered", returned=ours, number=4))
    assert reason(organisation) == "hard_bounce"
