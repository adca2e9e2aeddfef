"""The vault: sealed values open with their purpose and a key of the ring, unchanged, and not otherwise."""

import base64
from collections.abc import Iterator

import pytest
from cryptography.exceptions import InvalidTag
from pytest_django.fixtures import Settings

from consent import vault
from tests.each import each


def key(number: int) -> str:
    return f"{number}:{base64.b64encode(bytes(range(number, number + 32))).decode()}"


@pytest.fixture
def ring(settings: Settings) -> Iterator[Settings]:
    settings.SAYSO_ENCRYPTION_KEYS = [key(1)]
    vault._ring.cache_clear()
    yield settings
    vault._ring.cache_clear()


def turn(settings: Settings, *numbers: int) -> None:
    settings.SAYSO_ENCRYPTION_KEYS = [key(number) for number in numbers]
    vault._ring.cache_clear()


@pytest.mark.parametrize("plain", [b"", b"\0", b"ann.lee@example.com", b"x" * 1_000_000])
def test_what_was_sealed_opens(ring: Settings, plain: bytes) -> None:
    sealed = vault.seal("contact.value", plain)
    assert vault.unseal("contact.value", memoryview(sealed)) == plain
    assert len(plain) < 2 or plain not in sealed


def test_the_same_value_is_never_sealed_alike(ring: Settings) -> None:
    assert len({vault.seal("contact.value", b"ann.lee@example.com") for _ in range(100)}) == 100


def test_a_value_moved_to_another_purpose_does_not_open(ring: Settings) -> None:
    sealed = vault.seal("contact.value", b"ann.lee@example.com")
    for purpose in ("person.name", "contact.value ", ""):
        with pytest.raises(InvalidTag):
            vault.unseal(purpose, sealed)


def test_no_byte_of_the_content_can_be_changed(ring: Settings) -> None:
    sealed = bytearray(vault.seal("contact.value", b"ann"))
    for place in range(1, len(sealed)):
        sealed[place] ^= 1
        with pytest.raises((InvalidTag, KeyError)):
            vault.unseal("contact.value", bytes(sealed))
        sealed[place] ^= 1


@each("kept", range(40))
def test_what_was_cut_off_does_not_open(ring: Settings, kept: int) -> None:
    sealed = vault.seal("contact.value", b"ann.lee@example.com")
    with pytest.raises((InvalidTag, KeyError, IndexError, ValueError)):
        vault.unseal("contact.value", sealed[:kept])


def test_a_rotation_seals_with_the_new_key_and_opens_with_the_old_one(ring: Settings) -> None:
    old = vault.seal("contact.value", b"ann")
    turn(ring, 2, 1)
    new = vault.seal("contact.value", b"ann")
    assert (old[1], new[1]) == (1, 2)
    assert vault.unseal("contact.value", old) == vault.unseal("contact.value", new) == b"ann"
    turn(ring, 2)
    with pytest.raises(KeyError):
        vault.unseal("contact.value", old)


@each(
    "items",
    [
        ["no colon"],
        ["1:"],
        ["1:not base64"],
        ["1:" + base64.b64encode(b"x" * 31).decode()],
        ["1:" + base64.b64encode(b"x" * 33).decode()],
        [key(1).replace("1:", "0:", 1)],
        [key(1).replace("1:", "256:", 1)],
        [key(1).replace("1:", "²:", 1)],
        [key(1).replace("1:", "-1:", 1)],
        [key(1).partition(":")[2]],
        [key(1), ""],
        [key(1), key(2).replace("2:", "1:", 1)],
    ],
)
def test_a_ring_that_cannot_be_read_is_refused_without_showing_it(items: list[str]) -> None:
    with pytest.raises(ValueError, match=r".+") as refused:
        vault.parse_ring(items)
    secrets = [part for item in items for part in item.split(":") if len(part) > 20]
    assert not [secret for secret in secrets if secret in str(refused.value)]


def test_the_first_key_of_a_ring_comes_first() -> None:
    assert list(vault.parse_ring([key(7), key(3), key(255 - 40)])) == [7, 3, 215]
