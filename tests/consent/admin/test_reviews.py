"""The queue of reviews, and deciding one."""

import pytest
from django.test import Client

from consent.addresses import contact
from consent.models import ConsentEvent, Decision, Hold, Inbound, Review
from tests.consent.admin.office import IN_DOUBT, NUMBER, SCRIPT, mail, page, post, review, staff

QUEUE = "consent/review/"
HOME = "7 Elm St\nSpringfield, IL 62701"


def path_of(row: Review) -> str:
    return f"{QUEUE}{row.pk}/change/"


def test_the_oldest_comes_first_with_its_suggestion(boss: Client) -> None:
    first, second = review(), review(number="+15555550143")
    found = page(boss, QUEUE)
    assert found.index(str(first.pk)) < found.index(str(second.pk))
    assert "It is an opt-out" in found


def test_a_review_shows_the_text_the_rule_and_whom_it_holds(boss: Client) -> None:
    found = page(boss, path_of(review()))
    assert IN_DOUBT in found
    assert "firm.en.if-again" in found
    assert NUMBER in found


def test_a_decision_is_recorded_with_its_reason(boss: Client) -> None:
    row = review()
    post(boss, path_of(row), 302, decision="opt_out", reason="a threat means no")
    row.refresh_from_db()
    [line] = ConsentEvent.objects.filter(key=contact("sms", NUMBER).said[0])
    assert (row.decision, row.reason, line.action, line.cause) == ("opt_out", "a threat means no", "withdraw", "stop")
    assert line.actor == f"staff:{row.decided_by_id}"
    assert not Hold.objects.filter(review=row).exists()
    assert "a threat means no" in page(boss, path_of(row))
    assert str(row.pk) not in page(boss, QUEUE)
    assert str(row.pk) in page(boss, QUEUE, decided="yes")


def test_no_request_lifts_the_hold_and_records_nothing(boss: Client) -> None:
    row = review()
    post(boss, path_of(row), 302, decision="none", reason="a joke")
    assert not ConsentEvent.objects.exists()
    assert not Hold.objects.exists()
    assert Inbound.objects.get(pk=row.inbound_id).state == "done"


def test_a_reason_is_needed(boss: Client) -> None:
    row = review()
    assert "This field is required" in post(boss, path_of(row), decision="opt_out", reason=" ")
    row.refresh_from_db()
    assert row.decision == ""


def test_where_no_address_was_found_one_is_asked_for(boss: Client) -> None:
    row = Review.objects.get(inbound=mail("NO SNAIL MAIL", "No more catalogues, please. Bob"), channel="post")
    assert "No address was found." in page(boss, path_of(row))
    assert "none was found" in post(boss, path_of(row), decision="opt_out", reason="clear")
    bad = post(boss, path_of(row), decision="opt_out", reason="clear", address="?")
    assert "This is no address that could be used" in bad
    home = "Bob Ray, 7 Elm St, Springfield IL 62701"
    post(boss, path_of(row), 302, decision="opt_out", reason="clear", address=home, region="US")
    said = set(contact("post", home).said)
    assert {line.key for line in ConsentEvent.objects.filter(channel="post")} == said


@pytest.mark.parametrize("decision", [Decision.OPT_IN])
def test_a_yes_is_not_taken_from_unproved_mail(boss: Client, decision: str) -> None:
    row = Review.objects.get(inbound=mail("NO SNAIL MAIL", "No more catalogues, please. Bob"), channel="post")
    assert 'value="opt_in"' not in page(boss, path_of(row))
    post(boss, path_of(row), decision=decision, reason="they want it", address="7 Elm St, Springfield IL 62701")
    assert not ConsentEvent.objects.exists()


def test_who_was_slower_is_told_so(boss: Client) -> None:
    row = review()
    Review.objects.filter(pk=row.pk).update(decision="none", reason="mine")
    response = boss.post(f"/admin/{path_of(row)}", {"decision": "opt_out", "reason": "yours"}, follow=True)
    assert "Somebody decided it before you" in response.content.decode()
    assert not ConsentEvent.objects.exists()


def test_scripts_are_inert(boss: Client) -> None:
    found = page(boss, path_of(review(f"{IN_DOUBT} {SCRIPT}")))
    assert "<script>alert(1)" not in found
    assert "&lt;script&gt;" in found


def test_seeing_is_not_deciding() -> None:
    row = review()
    page(staff("consent.view_inbound"), QUEUE, 403)
    page(staff("consent.view_inbound"), path_of(row), 403)
    reader = staff("consent.view_review")
    assert "You may read it, and not decide it." in page(reader, path_of(row))
    post(reader, path_of(row), 403, decision="opt_out", reason="I want to")
    row.refresh_from_db()
    assert row.decision == ""


def test_who_may_decide_does(boss: Client) -> None:
    row = review()
    decider = staff("consent.view_review", "consent.change_review")
    post(decider, path_of(row), 302, decision="opt_out", reason="clear")
    row.refresh_from_db()
    assert row.decision == "opt_out"


def test_the_letter_is_laid_out_and_decided_by_one_click(boss: Client) -> None:
    letter = mail("NO SNAIL MAIL", f"As said, my mother has died.\n\nAnn {SCRIPT[:20]} Roe\nAnn Roe\n{HOME}")
    row = Review.objects.get(inbound=letter, channel="post")
    found = page(boss, path_of(row))
    for told in ("What was understood", "ANN ROE (may have died)", "jane.roe@example.com", "7 Elm St"):
        assert told in found
    assert found.index('name="one_click" value="deceased"') < found.index('name="one_click" value="none"')
    assert "<script>alert" not in found
    post(boss, path_of(row), 302, one_click="deceased")
    row.refresh_from_db()
    assert (row.decision, row.reason) == ("deceased", "Decided by one click, as suggested.")
    assert ConsentEvent.objects.filter(cause="deceased").count() == 1


def test_a_click_cannot_decide_what_is_not_offered(boss: Client) -> None:
    row = Review.objects.get(inbound=mail("NO SNAIL MAIL", "No more catalogues, please. Bob"), channel="post")
    assert 'name="one_click" value="opt_out"' not in page(boss, path_of(row))
    for click in ("opt_in", "opt_out", "nonsense"):
        post(boss, path_of(row), one_click=click)
    assert not ConsentEvent.objects.exists()
    post(boss, path_of(row), 302, one_click="none")
