"""Versions: what each row does from its commit on, what a next version lifts, and what never is."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from consent import ledger
from consent.configuration import EVERYTHING
from consent.models import BadRow, ConsentEvent, ContactPoint, Inbound, ListChunk, ListVersion, Suppression
from consent.outside import evidence, working
from consent.outside.ages import age_of, ages
from consent.outside.finishing import CannotConfirm, confirm
from consent.outside.making import BadList, make_list
from consent.outside.receiving import Given, OtherContent, Refused
from consent.story import read_story
from consent.suppression import derive
from tests.consent.core.example import Organisation, ago, entry, key_of, record
from tests.consent.outside.lists import a_list, bring_in, reason, reasons, take

pytestmark = pytest.mark.django_db

PEOPLE = [f"p{number}@example.com" for number in range(10)]
NEVER = "someone.else@example.com"


def emails(*addresses: str) -> str:
    return "\n".join(("email", *addresses)) + "\n"


def lift_by_staff(organisation: Organisation, address: str) -> None:
    scope = organisation.scope("acme")
    record(entry(key_of("email", address), scope, "lift", "listed", occurred_at=datetime.now(UTC)))


def agrees_with_the_ledger() -> bool:
    """Every suppression is what its key's lines amount to."""
    keys = list(ConsentEvent.objects.values_list("key", flat=True).distinct())
    derived = {(d.key, d.cause, d.sender, d.since) for d in derive(ledger.lines_of(keys)).denials}
    return derived == set(Suppression.objects.values_list("key", "cause", "sender", "since"))


def test_a_next_version_lifts_what_it_no_longer_names(organisation: Organisation) -> None:
    of = a_list(organisation, "no-mail", "other")
    first = bring_in(of, emails(*PEOPLE), "2026-09-01")
    assert (first.number, first.state, first.added, first.bad) == (1, "current", 10, 0)
    assert reasons(organisation, "email", *PEOPLE[:2], NEVER) == ["listed", "listed", "opt_out_basis"]
    assert reason(organisation, "email", PEOPLE[0], "service") == "service"
    second = bring_in(of, emails(*PEOPLE[2:], NEVER), "2026-10-01")
    assert (second.state, second.added, second.kept, second.to_drop, second.dropped) == ("current", 1, 8, 2, 2)
    assert reasons(organisation, "email", *PEOPLE[:3], NEVER) == ["opt_out_basis"] * 2 + ["listed"] * 2
    assert ListVersion.objects.get(pk=first.pk).state == "replaced"
    assert agrees_with_the_ledger()
    third = bring_in(of, emails(*PEOPLE, NEVER), "2026-11-01")
    assert (third.added, third.kept) == (2, 9)
    assert reasons(organisation, "email", *PEOPLE[:2]) == ["listed", "listed"]
    assert not ListChunk.objects.exists()


def test_it_lifts_for_this_list_alone(organisation: Organisation) -> None:
    """Another list, the person's own no and staff's word stay, and say what they said."""
    one, other = a_list(organisation, "one", "other"), a_list(organisation, "other", "other")
    bring_in(one, emails(*PEOPLE), "2026-09-01")
    bring_in(other, emails(PEOPLE[0]), "2026-09-01")
    scope = organisation.scope("acme")
    record(entry(key_of("email", PEOPLE[1]), scope, "withdraw", "choice", occurred_at=ago(days=1)))
    record(entry(key_of("email", PEOPLE[2]), scope, "object", "listed", occurred_at=ago(days=1)))
    second = bring_in(one, emails(*PEOPLE[4:]), "2026-10-01", confirmed=True)
    assert second.dropped == 4
    assert reasons(organisation, "email", *PEOPLE[:4]) == ["listed", "opted_out", "listed", "opt_out_basis"]
    assert agrees_with_the_ledger()


def test_a_version_that_would_drop_much_waits_and_denies(organisation: Organisation) -> None:
    of = a_list(organisation, "no-mail", "other")
    bring_in(of, emails(*PEOPLE), "2026-09-01")
    for text, dropped in ((emails(*PEOPLE[3:], NEVER), 3), ("email\n", 11), (emails("no address"), 11)):
        version = bring_in(of, text, "2026-10-01")
        assert (version.state, version.to_drop, version.dropped) == ("waiting", dropped, 0)
        assert set(reasons(organisation, "email", *PEOPLE)) == {"listed"}
    assert reason(organisation, "email", NEVER) == "listed"
    with pytest.raises(CannotConfirm):
        confirm(ListVersion.objects.get(number=1), "staff:1")
    last = ListVersion.objects.get(number=2)
    confirm(last, "staff:1")
    working.drain()
    last.refresh_from_db()
    assert (last.state, last.confirmed_by, last.dropped) == ("current", "staff:1", 3)
    assert reasons(organisation, "email", PEOPLE[0], PEOPLE[3]) == ["opt_out_basis", "listed"]
    with pytest.raises(CannotConfirm):
        confirm(last, "staff:1")


def test_a_row_that_cannot_be_read_may_be_one_of_those_that_seem_gone(organisation: Organisation) -> None:
    of = a_list(organisation, "no-mail", "other")
    bring_in(of, emails(*PEOPLE), "2026-09-01")
    version = bring_in(of, emails(*PEOPLE[1:], "p0 example.com"), "2026-10-01")
    assert (version.state, version.to_drop, version.bad) == ("waiting", 1, 1)
    [bad] = BadRow.objects.values_list("line", "field", "code")
    assert bad == (11, "email", "no_at_sign")
    assert reason(organisation, "email", PEOPLE[0]) == "listed"


def test_a_partial_version_adds_only(organisation: Organisation) -> None:
    of = a_list(organisation, "no-mail", "other")
    bring_in(of, emails(*PEOPLE[:5]), "2026-09-01")
    version = bring_in(of, emails(*PEOPLE[4:]), "2026-10-01", partial=True)
    assert (version.state, version.added, version.kept, version.dropped) == ("current", 5, 1, 0)
    assert set(reasons(organisation, "email", *PEOPLE)) == {"listed"}
    found = age_of(of, date(2026, 10, 11))
    assert found is not None
    assert (found.as_of, found.days_left) == (date(2026, 10, 1), 21)
    whole = bring_in(of, emails(*PEOPLE[1:]), "2026-10-15")
    assert (whole.state, whole.dropped) == ("current", 1)
    assert set(ListVersion.objects.exclude(pk=whole.pk).values_list("state", flat=True)) == {"replaced"}


def test_the_same_file_is_the_same_version(organisation: Organisation) -> None:
    of = a_list(organisation, "no-mail", "other")
    text = emails(*PEOPLE)
    first, again = take(of, text, "2026-09-01"), take(of, text, "2026-09-01")
    assert (first.version.pk, again.again) == (again.version.pk, True)
    working.drain()
    assert take(of, text).again
    assert ListVersion.objects.count() == 1
    lines = ConsentEvent.objects.count()
    newer = bring_in(of, text, "2026-10-01")
    assert (newer.number, newer.kept, newer.added, newer.state) == (2, 10, 0, "current")
    assert ConsentEvent.objects.count() == lines
    with pytest.raises(OtherContent):
        take(of, emails(NEVER), same=("key",)) and take(of, emails(PEOPLE[0]), same=("key",))


def test_an_older_or_future_whole_list_is_refused(organisation: Organisation) -> None:
    of = a_list(organisation, "no-mail", "other")
    bring_in(of, emails(*PEOPLE), "2026-10-01")
    ahead = (datetime.now(UTC).date() + timedelta(days=9)).isoformat()
    for as_of, code in (("2026-09-01", "older"), (ahead, "in_future")):
        with pytest.raises(Refused) as caught:
            take(of, emails(NEVER), as_of)
        assert (caught.value.field, caught.value.code) == ("as_of", code)
    assert bring_in(of, emails(NEVER), "2026-09-01", partial=True).state == "current"
    assert not ListChunk.objects.exists()


def test_what_staff_lifted_stays_so_while_the_list_goes_on_naming_it(organisation: Organisation) -> None:
    of = a_list(organisation, "no-mail", "other")
    bring_in(of, emails(*PEOPLE), "2026-09-01")
    lift_by_staff(organisation, PEOPLE[0])
    assert reason(organisation, "email", PEOPLE[0]) == "opt_out_basis"
    bring_in(of, emails(*PEOPLE, NEVER), "2026-10-01")
    assert reason(organisation, "email", PEOPLE[0]) == "opt_out_basis"
    assert agrees_with_the_ledger()


def test_a_yes_lifts_no_register_and_a_former_no_ends_no_later_yes(organisation: Organisation) -> None:
    scope = organisation.scope("acme")
    said: dict[str, Any] = {"basis": "opt_in", "occurred_at": datetime(2026, 3, 1, tzinfo=UTC)}
    for address in PEOPLE[:3]:
        record(entry(key_of("email", address), scope, "grant", **said))
    former = a_list(organisation, "former", "former")
    days = ("2025-05-01", "2026-05-01", "", "2020-01-01")
    rows = [f"{address},{day}" for address, day in zip(PEOPLE[:4], days, strict=True)]
    text = "\n".join(("email,unsubscribed_at", *rows))
    version = bring_in(former, text, "2026-06-01")
    assert (version.added, version.state) == (4, "current")
    found = [reason(organisation, "email", address, "newsletter") for address in PEOPLE[:3]]
    assert found == ["granted", "opted_out", "opted_out"]
    assert reason(organisation, "email", PEOPLE[3]) == "opted_out"
    shorter = bring_in(former, f"email\n{PEOPLE[1]}\n", "2026-07-01")
    assert (shorter.dropped, shorter.state) == (0, "current")
    assert reason(organisation, "email", PEOPLE[3]) == "opted_out"
    bring_in(a_list(organisation, "no-mail", "other"), emails(PEOPLE[0]), "2026-09-01")
    record(entry(key_of("email", PEOPLE[0]), scope, "grant", basis="opt_in", occurred_at=datetime.now(UTC)))
    assert reason(organisation, "email", PEOPLE[0], "newsletter") == "listed"
    assert agrees_with_the_ledger()


def test_the_dead_alone_are_struck_out(organisation: Organisation) -> None:
    home = "12 Main St, Springfield, IL 62701"
    of = a_list(organisation, "deaths", "deceased")
    header = "Deceased Name,Address,City,State,Zip,Date of death\n"
    version = bring_in(
        of, f"{header}John Roe,12 Main St,Springfield,IL,62701,2026-01-01\n,12 Main St,Springfield,IL,62701,\n"
    )
    assert (version.added, version.bad) == (1, 1)
    assert reasons(organisation, "post", f"John Roe, {home}", f"Jane Roe, {home}", home) == [
        "deceased",
        "opt_out_basis",
        "opt_out_basis",
    ]
    assert reason(organisation, "post", f"John Roe, {home}", "service") == "deceased"
    assert ContactPoint.objects.filter(channel="post").count() == 1


def test_a_list_for_everyone_and_one_for_a_topic(organisation: Organisation) -> None:
    everyone = make_list(None, "tps", "tps")
    bring_in(everyone, "07700 900123\n")
    assert Suppression.objects.get().controller_id is None
    assert reason(organisation, "sms", "+447700900123") == "listed"
    bring_in(a_list(organisation, "for-offers", "other", topic="offers"), emails(NEVER))
    assert [reason(organisation, "email", NEVER, topic) for topic in ("offers", "events")] == [
        "listed",
        "opt_out_basis",
    ]
    assert agrees_with_the_ledger()
    for wrong in ({"kind": "none"}, {"kind": "other", "slug": "a b"}, {"kind": "other", "topic": "weather"}):
        with pytest.raises(BadList):
            make_list(organisation.acme.pk, **({"slug": "new"} | wrong))


def test_what_fails_is_tried_again_and_goes_on_where_it_stopped(
    organisation: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    of = a_list(organisation, "no-mail", "other")
    monkeypatch.setattr("consent.outside.receiving.CHUNK_ROWS", 3)
    received = take(of, emails(*PEOPLE), "2026-09-01")
    lease = working.claim(received.version.pk)
    assert lease
    assert working.claim() is None
    assert working.work_on(lease, deadline=-1.0) == 0
    with monkeypatch.context() as broken:
        broken.setattr(working, "keep_evidence", _Second(evidence.keep_evidence))
        working.drain()
    version = ListVersion.objects.get()
    assert (version.state, version.done, version.error) == ("importing", 3, "ZeroDivisionError")
    assert reasons(organisation, "email", *PEOPLE[2:4]) == ["listed", "opt_out_basis"]
    ListVersion.objects.update(next_try_at=ago(seconds=1))
    assert working.drain() == 7
    version.refresh_from_db()
    assert (version.state, version.done, version.added, version.error) == ("current", 10, 10, "")
    assert ConsentEvent.objects.count() == 10


class _Second:
    """Breaks from the second call on."""

    def __init__(self, real: Any) -> None:
        self._real, self._calls = real, 0

    def __call__(self, *args: Any) -> Any:
        self._calls += 1
        return self._real(*args) if self._calls == 1 else 1 / 0


def test_what_never_ends_is_given_up_and_can_be_begun_again(organisation: Organisation) -> None:
    of = a_list(organisation, "no-mail", "other")
    take(of, emails(*PEOPLE), "2026-09-01")
    ListVersion.objects.update(attempts=working.MAX_ATTEMPTS)
    working.drain()
    assert ListVersion.objects.get().state == "failed"
    assert bring_in(of, emails(*PEOPLE), "2026-09-01").state == "current"


def test_rows_of_a_file_that_repeat_each_other(organisation: Organisation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("consent.outside.receiving.CHUNK_ROWS", 3)
    of = a_list(organisation, "no-mail", "other")
    version = bring_in(of, emails(PEOPLE[0], PEOPLE[0].upper(), PEOPLE[1], PEOPLE[0], "bad"))
    assert (version.rows, version.added, version.repeated, version.bad) == (5, 2, 2, 1)
    assert ConsentEvent.objects.count() == 2


def test_the_story_names_the_list_and_shows_nobody_elses_row(organisation: Organisation) -> None:
    of = a_list(organisation, "no-mail", "other", name="No mail please")
    bring_in(of, emails(*PEOPLE), "2026-09-01")
    bring_in(of, emails(*PEOPLE, NEVER), "2026-10-01")
    story = read_story([key_of("email", PEOPLE[0])], None, with_contents=True)
    [standing] = story.standing
    assert standing.what == f"an outside list ({of.name}, version 1 of 2026-09-01; still in version 2 of 2026-10-01)"
    [chapter] = story.chapters
    assert chapter.contents is not None
    assert ("List", "No mail please, version 1 of 2026-09-01") in chapter.contents.fields
    assert "example.com" not in repr(chapter.contents)
    assert not ContactPoint.objects.exists()


def test_nothing_of_a_file_stands_in_clear(organisation: Organisation, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    bring_in(a_list(organisation, "no-mail", "other"), emails(*PEOPLE, "not an address"))
    kept = repr([list(model.objects.values()) for model in (ListVersion, ListChunk, BadRow, Inbound, ConsentEvent)])
    assert "example.com" not in kept + caplog.text
    assert "not an address" not in kept + caplog.text


def test_ages(organisation: Organisation) -> None:
    of = a_list(organisation, "no-mail", "other")
    assert ages() == []
    bring_in(of, emails(*PEOPLE), "2026-09-01")
    for today, days, expired, soon in (
        (date(2026, 9, 1), 31, False, False),
        (date(2026, 9, 25), 7, False, True),
        (date(2026, 10, 2), 0, False, True),
        (date(2026, 10, 3), -1, True, False),
    ):
        [found] = ages(today)
        assert (found.days_left, found.expired, found.soon) == (days, expired, soon)
    of.retired_at = datetime.now(UTC)
    of.save()
    assert ages() == []
    bring_in(make_list(None, "words", "former"), emails(NEVER), "2020-01-01")
    assert ages() == []
    assert reason(organisation, "email", NEVER) == "opted_out"
    assert Suppression.objects.filter(key=key_of("email", NEVER)).get().controller_id == EVERYTHING.controller_id


def test_empty_and_unknown_files_are_refused_whole(organisation: Organisation) -> None:
    of = a_list(organisation, "calls", "do-not-call")
    for text, given, field in (
        ("", {}, "file"),
        ("colour,size\nred,1\n", {}, "mapping"),
        ("phone\n+12175550142\n", {"columns": {"phone": "mobile"}}, "mapping/phone"),
        ("phone\n" + "+12175550142\n" * 100, {"most": 100}, "file"),
        (b"\x1f\x8b\x08\x00broken", {}, "file"),
    ):
        with pytest.raises(Refused) as caught:
            take(of, text, **given)
        assert caught.value.field == field
    assert not ListVersion.objects.exists()
    assert not ListChunk.objects.exists()
    assert Given().most is None
