"""Sayso's links, minted by your own system: no call, no secret but one controller's link key.

    config = json.load(open("sayso-links.json"))          # manage.py link_key acme --json > sayso-links.json
    links = prepare(config, "offers", "spring-sale")      # once a mailing
    links("jane@example.org")["headers"]                  # for each recipient

Copy this file; it needs Python 3.10 or later and nothing else. docs/LINKS.md describes the format, with test vectors.
"""

import base64
import hashlib
import hmac
import re
import struct
from collections.abc import Callable
from typing import Any

# Addresses whose normal form is plain: lower case. Any other one is asked of the service: POST /v1/links.
PLAIN = re.compile(r"[a-z0-9_+-]+(\.[a-z0-9_+-]+)*@([a-z0-9]+(-[a-z0-9]+)*\.)+[a-z0-9]*[a-z]", re.ASCII)


def prepare(config: dict[str, Any], topic: str, campaign: str = "") -> Callable[[str], dict[str, Any]]:
    """Give a function from an address to its links. Raise `KeyError` for an unknown topic."""
    key, head = bytes.fromhex(config["key"]), struct.pack(">BII", 0x20, config["controller"], config["topics"][topic])
    to_sign, to_hide = (
        hmac.new(hmac.new(key, purpose, "sha256").digest(), digestmod="sha256")
        for purpose in (b"sayso.mac", b"sayso.enc")
    )
    word = campaign.encode()
    if len(word) > 10:
        word = b"\0" + hashlib.sha256(word).digest()[:8]
    unsubscribe, preferences = config["origin"] + "/u/", config["origin"] + "/preferences/"
    mail = "mailto:" + config["mailbox"] + "?subject=unsubscribe%20" if config["mailbox"] else None

    def links(address: str) -> dict[str, Any]:
        """The links of one address. Raise `ValueError` for one whose normal form only the service knows."""
        address = address.strip().lower()
        if len(address) > 64 or not PLAIN.fullmatch(address):
            raise ValueError("not a plain address: ask POST /v1/links")
        digest = hashlib.sha256(address.encode()).digest()
        siv = _mac(to_sign, head + digest + word)[:16]
        hidden = int.from_bytes(digest, "big") ^ int.from_bytes(_mac(to_hide, siv), "big")
        raw = head + siv + hidden.to_bytes(32, "big") + word
        token = base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
        url, mailto = unsubscribe + token, mail + token if mail else None
        headers = {
            "List-Unsubscribe": f"<{url}>, <{mailto}>" if mailto else f"<{url}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }
        return {"unsubscribe_url": url, "preferences_url": preferences + token, "mailto": mailto, "headers": headers}

    return links


def _mac(prepared: hmac.HMAC, message: bytes) -> bytes:
    state = prepared.copy()
    state.update(message)
    return state.digest()
