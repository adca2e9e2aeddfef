"""Tokens of links: they name one address by its key and one scope, cannot be forged, and never expire (RFC 8058 §3.1).

A token is `version | channel | controller | topic | key | campaign | MAC` in base64url. The address itself is not in
it. Nothing is stored, so a link works as long as a signing key is kept: SECRET_KEY signs, SECRET_KEY_FALLBACKS still
verify.
"""

import base64
import hashlib
import hmac
import re
import struct
from functools import cache
from urllib.parse import unquote

import msgspec
from django.conf import settings

from consent.configuration import Scope
from consent.normalise.keys import Key

_VERSION = 1
_CHANNELS = ("email", "sms", "post")
_HEAD = struct.Struct(">BBII16s")
_MAC_BYTES = 16
MAX_CAMPAIGN_BYTES = 60
_MAX_CHARACTERS = 4 * (_HEAD.size + MAX_CAMPAIGN_BYTES + _MAC_BYTES) // 3 + 4
_MAX_WRITTEN = 4_000
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


@cache
def _signing_keys(secrets: tuple[str, ...]) -> list[bytes]:
    return [hashlib.sha256(b"sayso.token.v1|" + secret.encode()).digest() for secret in secrets]


def _keys() -> list[bytes]:
    return _signing_keys((settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS))


def _mac(key: bytes, payload: bytes) -> bytes:
    return hmac.digest(key, payload, "sha256")[:_MAC_BYTES]


def macs(purpose: bytes, payload: bytes, size: int) -> list[bytes]:
    """The signatures of a payload that is no link's, at most 32 bytes each: by the newest key first."""
    return [hmac.digest(key, purpose + b"|" + payload, "sha256")[:size] for key in _keys()]


def make_token(token: Token) -> str:
    """Write a token. Raise `ValueError` for a campaign of more than `MAX_CAMPAIGN_BYTES`."""
    campaign = token.campaign.encode()
    if len(campaign) > MAX_CAMPAIGN_BYTES:
        raise ValueError(f"campaign: at most {MAX_CAMPAIGN_BYTES} bytes")
    controller_id, topic_id = token.scope.controller_id or 0, token.scope.topic_id or 0
    head = _HEAD.pack(_VERSION, _CHANNELS.index(token.channel), controller_id, topic_id, token.key)
    payload = head + campaign
    return base64.urlsafe_b64encode(payload + _mac(_keys()[0], payload)).rstrip(b"=").decode()


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
    """Read a token. Raise `BadToken` unless one of our keys signed exactly this."""
    raw = _decode(text)
    payload, mac = raw[:-_MAC_BYTES], raw[-_MAC_BYTES:]
    if len(payload) < _HEAD.size or not any(hmac.compare_digest(_mac(key, payload), mac) for key in _keys()):
        raise BadToken("not a token of ours")
    _, channel, controller_id, topic_id, key = _HEAD.unpack_from(payload)
    scope = Scope(controller_id or None, topic_id or None)
    return Token(_CHANNELS[channel], scope, Key(key), payload[_HEAD.size :].decode())


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
