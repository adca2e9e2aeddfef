"""Tokens of links: nobody but us can write one, and what one says cannot be changed."""

import base64
import hashlib
import string

import pytest
from pytest_django.fixtures import Settings

from consent.configuration import EVERYTHING, Scope
from consent.normalise.keys import Key
from consent.tokens import MAX_TOKEN, BadToken, Token, campaign_word, make_token, make_tokens, read_token
from tests.each import each

KEY = Key(bytes(range(16)))
TOKEN = Token("email", Scope(1, 2), KEY, "spring")
OLD, NEW, THIRD = (f"{name} signing key of these tests, long enough" for name in ("an old", "a new", "a third"))
# Written once, and in messages that people still have: it must be read for ever.
SENT_LONG_AGO = "AQAAAAABAAAAAgABAgMEBQYHCAkKCwwNDg9zcHJpbmeDI68yJbqcnfJnXXP92Y1K"
ITS_KEY = "kkkkkkkkkka fixed signing key of these tests"


@pytest.fixture(autouse=True)
def _signing_keys(settings: Settings) -> None:
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW, []
    settings.SAYSO_LINK_KEYS = settings.SAYSO_LINK_KEYS_REVOKED = []


@each("channel", ["email", "sms", "post"])
@each("scope", [Scope(1, 2), Scope(1, None), EVERYTHING, Scope(2**32 - 1, 2**32 - 1)])
@each("campaign", ["", "spring", "märz-🌷", "x" * 25])
def test_what_was_written_is_read(channel: str, scope: Scope, campaign: str) -> None:
    token = Token(channel, scope, KEY, campaign)
    assert read_token(make_token(token)) == token


def test_every_change_of_a_single_character_is_refused() -> None:
    written = make_token(TOKEN)
    for place, original in enumerate(written):
        for other in string.printable:
            if other != original:
                with pytest.raises(BadToken):
                    read_token(written[:place] + other + written[place + 1 :])


def test_every_change_of_a_single_bit_is_refused() -> None:
    written = make_token(TOKEN)
    raw = bytearray(base64.urlsafe_b64decode(written + "=" * (-len(written) % 4)))
    for bit in range(8 * len(raw)):
        raw[bit // 8] ^= 1 << bit % 8
        with pytest.raises(BadToken):
            read_token(base64.urlsafe_b64encode(raw).rstrip(b"=").decode())
        raw[bit // 8] ^= 1 << bit % 8


@each("text", ["", "a", "AQ", "=" * 64, "\n", "é" * 64, "\ud800", "A" * 10_000, "A" * 140, "../../etc/passwd"])
def test_what_is_no_token_is_refused(text: str) -> None:
    with pytest.raises(BadToken):
        read_token(text)


def test_pieces_of_tokens_are_refused() -> None:
    written = make_token(TOKEN)
    for end in range(len(written)):
        for piece in (
            written[:end],
            written[end + 1 :],
            written + written[: end + 1],
            f"{written} ",
            f"{written}=",
            f" {written}",
        ):
            with pytest.raises(BadToken):
                read_token(piece)


def test_the_other_spellings_of_base64_are_refused() -> None:
    tokens = [make_token(Token("email", Scope(1, 2), Key(bytes([number] * 16)))) for number in range(256)]
    written = next(text for text in tokens if "-" in text and "_" in text)
    with pytest.raises(BadToken):
        read_token(written.replace("-", "+").replace("_", "/"))


def test_a_token_says_one_address_on_one_channel_and_nothing_of_it_in_clear() -> None:
    texts = {
        make_token(Token(channel, TOKEN.scope, key)) for channel in ("email", "sms") for key in (KEY, Key(bytes(16)))
    }
    assert len(texts) == 4
    assert len({read_token(text) for text in texts}) == 4


def test_after_a_rotation_links_already_sent_still_work(settings: Settings) -> None:
    settings.SECRET_KEY = OLD
    written = make_token(TOKEN)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW, [THIRD, OLD]
    assert read_token(written) == TOKEN
    assert make_token(TOKEN) != written
    settings.SECRET_KEY_FALLBACKS = [THIRD]
    with pytest.raises(BadToken):
        read_token(written)


def test_a_new_key_alone_signs(settings: Settings) -> None:
    settings.SECRET_KEY_FALLBACKS = [OLD]
    written = make_token(TOKEN)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = OLD, []
    with pytest.raises(BadToken):
        read_token(written)


def test_a_link_sent_long_ago_is_read_for_ever(settings: Settings) -> None:
    settings.SECRET_KEY_FALLBACKS = [ITS_KEY]
    assert read_token(SENT_LONG_AGO) == TOKEN
    settings.SECRET_KEY = ITS_KEY
    assert make_token(TOKEN) == SENT_LONG_AGO


# Made when a campaign's name could take 60 bytes.
SENT_WITH_A_LONG_NAME = (
    "AQAAAAABAAAAAgABAgMEBQYHCAkKCwwNDg9hIG5hbWUgb2YgbW9yZSB0aGFuIHR3ZW50eS1maXZlIGJ5dGVz9ec01De0FONwcVNThS2-KA"
)


def test_a_long_link_sent_long_ago_is_read_for_ever(settings: Settings) -> None:
    settings.SECRET_KEY_FALLBACKS = [ITS_KEY]
    read = read_token(SENT_WITH_A_LONG_NAME)
    assert read == Token("email", Scope(1, 2), KEY, "a name of more than twenty-five bytes")


@pytest.mark.parametrize("campaign", ["x" * 26, "ü" * 13, "spring sale of twenty twenty-seven", "\0spring"])
def test_a_long_name_of_a_campaign_comes_back_as_its_hash(campaign: str) -> None:
    word = f"sha256:{hashlib.sha256(campaign.encode()).hexdigest()[:16]}"
    written = make_token(Token("email", EVERYTHING, KEY, campaign))
    assert read_token(written).campaign == campaign_word(campaign) == campaign_word(word) == word
    assert make_token(Token("email", EVERYTHING, KEY, word)) == written


@pytest.mark.parametrize("campaign", ["", "x" * 25, "x" * 26, "x" * 10_000])
def test_no_token_is_longer_than_a_line_takes(campaign: str) -> None:
    assert len(make_token(Token("post", Scope(2**32 - 1, 2**32 - 1), KEY, campaign))) <= MAX_TOKEN == 90


@each("campaign", ["", "s", "sp", "spr", "x" * 24, "x" * 25, "x" * 26])
def test_many_tokens_are_those_that_are_made_one_by_one(campaign: str) -> None:
    keys = [Key(bytes([number] * 16)) for number in range(256)]
    made = make_tokens("email", Scope(1, 2), keys, campaign)
    assert made == [make_token(Token("email", Scope(1, 2), key, campaign)) for key in keys]
    assert [read_token(text).key for text in made] == keys
    assert make_tokens("email", Scope(1, 2), []) == []


def test_a_link_key_of_its_own_signs_and_what_the_other_keys_signed_is_read(settings: Settings) -> None:
    before = make_token(TOKEN)
    settings.SAYSO_LINK_KEYS = [THIRD]
    after = make_token(TOKEN)
    assert after != before
    assert read_token(before) == read_token(after) == TOKEN
    settings.SECRET_KEY = OLD  # rotated, and nothing kept of it: the links stand by their own key
    assert read_token(after) == TOKEN
    settings.SAYSO_LINK_KEYS = [NEW, THIRD]
    assert read_token(after) == TOKEN
