"""What goes along with somebody who moves, and what stays."""

import pytest
from django.test import Client

from consent.models import ConsentEvent, ContactPeriod, Hold, Inbound, Move, Person
from consent.models.vocabulary import Cause
from consent.moving import STAYS, travels
from consent.statement import Rejected
from tests.consent.core.doors import generic
from tests.consent.core.example import ACME_NUMBER, Organisation, ago
from tests.consent.moves.telling import NEW, OLD, THIRD, Telling, home, is_derived, key, lines, named, work

pytestmark = pytest.mark.django_db

MAIL, OTHER, LAST = "jane@example.com", "jane@example.net", "jane@example.org"
NUMBER, NEXT = "+14155550123", "+14155550124"


@pytest.fixture
def tell(organisation: Organisation) -> Telling:
    return Telling(organisation)


def test_every_cause_but_that_of_the_address_goes_along(tell: Telling) -> None:
    wrong = {}
    for place, cause in enumerate(Cause):
        old, new = f"a{place}@example.com", f"b{place}@example.com"
        if cause in ("stop", "choice"):
            tell.say("email", old)
        else:
            tell.deny("email", old, cause)
        tell.move("email", old, new)
        expected = "opt_out_basis" if cause in STAYS else "opted_out" if cause in ("stop", "choice") else str(cause)
        found = tell.then("email", new)
        if found != expected:
            wrong[cause] = found
    assert not wrong
    assert is_derived()
    assert travels("withdraw", "a cause of tomorrow")
    assert not travels("invalidate", "")


def test_from_the_acknowledgement_on_the_new_address_denies(tell: Telling) -> None:
    tell.say("post", OLD)
    tell.move("post", OLD, NEW)
    assert tell.reason("post", OLD) == tell.reason("post", NEW) == "held"
    assert (tell.then("post", OLD), tell.reason("post", NEW)) == ("opted_out", "opted_out")
    assert not Hold.objects.exists()


def test_a_line_that_was_carried_says_when_by_whom_and_from_where(tell: Telling) -> None:
    said = ago(days=30)
    first = tell.say("email", MAIL, occurred_at=said, source="form")
    moved = tell.move("email", MAIL, OTHER)
    work()
    [origin], [carried] = lines("email", MAIL), lines("email", OTHER)
    assert (origin.inbound_id, carried.inbound_id, carried.carried_from) == (first, moved, origin.pk)
    assert (carried.occurred_at, carried.cause, carried.source) == (said, "choice", "api:form")


def test_a_pause_ends_where_it_would_have_ended(tell: Telling) -> None:
    until = ago(days=-3)
    tell.deny("email", MAIL, "paused", until=until)
    tell.move("email", MAIL, OTHER)
    work()
    assert [line.expires_at for line in lines("email", OTHER)] == [until]


def test_of_a_home_the_person_is_denied_anyone_there_too_and_its_household_is_not(tell: Telling) -> None:
    tell.say("post", OLD)
    tell.move("post", OLD, NEW)
    assert tell.then("post", NEW) == "opted_out"
    assert tell.reason("post", home(NEW)) == "opted_out"  # a piece that names nobody
    assert tell.reason("post", named("Max Moe", NEW)) == "opt_out_basis"
    assert tell.reason("post", named("Max Moe", OLD)) == "opt_out_basis"


def test_what_a_household_refused_goes_with_who_leaves_it_and_not_into_another_one(tell: Telling) -> None:
    tell.say("post", home(OLD))
    tell.move("post", OLD, NEW)
    assert tell.then("post", NEW) == "opted_out"
    assert tell.reason("post", named("Max Moe", NEW)) == "opt_out_basis"
    assert tell.reason("post", home(NEW)) == "opted_out"  # a piece that names nobody
    assert tell.reason("post", named("Max Moe", OLD)) == "opted_out"


def test_a_family_takes_the_household_along(tell: Telling) -> None:
    tell.say("post", home(OLD))
    tell.move("post", OLD, NEW, who="family")
    assert tell.reason("post", named("Tim Roe", NEW)) == "held"
    assert tell.then("post", named("Tim Roe", NEW)) == "opted_out"
    assert tell.then("post", home(NEW)) == "opted_out"


def test_who_lives_at_the_old_home_later_says_nothing_for_who_left(tell: Telling) -> None:
    tell.move("post", OLD, NEW)
    work()
    tell.say("post", home(OLD))
    assert tell.then("post", NEW) == "opt_out_basis"


def test_a_letter_with_the_old_address_after_the_move_reaches_every_later_home(tell: Telling) -> None:
    tell.move("post", OLD, NEW)
    tell.move("post", NEW, THIRD)
    work()
    assert tell.reason("post", THIRD) == "opt_out_basis"
    tell.say("post", OLD)
    assert [tell.then("post", one) for one in (OLD, NEW, THIRD)] == ["opted_out"] * 3
    assert {line.carried_from for line in lines("post", THIRD)} == {lines("post", OLD)[0].pk}


def test_a_no_at_the_new_home_reaches_the_old_one_from_which_mail_is_forwarded(tell: Telling) -> None:
    tell.move("post", OLD, NEW)
    tell.say("post", NEW)
    assert tell.then("post", OLD) == "opted_out"
    assert tell.reason("post", named("Max Moe", OLD)) == tell.reason("post", home(OLD)) == "opt_out_basis"


def test_moves_told_in_any_order_and_in_circles_end_and_carry_once(tell: Telling) -> None:
    tell.say("post", OLD)
    for old, new in ((NEW, THIRD), (THIRD, OLD), (OLD, NEW), (NEW, OLD), (OLD, NEW)):
        tell.move("post", old, new)
    assert [tell.then("post", one) for one in (OLD, NEW, THIRD)] == ["opted_out"] * 3
    assert [len(lines("post", one)) for one in (OLD, NEW, THIRD)] == [1, 1, 1]
    tell.say("post", THIRD)
    work()
    assert [len(lines("post", one)) for one in (OLD, NEW, THIRD)] == [2, 2, 2]
    assert is_derived()


def test_who_is_known_to_have_moved_on_is_held_there_from_the_acknowledgement_on(tell: Telling) -> None:
    tell.say("post", OLD)
    tell.move("post", NEW, THIRD)
    work()
    assert tell.reason("post", THIRD) == "opt_out_basis"
    tell.move("post", OLD, NEW)
    assert tell.reason("post", THIRD) == "held"
    assert tell.then("post", THIRD) == "opted_out"
    assert not Hold.objects.exists()


def test_a_no_at_the_old_address_is_held_at_the_new_one_from_the_acknowledgement_on(tell: Telling) -> None:
    tell.move("email", MAIL, OTHER)
    tell.move("email", OTHER, LAST)
    work()
    assert tell.reason("email", LAST) == "opt_out_basis"
    tell.say("email", MAIL)
    assert [tell.reason("email", one) for one in (MAIL, OTHER, LAST)] == ["held"] * 3
    assert [tell.then("email", one) for one in (MAIL, OTHER, LAST)] == ["opted_out"] * 3
    assert not Hold.objects.exists()


def test_told_again_nothing_changes(tell: Telling) -> None:
    tell.say("email", MAIL)
    tell.move("email", MAIL, OTHER)
    work()
    before = ConsentEvent.objects.count(), Move.objects.count()
    tell.move("email", MAIL.upper(), OTHER)
    work()
    assert (ConsentEvent.objects.count(), Move.objects.count()) == before


def test_a_later_yes_at_the_new_address_counts_an_older_one_does_not(tell: Telling) -> None:
    tell.say("email", MAIL, occurred_at=ago(days=10))
    tell.say("email", OTHER, "opt_in", occurred_at=ago(days=20))
    tell.say("email", LAST, "opt_in", occurred_at=ago(days=5))
    for new in (OTHER, LAST):
        tell.move("email", MAIL, new)
    assert (tell.then("email", OTHER), tell.reason("email", LAST)) == ("opted_out", "opt_out_basis")


def test_what_was_taken_back_before_does_not_go_along(tell: Telling) -> None:
    tell.say("email", MAIL, occurred_at=ago(days=10))
    tell.say("email", MAIL, "opt_in", occurred_at=ago(days=5))
    tell.move("email", MAIL, OTHER)
    assert tell.then("email", OTHER) == "opt_out_basis"


def test_a_yes_stays_where_it_was_given_and_ends_when_the_person_leaves(tell: Telling) -> None:
    tell.say("email", MAIL, "opt_in", "newsletter")
    assert tell.then("email", MAIL, "newsletter") == "granted"
    tell.move("email", MAIL, OTHER, temporary=True)
    assert tell.then("email", MAIL, "newsletter") == "granted"
    tell.move("email", MAIL, OTHER)
    assert tell.then("email", MAIL, "newsletter") == tell.reason("email", OTHER, "newsletter") == "no_consent"
    assert tell.reason("email", MAIL) == "opt_out_basis"


def test_a_stop_goes_to_the_new_number_and_a_start_there_takes_it_back(tell: Telling, client: Client) -> None:
    generic(client, NUMBER, "STOP")
    tell.move("sms", NUMBER, NEXT)
    assert (tell.then("sms", NEXT), tell.reason("sms", NEXT, "service")) == ("opted_out", "opted_out")
    assert {line.sender for line in lines("sms", NEXT)} == {ACME_NUMBER}
    generic(client, NEXT, "START", "m-2")
    assert (tell.then("sms", NEXT), tell.reason("sms", NUMBER)) == ("opt_out_basis", "opted_out")


def test_a_number_given_up_and_disconnected_speaks_for_its_next_holder(tell: Telling) -> None:
    from consent.lists.disconnected import accept_disconnected, disconnection

    tell.move("sms", NUMBER, NEXT, moved_on=ago(days=60).date())
    work()
    told = disconnection(NUMBER, ago(days=30).date(), everywhere=True)
    accept_disconnected([told], tell.controller_id, by="file", actor="t")
    tell.say("sms", NUMBER, occurred_at=ago(days=40))
    assert tell.then("sms", NEXT) == "opted_out"
    carried = len(lines("sms", NEXT))
    tell.say("sms", NUMBER)
    work()
    assert len(lines("sms", NEXT)) == carried


def test_the_next_holder_of_a_number_does_not_speak_for_its_former_one_by_the_new_number(tell: Telling) -> None:
    tell.move("sms", NUMBER, NEXT)
    tell.say("sms", NEXT)
    assert tell.then("sms", NUMBER) == "opt_out_basis"


def test_it_is_the_business_of_who_told_of_it_alone(tell: Telling, organisation: Organisation) -> None:
    globex = Telling(organisation, organisation.globex.pk)
    tell.say("email", MAIL)
    globex.say("email", MAIL)
    globex.move("email", MAIL, OTHER)
    assert (globex.then("email", OTHER), tell.reason("email", OTHER)) == ("opted_out", "opt_out_basis")


def test_what_reaches_everyone_reaches_there_whoever_told_of_the_move(
    tell: Telling, organisation: Organisation, client: Client
) -> None:
    globex = Telling(organisation, organisation.globex.pk)
    globex.move("sms", NUMBER, NEXT)
    work()
    generic(client, NUMBER, "STOPALL")
    assert (globex.then("sms", NEXT), tell.reason("sms", NEXT)) == ("opted_out", "opt_out_basis")


def test_a_doubt_about_the_old_address_is_held_at_the_new_one_until_staff_decide(
    tell: Telling, client: Client, django_user_model: type
) -> None:
    from consent import reviewing
    from consent.models import Decision, Review

    user = django_user_model.objects.create_user("staff")  # type: ignore[attr-defined]
    for decision, number, new in (("none", NUMBER, NEXT), ("opt_out", "+14155550125", "+14155550126")):
        generic(client, number, "if you text me again I will report you", number)
        work()
        tell.move("sms", number, new)
        assert tell.then("sms", new) == "held"
        review = Review.objects.get(decision="")
        reviewing.decide(review.pk, Decision(decision), user_id=user.pk, reason="read")
        assert tell.reason("sms", new) == ("opted_out" if decision == "opt_out" else "opt_out_basis")
        generic(client, number, "if you text me again I will report you", f"{number}b")
        if decision == "none":
            assert tell.then("sms", new) == "held"
            reviewing.decide(Review.objects.get(decision="").pk, Decision.NONE, user_id=user.pk, reason="read")
    assert not Hold.objects.filter(key=key("sms", NEXT)).exists()
    assert is_derived()


def test_a_click_taken_back_is_taken_back_wherever_it_reached(tell: Telling, organisation: Organisation) -> None:
    from consent.models.fields import public_id
    from tests.consent.core.example import entry, record

    tell.move("email", MAIL, OTHER)
    work()
    click = public_id()
    scope = organisation.scope("acme")
    record(entry(key("email", MAIL), scope, "withdraw", "choice", inbound_id=click))
    assert tell.reason("email", OTHER) == "opted_out"
    record(entry(key("email", MAIL), scope, "lift", "choice", undoes=click))
    assert tell.reason("email", OTHER) == "opt_out_basis"


def test_who_is_named_on_one_side_is_the_same_person_on_the_other(tell: Telling) -> None:
    tell.say("post", OLD)
    tell.move("post", OLD, home(NEW))
    assert tell.then("post", NEW) == "opted_out"


def test_who_took_another_name_is_denied_under_both(tell: Telling) -> None:
    tell.say("post", OLD)
    tell.move("post", OLD, named("Jane Doe", NEW))
    assert tell.then("post", NEW) == tell.reason("post", named("Jane Doe", NEW)) == "opted_out"


def test_a_temporary_home_and_the_old_one_are_both_theirs(tell: Telling) -> None:
    tell.say("post", OLD)
    tell.say("post", OLD, "opt_in", "newsletter", person="p-1", occurred_at=ago(days=1))
    tell.move("post", OLD, NEW, temporary=True, external_id="p-1")
    assert (tell.then("post", OLD), tell.reason("post", NEW)) == ("opted_out", "opted_out")
    assert ContactPeriod.objects.filter(until=None).count() == 2


def test_people_have_their_addresses_for_a_time(tell: Telling) -> None:
    tell.say("post", OLD, "opt_in", "newsletter", person="p-1", name="Jane Roe")
    work()
    tell.move("post", home(OLD), home(NEW), external_id="p-1")  # the name is known
    work()
    tell.move("post", None, THIRD, external_id="p-1")
    work()
    person = Person.objects.get()
    periods = {bytes(one.contact_point_id): one.until is None for one in ContactPeriod.objects.filter(person=person)}
    assert periods == {key("post", OLD): False, key("post", NEW): False, key("post", THIRD): True}
    tell.say("post", OLD)
    assert tell.then("post", THIRD) == "opted_out"


def test_a_list_moves_the_people_that_it_does_not_know_of(tell: Telling) -> None:
    tell.say("post", OLD, "opt_in", "newsletter", person="p-1")
    tell.move("post", OLD, NEW)
    work()
    assert ContactPeriod.objects.get(until=None).contact_point_id == key("post", NEW)


def test_expectation_21_who_gets_a_number_next_has_no_consent(tell: Telling) -> None:
    """What the former holder allowed has ended; what they refused stays with the number, and went with them."""
    tell.say("sms", NUMBER, "opt_in", "newsletter", person="p-1")
    tell.say("sms", NUMBER, "opt_out", "events", person="p-1")
    work()
    tell.move("sms", NUMBER, None, external_id="p-1")
    tell.say("sms", NUMBER, "opt_in", "double", person="p-2")
    assert tell.then("sms", NUMBER, "newsletter") == "no_consent"
    assert tell.reason("sms", NUMBER, "events") == "opted_out"
    assert ContactPeriod.objects.get(person__external_id="p-1").until is not None
    tell.say("sms", NUMBER, "opt_in", "newsletter", person="p-2")
    assert tell.then("sms", NUMBER, "newsletter") == "granted"


def test_expectation_23_persons_who_are_one_refuse_together(tell: Telling) -> None:
    tell.say("email", MAIL, person="p-1", name="Jane Roe")
    tell.say("email", OTHER, "opt_in", "newsletter", person="p-2")
    tell.say("sms", NUMBER, person="p-1")
    tell.say("post", NEW, "opt_in", "newsletter", person="p-2")
    work()
    tell.merge("p-2", "p-1")
    assert tell.reason("email", OTHER) == "held"
    assert (tell.then("email", OTHER), tell.reason("email", MAIL)) == ("opted_out", "opted_out")
    assert (tell.reason("sms", NUMBER), tell.reason("post", NEW)) == ("opted_out", "opt_out_basis")
    assert ContactPeriod.objects.filter(person__external_id="p-1", until=None).count() == 4
    tell.say("email", LAST, "opt_in", "newsletter", person="p-2")  # by the id that it no longer has
    work()
    assert ContactPeriod.objects.filter(person__external_id="p-1", until=None).count() == 5
    tell.merge("p-1", "p-2")
    tell.merge("p-2", "p-1")
    work()
    assert Inbound.objects.filter(state="done", source="merge:api").count() == 3
    assert Person.objects.filter(merged_into=None).count() == 1
    assert is_derived()


def test_a_wrong_merge_names_what_is_wrong(tell: Telling) -> None:
    tell.say("email", MAIL, "opt_in", person="p-1")
    work()
    for one, into, pointer in (("no", "p-1", ""), ("p-1", "no", "/into"), ("p-1", "p-1", "/into")):
        with pytest.raises(Rejected) as refused:
            tell.merge(one, into)
        assert refused.value.pointer == pointer


def test_an_address_that_leads_to_very_many_others_waits_for_staff(
    tell: Telling, monkeypatch: pytest.MonkeyPatch
) -> None:
    from consent.moves import settling

    monkeypatch.setattr(settling, "MAX_LINKS", 2)
    for place in range(3):
        tell.move("email", MAIL, f"{place}@example.net")
        work()
    states = list(Inbound.objects.order_by("id").values_list("state", "error"))
    assert states == [("done", ""), ("done", ""), ("pending", "TooManyMoves")]
    assert tell.reason("email", "2@example.net") == "held"
