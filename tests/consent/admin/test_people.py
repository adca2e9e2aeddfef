"""What staff see of people and their moves."""

from html import unescape

import pytest
from django.test import Client

from consent import pipeline
from consent.models import Person
from tests.consent.admin.office import SCRIPT, acme, page, post, staff
from tests.consent.core.example import Organisation
from tests.consent.moves.telling import NEW, OLD, Telling


@pytest.fixture
def person() -> Person:
    """Somebody who refused, and moved."""
    tell = Telling(Organisation(acme(), acme(), {}))
    tell.say("post", OLD, person="p-1", name=f"Jane {SCRIPT}"[:200])
    tell.say("email", "jane@example.com", "opt_in", "newsletter", person="p-2")
    pipeline.drain()
    tell.move("post", OLD, NEW, external_id="p-1", moved_on=None)
    pipeline.drain()
    return Person.objects.get(external_id="p-1")


def test_a_person_is_found_by_the_id_and_shows_addresses_and_moves(boss: Client, person: Person) -> None:
    assert "p-1" in page(boss, "consent/person/", 200, q="p-1")
    assert "p-2" not in page(boss, "consent/person/", 200, q="p-1").split("<tbody")[1]
    found = page(boss, f"consent/person/{person.pk}/change/")
    assert "9 ELM ST" in found
    assert "12 OAK ST" in found
    assert "Moved there" in found
    assert "<script>alert(1)" not in found
    page(boss, "consent/person/00000000-0000-0000-0000-000000000000/change/", 404)


def test_it_is_for_those_who_may_see_people(person: Person) -> None:
    page(staff("consent.view_inbound"), f"consent/person/{person.pk}/change/", 403)
    assert "9 ELM ST" in page(staff("consent.view_person"), f"consent/person/{person.pk}/change/")


def test_the_story_of_the_new_home_names_the_move(boss: Client, person: Person) -> None:
    found = unescape(post(boss, "consent/contactpoint/", channel="post", address=NEW))
    assert "move:file" in found
    assert "12 Oak St" in found
    assert "by a move" in found
    assert "What was refused at the old address is refused at the new one too." in found


def test_a_merged_person_leads_to_the_one_they_are(boss: Client, person: Person) -> None:
    tell = Telling(Organisation(acme(), acme(), {}))
    tell.merge("p-2", "p-1")
    pipeline.drain()
    gone = Person.objects.get(external_id="p-2")
    assert f"/admin/consent/person/{person.pk}/change/" in page(boss, f"consent/person/{gone.pk}/change/")
    assert "jane@example.com" in page(boss, f"consent/person/{person.pk}/change/")
