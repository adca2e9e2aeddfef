"""Keys: every database depends on their being the same for ever."""

import hashlib
from uuid import UUID

import psycopg
import pytest
from django.db import connection

from consent import db
from consent.addresses import contact, contact_of_normal, keys_of_digest, keys_of_many
from consent.models import ContactPoint
from consent.normalise.keys import Key, KeyMaker

MAKER = KeyMaker(bytes(range(32)))
# Computed once. A change here locks every existing database out of its own suppressions.
KNOWN = [
    ("email", "ann.lee@example.com", "6779fd32f62b6753cc69b917087b741d"),
    ("email", "bücher@example.com", "9314f5f361574e8fbeee7a7ab4b0d731"),
    ("sms", "+14155550123", "0b72160b8d2e5764c6e948cca37bea32"),
    ("sms", "ann.lee@example.com", "055ea606b38e3925469e9707be17af2d"),
    ("post", "US|62701|SPRINGFIELD|12 OAK ST", "c1953b8d2fb9da6803d7c66be3052bf2"),
]


@pytest.mark.parametrize(("channel", "normal", "key"), KNOWN)
def test_known_keys(channel: str, normal: str, key: str) -> None:
    assert MAKER.of(channel, normal).hex() == key
    assert MAKER.of_digest(channel, hashlib.sha256(normal.encode()).digest()).hex() == key
    written_out = hashlib.blake2b(
        hashlib.sha256(normal.encode()).digest(), key=bytes(range(32)), digest_size=16, person=channel.encode()
    )
    assert written_out.hexdigest() == key


@pytest.mark.parametrize("channel", ["email", "sms", "post"])
def test_many_at_once_are_as_one_by_one(channel: str) -> None:
    normals = [f"{number}@example.com" for number in range(50)] * 2
    keys = MAKER.of_many(channel, iter(normals))
    assert keys == [MAKER.of(channel, normal) for normal in normals]
    assert all(type(key) is Key and len(key) == 16 for key in keys)
    assert len(set(keys)) == 50


def test_another_secret_makes_other_keys() -> None:
    assert KeyMaker(bytes(range(1, 33))).of("email", "ann.lee@example.com") != MAKER.of("email", "ann.lee@example.com")


@pytest.mark.parametrize("length", [0, 1, 31])
def test_a_short_secret_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        KeyMaker(b"x" * length)


def test_a_channel_that_is_none_has_no_keys() -> None:
    with pytest.raises(KeyError):
        MAKER.of("fax", "+14155550123")


def test_whoever_knows_the_sha256_of_a_normal_form_can_ask() -> None:
    [key] = contact("email", " Ann.Lee@EXAMPLE.com ").asked
    assert keys_of_digest("email", hashlib.sha256(b"ann.lee@example.com").digest()) == (key,)


@pytest.mark.parametrize(
    ("channel", "written"),
    [
        ("email", ["Ann.Lee@example.com", "not an address", "bo@example.com", "", "@"]),
        ("sms", ["+1 (415) 555-0123", "STOP", "+44 7400 123456", "", "0"]),
        ("post", ["Ann Lee\n12 Oak Street\nSpringfield, IL 62701", "", "12 Oak Street\nSpringfield, IL 62701"]),
    ],
)
def test_many_written_addresses_are_as_one_by_one(channel: str, written: list[str]) -> None:
    def asked(one: str) -> tuple[Key, ...]:
        try:
            return contact(channel, one).asked
        except ValueError:
            return ()

    found = keys_of_many(channel, written)
    assert found == [asked(one) for one in written]
    assert () in found
    assert any(found)


def test_a_home_has_three_keys_and_each_is_asked_as_it_should_be() -> None:
    ann = contact("post", "Ann Lee\n12 Oak Street\nSpringfield, IL 62701")
    bo = contact("post", "Bo Lee\n12 Oak Street\nSpringfield, IL 62701")
    anyone = contact("post", "12 Oak Street\nSpringfield, IL 62701")
    assert not set(ann.said) & set(bo.asked)  # one person's no leaves the other alone
    assert set(ann.said) & set(anyone.asked)  # and closes the door to what is addressed to nobody
    assert set(anyone.said) <= set(ann.asked) & set(bo.asked)  # the household's no closes it to everybody


@pytest.mark.django_db
def test_a_key_travels_to_the_database_and_back() -> None:
    [key] = contact_of_normal("sms", "+14155550123").said
    assert db.fetch("SELECT %s, uuid_send(%s), %s = ANY(%s)", [key, key, key, [key]]) == [
        (UUID(bytes=bytes(key)), bytes(key), True)
    ]
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::uuid::text", [key])
        assert cursor.fetchone() == (str(UUID(bytes=bytes(key))),)
    ContactPoint.objects.create(key=key, channel="sms", first_seen="2026-03-01T00:00Z")
    point = ContactPoint.objects.get(key=key)
    assert (type(point.key), point.key) == (Key, key)
    assert ContactPoint.objects.filter(key__in=[key]).exists()


@pytest.mark.django_db
@pytest.mark.parametrize("length", [0, 15, 17])
def test_the_database_takes_nothing_else_for_a_key(length: int) -> None:
    with pytest.raises((psycopg.Error, Exception), match=r".+"):
        db.fetch("SELECT %s", [Key(b"x" * length)])
