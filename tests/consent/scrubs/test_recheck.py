"""Asking about a scrub again finds what changed since, and nothing else."""

from datetime import timedelta

import pytest
from django.utils import timezone

from consent.models import Permission, Scrub, Suppression
from consent.models.vocabulary import Basis
from consent.scrubs import rechecking
from consent.scrubs.rechecking import recheck
from tests.consent.core.example import Organisation, entry, key_of, make_organisation, record
from tests.consent.runs.press import address, file_of, row
from tests.consent.runs.press import refuse as refuse_post
from tests.consent.scrubs.desk import refuse, scrubbed

pytestmark = pytest.mark.django_db

PEOPLE = [f"p{number}@example.org" for number in range(30)]
FILE = "".join(["n,email\n", *(f'"{number}\n",{person}\n' for number, person in enumerate(PEOPLE))]).encode()


@pytest.fixture
def organisation(db: None) -> Organisation:
    made = make_organisation()
    refuse(made, PEOPLE[3])
    return made


def changes(scrub: Scrub) -> list[tuple[int, bool, str]]:
    return [(change.row, change.allowed, change.reason) for change in recheck(scrub, 0, 100).changes]


def test_a_no_said_since_and_one_taken_back_are_found_by_row_and_line(organisation: Organisation) -> None:
    scrub = scrubbed(organisation, FILE)
    assert recheck(scrub, 0, 10).changes == []
    refuse(organisation, PEOPLE[7], "stranger@example.org")
    now = timezone.now()
    record(entry(key_of("email", PEOPLE[3]), organisation.scope("acme"), "grant", basis="opt_in", occurred_at=now))
    found = recheck(scrub, 0, 10)
    assert [change._asdict() for change in found.changes] == [
        {"row": 4, "line": 8, "allowed": True, "reason": "opt_out_basis"},
        {"row": 8, "line": 16, "allowed": False, "reason": "opted_out"},
    ]
    assert (found.now_denied, found.now_allowed, found.after) == (1, 1, None)
    assert found.position["ledger_line"] == (scrub.ledger_seq or 0) + 3
    paged = recheck(scrub, 0, 1)
    assert ([change.row for change in paged.changes], paged.after) == ([4], 4)
    assert [change.row for change in recheck(scrub, 4, 1).changes] == [8]


def test_nobody_elses_word_touches_a_row(organisation: Organisation) -> None:
    scrub = scrubbed(organisation, FILE)
    refuse(organisation, PEOPLE[5], scope="globex")
    refuse(organisation, PEOPLE[6], scope="events")
    assert changes(scrub) == []


def test_pauses_and_permissions_that_ended_meanwhile_are_found(organisation: Organisation) -> None:
    soon, scope = timezone.now() + timedelta(days=1), organisation.scope("acme")
    record(entry(key_of("email", PEOPLE[1]), scope, "withdraw", "paused", expires_at=soon))
    record(entry(key_of("email", PEOPLE[2]), scope, "grant", basis="opt_in", expires_at=soon))
    paused, granted = scrubbed(organisation, FILE), scrubbed(organisation, FILE, topic="newsletter")
    past = timezone.now() - timedelta(seconds=1)
    Scrub.objects.update(checked_at=past - timedelta(hours=1))
    Suppression.objects.filter(until=soon).update(until=past)
    Permission.objects.filter(until=soon).update(until=past)
    for scrub, expected in ((paused, (2, True, "opt_out_basis")), (granted, (3, False, "expired"))):
        scrub.refresh_from_db()
        assert changes(scrub) == [expected]


def test_other_rules_of_the_topic_decide_every_row_anew(organisation: Organisation) -> None:
    scrub = scrubbed(organisation, FILE)
    organisation.topics["offers"].channels.filter(channel="email").update(basis=Basis.OPT_IN)
    found = recheck(scrub, 0, 100)
    assert (found.now_denied, found.now_allowed) == (29, 0)
    assert {change.reason for change in found.changes} == {"no_consent"}


def test_too_many_changes_decide_every_row_anew(organisation: Organisation, monkeypatch: pytest.MonkeyPatch) -> None:
    scrub = scrubbed(organisation, FILE)
    refuse(organisation, *PEOPLE[10:15])
    monkeypatch.setattr(rechecking, "MOST_CHANGED", 2)
    assert [row for row, _, _ in changes(scrub)] == [11, 12, 13, 14, 15]


def test_a_postal_denial_in_another_spelling_is_found(organisation: Organisation) -> None:
    file = file_of(row("Jane Roe", "102 Main St", "A1"), row("Ann Lee", "9 Oak Ave Apt 2", "A2"), "x,,,,,A3")
    scrub = scrubbed(organisation, file, channel="post")
    assert changes(scrub) == []
    refuse_post(organisation, address("Ms. Jane Roe", "102 MAIN STREET"))
    refuse_post(organisation, address("", "9 Oak Ave"))
    assert changes(scrub) == [(1, False, "opted_out"), (2, False, "held")]


def test_a_scrub_whose_rules_changed_under_way_is_always_decided_anew(organisation: Organisation) -> None:
    scrub = scrubbed(organisation, FILE)
    Scrub.objects.update(rules="", ledger_seq=10**9)
    scrub.refresh_from_db()
    refuse(organisation, PEOPLE[9])
    assert changes(scrub) == [(10, False, "opted_out")]
