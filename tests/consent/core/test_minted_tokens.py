"""Tokens that a controller mints by itself, by the function of docs/examples: the server reads them, and no others."""

import base64
import hashlib
import string
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django.fixtures import Settings
from sayso_links import prepare

from consent.addresses import contact
from consent.campaigns import unpack
from consent.configuration import Scope
from consent.normalise.email import normalise_email
from consent.token_keys import RevokedKey, link_keys, newest_link_key
from consent.tokens import MAX_TOKEN, BadToken, Token, read_token
from tests.each import each

ACME, GLOBEX, OFFERS = 1, 7, 3
OLD, NEW = (f"{name} link key of these tests, long enough for it" for name in ("an old", "a new"))
ORIGIN, MAILBOX = "https://sayso.example", "unsubscribe@acme.example"

names = st.text(string.ascii_lowercase + string.digits + "_+-", min_size=1, max_size=20)
addresses = st.builds("{}@{}.example".format, names, st.text(string.ascii_lowercase, min_size=1, max_size=20))
campaigns = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=40)
quickly = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(autouse=True)
def _keys(settings: Settings) -> None:
    settings.SAYSO_LINK_KEYS, settings.SAYSO_LINK_KEYS_REVOKED = [NEW], []


def config(controller_id: int = ACME) -> dict[str, Any]:
    key = newest_link_key(controller_id).key.hex()
    topics = {"offers": OFFERS, "service": 0}
    return {"origin": ORIGIN, "controller": controller_id, "key": key, "mailbox": MAILBOX, "topics": topics}


def minted(address: str, topic: str = "offers", campaign: str = "", controller_id: int = ACME) -> str:
    url: str = prepare(config(controller_id), topic, campaign)(address)["unsubscribe_url"]
    return url.removeprefix(f"{ORIGIN}/u/")


def raw_of(token: str) -> bytes:
    return base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))


def written(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@quickly
@given(addresses, campaigns)
def test_what_was_minted_names_the_address_by_the_servers_key(address: str, campaign: str) -> None:
    name = campaign.encode()
    word = campaign if len(name) <= 10 else f"sha256:{hashlib.sha256(name).hexdigest()[:16]}"
    [key] = contact("email", address).asked
    token = minted(address, campaign=campaign)
    assert read_token(token) == Token("email", Scope(ACME, OFFERS), key, word)
    assert len(token) <= MAX_TOKEN


def test_the_link_of_a_service_message_is_about_the_whole_controller() -> None:
    assert read_token(minted("jane@example.org", "service")).scope == Scope(ACME, None)


@quickly
@given(addresses, campaigns, st.data())
def test_any_flipped_bit_is_refused(address: str, campaign: str, data: st.DataObject) -> None:
    raw = bytearray(raw_of(minted(address, campaign=campaign)))
    bit = data.draw(st.integers(0, 8 * len(raw) - 1))
    raw[bit // 8] ^= 1 << bit % 8
    with pytest.raises(BadToken):
        read_token(written(bytes(raw)))


@quickly
@given(addresses, campaigns, st.binary(min_size=1, max_size=12))
def test_cut_longer_and_respelt_ones_are_refused(address: str, campaign: str, more: bytes) -> None:
    token = minted(address, campaign=campaign)
    raw = raw_of(token)
    for forged in (raw[: -len(more)], raw + more, more + raw, raw[len(more) :]):
        with pytest.raises(BadToken):
            read_token(written(forged))
    respelt = {token + "=", f"{token} ", token.swapcase(), token.replace("-", "+").replace("_", "/"), _spare(token)}
    for spelling in respelt - {token}:
        with pytest.raises(BadToken):
            read_token(spelling)


def _spare(token: str) -> str:
    """The same bytes in other letters, where base64 has bits to spare."""
    letters = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"
    return token[:-1] + letters[letters.index(token[-1]) ^ 1] if len(token) % 4 else token


@quickly
@given(addresses)
def test_a_controllers_key_mints_nothing_for_another_one(address: str) -> None:
    foreign = {**config(GLOBEX), "controller": ACME}
    url = prepare(foreign, "offers")(address)["unsubscribe_url"]
    with pytest.raises(BadToken):
        read_token(url.removeprefix(f"{ORIGIN}/u/"))
    assert read_token(minted(address, controller_id=GLOBEX)).scope == Scope(GLOBEX, OFFERS)


def test_nobody_mints_for_no_controller() -> None:
    with pytest.raises(BadToken):
        read_token(minted("jane@example.org", controller_id=0))


@quickly
@given(addresses, addresses, campaigns)
def test_it_holds_neither_address_nor_digest_and_its_length_tells_nothing(
    address: str, other: str, campaign: str
) -> None:
    token = minted(address, campaign=campaign)
    raw, digest = raw_of(token), hashlib.sha256(address.encode()).digest()
    assert address.encode() not in raw
    assert not [at for at in range(29) if digest[at : at + 4] in raw[9:57]]
    assert len(token) == len(minted(other, campaign=campaign))


def test_two_links_of_one_address_have_nothing_in_common_to_compare() -> None:
    first, second = (raw_of(minted("jane@example.org", campaign=name))[9:57] for name in ("spring", "summer"))
    assert not [at for at in range(44) if first[at : at + 4] in second]


def test_after_a_rotation_old_links_work_and_a_revoked_key_s_do_not(settings: Settings) -> None:
    settings.SAYSO_LINK_KEYS = [OLD]
    old, its_id = minted("jane@example.org"), newest_link_key(ACME).id
    other = minted("jane@example.org", controller_id=GLOBEX)
    settings.SAYSO_LINK_KEYS = [NEW, OLD]
    assert minted("jane@example.org") != old
    assert read_token(old) == read_token(minted("jane@example.org"))
    settings.SAYSO_LINK_KEYS_REVOKED = [its_id]
    with pytest.raises(BadToken):
        read_token(old)
    assert read_token(other).scope == Scope(GLOBEX, OFFERS)  # the others' keys of the same secret were not lost
    assert link_keys(ACME)[0].id == newest_link_key(ACME).id != its_id


def test_a_revoked_key_is_not_given_to_mint_with(settings: Settings) -> None:
    settings.SAYSO_LINK_KEYS_REVOKED = [newest_link_key(ACME).id]
    with pytest.raises(RevokedKey):
        newest_link_key(ACME)


def test_without_keys_of_its_own_they_come_from_the_secret_key(settings: Settings) -> None:
    settings.SAYSO_LINK_KEYS = []
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = OLD, []
    token = minted("jane@example.org")
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW, [OLD]
    assert read_token(token).scope == Scope(ACME, OFFERS)
    settings.SAYSO_LINK_KEYS = ["a third key, by which links stand from now on"]
    assert read_token(token).scope == Scope(ACME, OFFERS)


@each(
    "address", ["jane", "jane@example", "Jane <jane@example.org>", '"j d"@example.org', "jane@exämple.org",
                "a@b.c1", "jané@example.org", "j..d@example.org", "jane@ex--ample.org",
                f"{'j' * 60}@example.org", "a@b.c\nx@y.z", ""],
)  # fmt: skip
def test_an_address_whose_normal_form_is_not_plain_gets_no_link(address: str) -> None:
    with pytest.raises(ValueError, match="POST /v1/links"):
        minted(address)


@quickly
@given(st.one_of(addresses, st.emails(), st.text(max_size=30)))
def test_whatever_the_function_takes_the_server_has_in_the_same_form(address: str) -> None:
    try:
        token = minted(f" {address.upper()}\n")
    except ValueError:
        return
    [key] = contact("email", normalise_email(address.upper())).asked
    assert read_token(token).key == key


@pytest.mark.parametrize("packed", [b"\0", b"\0" + bytes(7), b"\0" + bytes(9), b"\xff", "ü".encode()[:1]])
def test_a_campaign_is_a_name_or_a_hash(packed: bytes) -> None:
    with pytest.raises(ValueError, match=r"campaign|decode"):
        unpack(packed)
