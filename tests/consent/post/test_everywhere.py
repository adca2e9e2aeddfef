"""A no in one spelling of an address is obeyed in another, wherever it is asked about and whatever told of it."""

import pytest
from babel.dates import format_date
from django.utils import timezone

from consent import near, pipeline, status
from consent.addresses import contact
from consent.runs.recalls import recalls_of
from tests.consent.acknowledging.writing import Office, text_of
from tests.consent.core.example import Organisation
from tests.consent.moves.telling import Telling
from tests.consent.outside.lists import a_list, bring_in
from tests.consent.runs.press import file_of, row, scrubbed, verdicts

pytestmark = pytest.mark.django_db

HOME = "Ann Lund, 18 N Birch Ave Apt 3, Springfield, IL 62701"
OTHERWISE = "LUND ANN, 18 North Birch # 3, Springfield, IL 62701-1234"
LATER = "Ann Lund, 9 W Elm St Apt 4, Dayton, OH 45402"
LATER_OTHERWISE = "Ms. Ann Lund, 9 West Elm Street # 4, Dayton, OH 45402"


def reason(organisation: Organisation, written: str) -> str:
    who = contact("post", written)
    around = near.wanted(near.near_of([who]))
    now = timezone.now()
    _, [made] = status.check_many(organisation.acme.pk, "offers", "post", [who.asked], now, near=around)
    return made.reason


def test_a_run_scrubs_and_recalls_by_other_spellings(organisation: Organisation) -> None:
    file = file_of(
        row("LUND ANN", "18 North Birch # 3"), row("Bo Lund", "18 North Birch # 3"), row("Ann Ek", "1 Elm St")
    )
    run = scrubbed(organisation, file)
    assert {allowed for allowed, _ in verdicts(run)} == {"true"}
    Telling(organisation).say("post", HOME)
    assert [(one.row, one.reason) for one in recalls_of(run, 0, 10).recalls] == [(1, "held")], "before it is worked off"
    pipeline.drain()
    assert [(one.row, one.reason) for one in recalls_of(run, 0, 10).recalls] == [(1, "opted_out")]
    assert verdicts(scrubbed(organisation, file))[0] == ("false", "opted_out")


def test_a_no_that_came_along_with_a_move_is_found_in_other_spellings(organisation: Organisation) -> None:
    acme = Telling(organisation)
    acme.say("post", HOME)
    pipeline.drain()
    assert reason(organisation, LATER_OTHERWISE) == "opt_out_basis"
    acme.move("post", HOME, LATER)
    assert reason(organisation, LATER_OTHERWISE) == "held"
    pipeline.drain()
    assert (reason(organisation, LATER_OTHERWISE), reason(organisation, OTHERWISE)) == ("opted_out", "opted_out")


def test_an_outside_list_denies_in_other_spellings(organisation: Organisation) -> None:
    rows = "name,line1,line2,city,region,postal_code\nAnn Lund,18 N Birch Ave,Apt 3,Springfield,IL,62701\n"
    bring_in(a_list(organisation, "no-post", "dmachoice"), rows)
    assert (reason(organisation, HOME), reason(organisation, OTHERWISE)) == ("listed", "listed")


def test_the_answer_to_a_letter_names_the_runs_that_may_still_arrive(organisation: Organisation) -> None:
    run = scrubbed(organisation, file_of(row("Ann Lund", "18 N Birch Ave Apt 3")))
    scrubbed(organisation, file_of(row("Ann Ek", "1 Elm St")), name="Winter catalogue")
    text = text_of(Office(organisation).answer(HOME.replace(", ", "\n", 2), subject="NO SNAIL MAIL"))
    assert "Autumn catalogue" in text
    assert format_date(run.arrives_until, "long", locale="en") in text
    assert "Winter catalogue" not in text


def test_the_answer_names_runs_whose_file_spells_the_home_otherwise(organisation: Organisation) -> None:
    name, *rest = OTHERWISE.split(", ")
    scrubbed(organisation, file_of(row(name, rest[0]), row("Ann Lund", "18 N Birch Ave Apt 4")))
    scrubbed(organisation, file_of(row("Ann Lund", "18 N Birch Ave Apt 4")), name="Winter catalogue")
    text = text_of(Office(organisation).answer(HOME.replace(", ", "\n", 2), subject="NO SNAIL MAIL"))
    assert "Autumn catalogue" in text
    assert "Winter catalogue" not in text
