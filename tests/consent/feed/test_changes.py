"""Each real change of a suppression or permission is told once, in its order, to whom it concerns."""

from random import Random
from typing import Any

import pytest
from django.db import connection

from consent import changes, rebuilding
from consent.models import Change, LedgerHead, Permission, Suppression
from consent.pseudonyms import ids_of
from tests.consent.core.example import Organisation, ago, entry, key_of, record
from tests.each import each

pytestmark = pytest.mark.django_db

KEY, OTHER = key_of("email", "ann.lee@example.com"), key_of("email", "bo.chen@example.com")
NAMED_BY = ("key", "controller_id", "topic_id", "cause", "sender")


def told() -> list[tuple[str, str]]:
    return list(Change.objects.order_by("seq").values_list("kind", "cause"))


def test_a_no_is_told_as_it_comes_and_as_it_goes(organisation: Organisation) -> None:
    acme = organisation.scope("acme")
    record(entry(KEY, acme, "withdraw", "stop", channel="sms", occurred_at=ago(hours=2)))
    record(entry(KEY, acme, "lift", "stop", channel="sms", occurred_at=ago(hours=1)))
    assert told() == [("suppression.added", "stop"), ("suppression.lifted", "stop")]
    assert set(Change.objects.values_list("channel", flat=True)) == {"sms"}


def test_a_yes_is_told_as_it_comes_and_as_it_goes(organisation: Organisation) -> None:
    scope = organisation.scope("newsletter")
    record(entry(KEY, scope, "grant", occurred_at=ago(hours=2)))
    record(entry(KEY, scope, "withdraw", "choice", occurred_at=ago(hours=1)))
    assert told() == [("consent.granted", ""), ("suppression.added", "choice"), ("consent.withdrawn", "")]


def test_what_changes_nothing_is_not_told(organisation: Organisation) -> None:
    acme = organisation.scope("acme")
    record(entry(KEY, acme, "withdraw", "choice", occurred_at=ago(hours=3)))
    record(entry(KEY, acme, "withdraw", "choice", occurred_at=ago(hours=2)))
    record(entry(KEY, acme, "lift", "hard_bounce"))
    assert told() == [("suppression.added", "choice")]


def test_a_pause_that_is_made_longer_is_told_again(organisation: Organisation) -> None:
    for number, days in enumerate((1, 5)):
        said = {"occurred_at": ago(hours=2 - number), "expires_at": ago(days=-days)}
        record(entry(KEY, organisation.scope("acme"), "object", "paused", **said))
    assert told() == [("suppression.added", "paused")] * 2
    assert Change.objects.get(seq=2).until == Suppression.objects.get().until


def replayed(kinds: tuple[str, str]) -> set[tuple[Any, ...]]:
    """What somebody has who put every change into a copy."""
    copy: dict[tuple[Any, ...], tuple[Any, ...]] = {}
    for one in Change.objects.filter(kind__in=kinds).order_by("seq"):
        name = tuple(getattr(one, column) for column in NAMED_BY)
        if one.kind == kinds[0]:
            copy[name] = (*name, one.since, one.until, one.event_id, one.channel)
        else:
            del copy[name]  # what was never there cannot go
    return set(copy.values())


def test_whoever_follows_every_change_has_what_the_tables_have(organisation: Organisation) -> None:
    random = Random(11)
    keys = [key_of("email", f"p{number}@example.com") for number in range(8)]
    scopes = [organisation.scope(name) for name in ("everything", "acme", "offers", "newsletter", "globex")]
    for _ in range(120):
        said = random.choice([("withdraw", "choice"), ("withdraw", "stop"), ("grant", ""), ("lift", "stop")])
        when = ago(minutes=random.randrange(500))
        record(entry(random.choice(keys), random.choice(scopes), *said, occurred_at=when))
    columns = ("since", "until", "event_id", "channel")
    denials = set(Suppression.objects.values_list(*NAMED_BY, *columns))
    assert replayed(("suppression.added", "suppression.lifted")) == denials
    grants = {(*row[:3], "", "", *row[3:]) for row in Permission.objects.values_list(*NAMED_BY[:3], *columns)}
    assert replayed(("consent.granted", "consent.withdrawn")) == grants
    numbers = list(Change.objects.order_by("seq").values_list("seq", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))
    assert LedgerHead.objects.get().change_seq == len(numbers) > 60


def test_what_a_rebuild_changes_is_told_and_nothing_else(organisation: Organisation) -> None:
    acme = organisation.scope("acme")
    record(entry(KEY, acme, "withdraw", "choice"), entry(OTHER, acme, "withdraw", "stop"))
    last = changes.position()
    rebuilding.rebuild()
    assert changes.since(last, organisation.acme.pk).changes == ()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM consent_suppression WHERE cause = 'stop'")
        cursor.execute("UPDATE consent_suppression SET cause = 'minor'")
    rebuilding.rebuild()
    assert sorted(told()[2:]) == [
        ("suppression.added", "choice"),
        ("suppression.added", "stop"),
        ("suppression.lifted", "minor"),
    ]


def test_a_controller_is_told_its_own_and_what_reaches_everyone(organisation: Organisation) -> None:
    for number, name in enumerate(("globex", "acme", "everything", "offers", "globex")):
        record(entry(key_of("email", f"p{number}@example.com"), organisation.scope(name), "withdraw", "choice"))
    page = changes.since(changes.START, organisation.acme.pk)
    assert [row[0] for row in page.changes] == [2, 3, 4]
    assert page.is_end
    assert page.next == changes.position()
    assert [row[0] for row in changes.since(changes.START, organisation.globex.pk).changes] == [1, 3, 5]


def test_reading_on_from_each_page_gives_all_once(organisation: Organisation) -> None:
    for number in range(7):
        scope = organisation.scope("globex" if number in (2, 5) else "acme")
        record(entry(key_of("email", f"p{number}@example.com"), scope, "withdraw", "choice"))
    cursor, seen = changes.START, []
    for _ in range(9):
        page = changes.since(cursor, organisation.acme.pk, limit=2)
        cursor = page.next
        seen += [row[0] for row in page.changes]
        if page.is_end:
            break
    assert seen == [1, 2, 4, 5, 7]
    assert changes.since(cursor, organisation.acme.pk) == ((), cursor, True)


@each("cursor", ["", "x", "-1", "1", "1-000000000000", "99-000000000000", "²-1", "9" * 40])
def test_a_cursor_that_is_none_of_ours_leads_nowhere(organisation: Organisation, cursor: str) -> None:
    record(entry(KEY, organisation.scope("acme"), "withdraw", "choice"))
    with pytest.raises(changes.Lost):
        changes.since(cursor, organisation.acme.pk)


def test_a_cursor_of_before_a_backup_was_restored_leads_nowhere(organisation: Organisation) -> None:
    acme = organisation.scope("acme")
    record(entry(KEY, acme, "withdraw", "choice"))
    after_the_backup = changes.position()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM consent_change")
        cursor.execute("UPDATE consent_ledgerhead SET change_seq = 0")
    with pytest.raises(changes.Lost):
        changes.since(after_the_backup, organisation.acme.pk)
    record(entry(OTHER, acme, "withdraw", "choice"))
    with pytest.raises(changes.Lost):
        changes.since(after_the_backup, organisation.acme.pk)


def test_where_old_changes_were_removed_only_later_cursors_lead_on(organisation: Organisation) -> None:
    cursors = []
    for number in range(3):
        record(entry(key_of("email", f"p{number}@example.com"), organisation.scope("acme"), "withdraw", "choice"))
        cursors.append(changes.position())
    Change.objects.filter(seq__lt=2).delete()
    for gone in (changes.START, cursors[0]):
        with pytest.raises(changes.Lost):
            changes.since(gone, organisation.acme.pk)
    assert [row[0] for row in changes.since(cursors[1], organisation.acme.pk).changes] == [3]


def test_an_id_is_of_one_controller_alone_and_never_the_key() -> None:
    [first], [second] = ids_of(1, [KEY]), ids_of(2, [KEY])
    assert first != second
    assert KEY.hex() not in (first, second)
    assert ids_of(1, [OTHER, KEY])[1] == first
