"""Find a contact, and its story."""

import logging
from html import unescape

import pytest
from django.test import Client

from consent.addresses import contact
from consent.models import ContactPoint, Inbound
from consent.normalise.keys import Key
from consent.story import CHAPTERS, contact_of_point, key_names, read_story
from tests.consent.admin.office import NUMBER, SCRIPT, mail, page, post, staff, text

FIND = "consent/contactpoint/"
HOME = "Jane Roe\r\n102 Main St Apt 101\r\nSpringfield, IL 62701\r\n"


def path_of(key: Key) -> str:
    return f"{FIND}{key.hex()}/"


def number_key() -> Key:
    return contact("sms", NUMBER).said[0]


@pytest.mark.parametrize("written", [NUMBER, "(555) 555-0142", "555.555.0142"])
def test_any_spelling_finds_the_contact(boss: Client, written: str) -> None:
    text("STOP")
    found = post(boss, FIND, channel="sms", address=written, region="US")
    assert NUMBER in found
    assert "said no" in found
    assert "keyword.en.stop" in found
    assert "STOP at a number (+15550100001)" in found


def test_an_address_never_seen_has_verdicts_and_an_empty_story(boss: Client) -> None:
    found = post(boss, FIND, channel="email", address="Nobody@Example.com")
    assert "Nobody@example.com" in found or "nobody@example.com" in found
    assert "opt_out_basis" in found
    assert "Nothing came in that changed or holds anything here." in found


@pytest.mark.parametrize(("channel", "written"), [("sms", "nonsense"), ("email", "no at sign"), ("post", "?")])
def test_what_is_no_address_is_said_so(boss: Client, channel: str, written: str) -> None:
    assert "This is no address that could be used" in post(boss, FIND, channel=channel, address=written)


def test_the_address_is_in_no_path(boss: Client) -> None:
    text("STOP")
    found = post(boss, FIND, channel="sms", address=NUMBER)
    assert path_of(number_key()) in found
    assert not any(NUMBER[1:] in part.split('"')[0] for part in found.split('href="'))


def test_a_story_by_key_opens_the_address_that_was_kept(boss: Client) -> None:
    text("STOP")
    assert NUMBER in page(boss, path_of(number_key()))


def test_an_erased_address_keeps_its_story(boss: Client) -> None:
    text("STOP")
    ContactPoint.objects.update(sealed_value=None)
    Inbound.objects.update(sealed_raw=None)
    found = page(boss, path_of(number_key()))
    assert NUMBER not in found
    assert "said no" in found
    assert "It was erased." in found


def test_what_is_not_worked_off_is_told_as_held(boss: Client) -> None:
    text("what is this", work=False)
    found = post(boss, FIND, channel="sms", address=NUMBER)
    assert "held: waiting for the pipeline" in found
    assert "it is not worked off, and denies meanwhile" in found


def test_the_story_of_a_home_reaches_from_the_mail_to_the_household(boss: Client) -> None:
    mail("NO SNAIL MAIL", HOME)
    found = unescape(post(boss, FIND, channel="post", address="Jane Roe, 102 Main Street #101, Springfield IL 62701"))
    assert "NO SNAIL MAIL" in found
    assert "mail.snail_mail.no" in found
    assert "anyone there" in found
    assert "the household" in found


@pytest.mark.parametrize(
    "written", ["Jane Roe, 102 Main St Apt 101, Springfield IL 62701", "102 Main St, Springfield IL 62701"]
)
def test_a_kept_address_reads_back_as_the_same_contact(written: str) -> None:
    from consent import vault
    from consent.resolve import VALUE_PURPOSE

    whole = contact("post", written)
    sealed = vault.seal(VALUE_PURPOSE, whole.normal.encode())
    point = ContactPoint(key=whole.said[0], channel="post", sealed_value=sealed)
    assert contact_of_point(point) == whole._replace(home=None)
    assert len(key_names(whole)) == len({*whole.said, *whole.asked})


def test_scripts_are_inert(boss: Client) -> None:
    text(f"STOP {SCRIPT}")
    mail(f"unsubscribe {SCRIPT}", SCRIPT, f'"{SCRIPT}" <x@example.com>')
    for found in (
        post(boss, FIND, channel="sms", address=NUMBER),
        post(boss, FIND, channel="email", address="x@example.com"),
    ):
        assert "<script>alert(1)" not in found
        assert "onerror=alert(2)>" not in found
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in found
        assert "{{ 7*7 }}" in found


def test_a_long_story_is_read_in_parts(boss: Client) -> None:
    for _ in range(CHAPTERS + 1):
        text("STOP", work=False)
    found = page(boss, path_of(number_key()))
    assert found.count('class="sayso-chapter"') == CHAPTERS
    older = found.split("?before=")[1].split('"')[0]
    assert page(boss, path_of(number_key()), before=older).count('class="sayso-chapter"') == 1


def test_the_number_of_queries_does_not_grow_with_the_story(django_assert_max_num_queries: object) -> None:
    for _ in range(10):
        text("STOP", work=False)
    whole = contact("sms", NUMBER)
    # nine verdicts, one each; eight for all the rest
    with django_assert_max_num_queries(18):  # type: ignore[operator]
        story = read_story(whole.said, whole, with_contents=True)
    assert len(story.chapters) == 10


def test_who_looked_is_noted_without_the_address(boss: Client, caplog: pytest.LogCaptureFixture) -> None:
    text("STOP")
    with caplog.at_level(logging.INFO):
        post(boss, FIND, channel="sms", address=NUMBER)
    noted = [record.getMessage() for record in caplog.records if record.name == "consent.access"]
    assert len(noted) == 1
    assert number_key().hex()[:8] in noted[0]
    assert NUMBER[1:] not in caplog.text


def test_without_the_permission_there_is_no_story() -> None:
    text("STOP")
    nobody = staff("consent.view_review")
    page(nobody, FIND, 403)
    page(nobody, path_of(number_key()), 403)
    post(nobody, FIND, 403, channel="sms", address=NUMBER)


def test_the_messages_themselves_need_the_permission_for_messages() -> None:
    text("STOP this is my secret")
    found = post(staff("consent.view_contactpoint"), FIND, channel="sms", address=NUMBER)
    assert "my secret" not in found
    assert "said no" in found
    seen = post(staff("consent.view_contactpoint", "consent.view_inbound"), FIND, channel="sms", address=NUMBER)
    assert "my secret" in seen
