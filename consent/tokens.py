"""Tokens of links: they name one address and one scope, cannot be forged, and never expire (RFC 8058 §3.1).

Ours (version 1) are `version | channel | controller | topic | key | campaign | MAC` in base64url. Those that a
controller's own systems mint (version 2, docs/LINKS.md) name the address by the SHA-256 of its normal form, for they do
not know our key of it; that could be guessed, and so it is enciphered under its MAC (a synthetic IV, as RFC 5297 has
it): `version and channel | controller | topic | SIV | hidden digest | campaign`. The address itself is in neither.
Nothing is stored, so a link works as long as its key is kept (token_keys.py).
"""

import base64
import binascii
import hmac
import re
import struct
from collections.abc import Sequence
from typing import Final
from urllib.parse import unquote

import msgspec

from consent import campaigns
from consent.addresses import keys_of_digest
from consent.configuration import Scope
from consent.normalise.keys import Key
from consent.token_keys import link_keys, signers

MAX_TOKEN: Final = 90  # characters of a token that is made today
_RAW: Final = MAX_TOKEN * 3 // 4
_CHANNELS: Final = ("email", "sms", "post")
_VERSION: Final = 1
_PLACE, _HEAD = struct.Struct(">BBII"), struct.Struct(">BBII16s")
_MAC_BYTES: Final = 16
_ROOM: Final = _RAW - _HEAD.size - _MAC_BYTES  # bytes for the campaign
_MINTED_HEAD: Final = struct.Struct(">BII")
_MINTED: Final = range(0x20, 0x20 + len(_CHANNELS))  # the first byte: version 2 and the channel
_SIV_AT, _DIGEST_AT, _CAMPAIGN_AT = 9, 25, 57
_MAX_CHARACTERS: Final = 140  # of those that were made when a campaign could take 60 bytes
_URL_SAFE: Final = bytes.maketrans(b"+/", b"-_")
_MAX_WRITTEN: Final = 4_000
_BREAKS = re.compile(r"=?[\s\u00ad\u200b-\u200d\u2060\ufeff]+")  # with the = of quoted-printable
_AROUND = re.compile(r"[^A-Za-z0-9_-]*([A-Za-z0-9_-]+)(?:[^A-Za-z0-9_-]*|[^A-Za-z0-9_-]*?[?&#;<>\"'].*)", re.DOTALL)


class BadToken(ValueError):
    """Not a token of ours."""


class Token(msgspec.Struct, frozen=True):
    """What a link stands for. `campaign` is the sender's own word for the message that carried it."""

    channel: str
    scope: Scope
    key: Key
    campaign: str = ""


def make_token(token: Token) -> str:
    """Write a token. Of a campaign whose name is too long its hash is written (campaigns.py)."""
    return make_tokens(token.channel, token.scope, [token.key], token.campaign)[0]


def make_tokens(channel: str, scope: Scope, keys: Sequence[Key], campaign: str = "") -> list[str]:
    """Write many tokens that differ in nothing but the key, in order."""
    head = _PLACE.pack(_VERSION, _CHANNELS.index(channel), scope.controller_id or 0, scope.topic_id or 0)
    sign, word = signers()[0], campaigns.pack(campaign, _ROOM)
    size = _HEAD.size + len(word) + _MAC_BYTES
    # All are encoded in one go: each is filled up to whole groups of three bytes, and the letters of these cut off.
    more = bytes(-size % 3)
    raw = b"".join([(payload := head + key + word) + sign(payload)[:_MAC_BYTES] + more for key in keys])
    text = binascii.b2a_base64(raw, newline=False).translate(_URL_SAFE).decode()
    step, length = (size + len(more)) * 4 // 3, -(-size * 4 // 3)
    return [text[at : at + length] for at in range(0, len(text), step)]


def campaign_word(campaign: str) -> str:
    """The word by which a campaign comes back with what one of our own tokens said."""
    return campaigns.unpack(campaigns.pack(campaign, _ROOM))


def token_in(written: str) -> str:
    """The token of a link as mail programs, trackers and people write it. Raise `BadToken` if there is none.

    No token has a character beyond base64url's, so what stands around it is known from it: brackets and full stops of
    the sentence, a wrapped line, a query that was taken for a part of the path, one percent-encoding more. Whether it
    is one of ours `read_token` says; nothing that it would refuse becomes good by this.
    """
    found = _AROUND.fullmatch(_BREAKS.sub("", unquote(written[:_MAX_WRITTEN])))
    if found is None:
        raise BadToken("no token")
    return found[1]


def read_token(text: str) -> Token:
    """Read a token. Raise `BadToken` unless one of our keys, or of its controller's, signed exactly this."""
    raw = _decode(text)
    try:
        return _read_minted(raw) if raw[0] in _MINTED else _read_own(raw)
    except (ValueError, IndexError) as error:
        raise BadToken("not a token of ours") from error


def _read_own(raw: bytes) -> Token:
    payload, mac = raw[:-_MAC_BYTES], raw[-_MAC_BYTES:]
    if len(payload) < _HEAD.size or not any(hmac.compare_digest(sign(payload)[:_MAC_BYTES], mac) for sign in signers()):
        raise BadToken("not signed by us")
    _, channel, controller_id, topic_id, key = _HEAD.unpack_from(payload)
    scope = Scope(controller_id or None, topic_id or None)
    return Token(_CHANNELS[channel], scope, Key(key), campaigns.unpack(payload[_HEAD.size :]))


def _read_minted(raw: bytes) -> Token:
    """A controller's system minted it: its key signs for that controller alone."""
    head, siv, hidden, packed = raw[:_SIV_AT], raw[_SIV_AT:_DIGEST_AT], raw[_DIGEST_AT:_CAMPAIGN_AT], raw[_CAMPAIGN_AT:]
    if len(raw) < _CAMPAIGN_AT or len(raw) > _RAW:
        raise BadToken("too short or too long")
    first, controller_id, topic_id = _MINTED_HEAD.unpack(head)
    for one in link_keys(controller_id) if controller_id else ():
        digest = _xor(hidden, one.hides(siv))
        if hmac.compare_digest(one.signs(head + digest + packed)[:_MAC_BYTES], siv):
            channel = _CHANNELS[_MINTED.index(first)]
            [key] = keys_of_digest(channel, digest)
            return Token(channel, Scope(controller_id, topic_id or None), key, campaigns.unpack(packed))
    raise BadToken("not signed by its controller")


def _xor(one: bytes, other: bytes) -> bytes:
    return (int.from_bytes(one, "big") ^ int.from_bytes(other, "big")).to_bytes(len(one), "big")


def _decode(text: str) -> bytes:
    if len(text) > _MAX_CHARACTERS:
        raise BadToken("too long")
    try:
        raw = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    except ValueError as error:
        raise BadToken("not base64url") from error
    # Base64 has spare bits: only the one spelling that we wrote is ours.
    if base64.urlsafe_b64encode(raw).rstrip(b"=").decode() != text:
        raise BadToken("not written by us")
    return raw
