"""What the reports of many programs are read as, and how that compares with flufl.bounce alone."""

from email import message_from_bytes

from flufl.bounce import all_failures

from consent.classify.mail import classify_mail
from consent.intake.mail import parse_mail
from tests.consent.bounces.programs import REPORTED, WORDED, Told, raw


def found(told: Told) -> dict[str, str]:
    bounces = classify_mail(parse_mail(raw(told))).bounces
    return {one.recipient: "hard" if one.hard else "soft" if one.counts else "ours" for one in bounces}


def found_by_flufl(told: Told) -> dict[str, str]:
    soft, hard = all_failures(message_from_bytes(raw(told)))
    return {one.decode(): "soft" for one in soft} | {one.decode(): "hard" for one in hard}


def test_every_program_s_report() -> None:
    wrong = {told.program: (found(told), told.failed) for told in (*WORDED, *REPORTED) if found(told) != told.failed}
    assert wrong == {}


def test_nothing_of_it_asks_for_anything() -> None:
    asked = [told.program for told in (*WORDED, *REPORTED) if classify_mail(parse_mail(raw(told))).email == "suppress"]
    assert asked == []


def test_flufl_alone_calls_living_addresses_dead() -> None:
    """The reason for reading the words ourselves."""
    told = (*WORDED, *REPORTED)
    wrong = [who for one in told for who, how in found_by_flufl(one).items() if how == "hard" != one.failed.get(who)]
    right = [one.program for one in told if found_by_flufl(one) == one.failed]
    assert len(wrong) > 4
    assert len(right) < len(told) // 2
