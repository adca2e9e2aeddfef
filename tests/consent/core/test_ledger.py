"""One writer, no line changed, no number skipped; and the tables beside the ledger say what its lines say."""

from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction

from consent import ledger, rebuilding
from consent.models import ConsentEvent, LedgerHead, Permission, Suppression
from consent.models.fields import public_id
from consent.normalise.keys import Key
from consent.suppression import PERMISSION_COLUMNS, SUPPRESSION_COLUMNS
from tests.consent.core.example import Organisation, ago, entry, key_of, record

pytestmark = pytest.mark.django_db

KEY = key_of("email", "ann.lee@example.com")


@contextmanager
def refused() -> Iterator[None]:
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        yield


@pytest.fixture
def lines(organisation: Organisation) -> list[UUID]:
    return list(record(*[entry(KEY, organisation.scope("acme"), "withdraw", "choice", ordinal=n) for n in range(3)]))


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE consent_consentevent SET action = 'grant'",
        "UPDATE consent_consentevent SET seq = seq",
        "DELETE FROM consent_consentevent WHERE seq = (SELECT max(seq) FROM consent_consentevent)",
        "TRUNCATE consent_consentevent CASCADE",
    ],
)
def test_the_database_refuses_to_change_a_line(lines: list[UUID], sql: str) -> None:
    with refused(), connection.cursor() as cursor:
        cursor.execute(sql)
    assert ConsentEvent.objects.count() == len(lines)


def test_the_orm_gets_no_further(lines: list[UUID]) -> None:
    line = ConsentEvent.objects.get(pk=lines[0])
    with refused():
        line.save()
    with refused():
        line.delete()
    with refused():
        ConsentEvent.objects.filter(pk=line.pk).update(action="grant")
    with refused():
        ConsentEvent.objects.all().delete()


def test_lines_are_numbered_without_gaps_even_after_a_writer_failed(organisation: Organisation) -> None:
    scope = organisation.scope("acme")
    first = entry(KEY, scope, "withdraw", "choice")
    record(first)
    with pytest.raises(IntegrityError), transaction.atomic():
        ledger.record([entry(KEY, scope, "grant"), first])
    record(entry(KEY, scope, "grant"), entry(KEY, scope, "withdraw", "stop"))
    numbers = list(ConsentEvent.objects.order_by("seq").values_list("seq", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))
    assert LedgerHead.objects.get().seq == len(numbers) == 3


def test_the_same_word_of_an_inbound_is_never_recorded_twice(organisation: Organisation) -> None:
    word = entry(KEY, organisation.scope("acme"), "withdraw", "choice")
    record(word)
    with pytest.raises(IntegrityError):
        record(word)
    record(word._replace(ordinal=1))
    assert ConsentEvent.objects.count() == 2


def test_nothing_to_record_takes_no_number(organisation: Organisation) -> None:
    assert record() == []
    assert LedgerHead.objects.get().seq == 0


def test_every_column_of_an_entry_is_kept(organisation: Organisation) -> None:
    said = entry(
        KEY,
        organisation.scope("newsletter"),
        "grant",
        ordinal=7,
        channel="email",
        basis="confirmed_opt_in",
        source="api:form",
        actor="key:sayso_abcdef",
        digest=b"d" * 32,
        expires_at=ago(days=-3),
        undoes=public_id(),
    )
    [number] = record(said)
    line = ConsentEvent.objects.get(pk=number)
    columns = set(said._fields) - {"scope", "digest", "notice"}
    assert {name: getattr(line, name) for name in columns} == {name: getattr(said, name) for name in columns}
    assert (line.controller_id, line.topic_id, bytes(line.digest)) == (*said.scope, said.digest)


def differences() -> list[rebuilding.Difference]:
    """What `rebuild --check` compares, without its own snapshot: a test is in a transaction already."""
    return [
        *rebuilding._differences("consent_suppression", SUPPRESSION_COLUMNS, 0),
        *rebuilding._differences("consent_permission", PERMISSION_COLUMNS, 1),
    ]


def test_a_rebuild_writes_what_is_there(organisation: Organisation) -> None:
    random = Random(3)
    keys = [key_of("email", f"p{number}@example.com") for number in range(9)]
    for _ in range(60):
        scope = organisation.scope(random.choice(("everything", "acme", "offers", "newsletter", "globex")))
        action, cause = random.choice((("grant", ""), ("withdraw", "choice"), ("withdraw", "stop"), ("lift", "choice")))
        record(entry(random.choice(keys), scope, action, cause, occurred_at=ago(minutes=random.randint(0, 20))))
    assert differences() == []
    held = [set(table.objects.values_list("key", "event_id")) for table in (Suppression, Permission)]
    assert all(held)
    rebuilding.rebuild()
    assert held == [set(table.objects.values_list("key", "event_id")) for table in (Suppression, Permission)]


def test_a_comparison_finds_what_was_added_taken_away_and_changed(organisation: Organisation) -> None:
    keys = sorted(key_of("email", f"p{number}@example.com") for number in range(4))
    record(*[entry(key, organisation.scope("acme"), "withdraw", "choice") for key in keys])
    Suppression.objects.filter(key=keys[0]).delete()
    Suppression.objects.filter(key=keys[1]).update(until=ago(days=1))
    [first] = ConsentEvent.objects.filter(key=keys[2])
    stranger = Key(b"\xff" * 16)
    Permission.objects.create(key=stranger, since=first.occurred_at, event=first, confirmed=True)
    found = [(one.table, one.missing, bytes(one.key)) for one in differences()]
    assert sorted(found) == sorted(
        [
            ("consent_suppression", True, bytes(keys[0])),
            ("consent_suppression", True, bytes(keys[1])),
            ("consent_suppression", False, bytes(keys[1])),
            ("consent_permission", False, bytes(stranger)),
        ]
    )
    rebuilding.rebuild()
    assert differences() == []


def test_a_comparison_reads_keys_with_more_lines_than_a_page(
    organisation: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rebuilding, "_PAGE", 3)
    for number in range(4):
        key = key_of("email", f"p{number}@example.com")
        record(*[entry(key, organisation.scope("acme"), "withdraw", "choice") for _ in range(1 + 2 * number)])
        record(*[entry(key, organisation.scope(scope), "withdraw", "stop") for scope in ("offers", "events", "double")])
    assert differences() == []
    Suppression.objects.filter(key=key).order_by("id")[0].delete()
    assert len(differences()) == 1
