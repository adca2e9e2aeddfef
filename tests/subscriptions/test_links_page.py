"""docs/LINKS.md keeps its word: its test vectors are what the server and the example function make."""

import hashlib
import json
import re
from typing import Any

import pytest
from pytest_django.fixtures import Settings
from sayso_links import prepare

from consent.addresses import keys_of_digest
from consent.configuration import Scope
from consent.token_keys import newest_link_key
from consent.tokens import Token, read_token
from tests.instance import ROOT

PAGE = (ROOT / "docs" / "LINKS.md").read_text()
[BLOCK] = re.findall(r"^```json\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
VECTORS: dict[str, Any] = json.loads(BLOCK)


@pytest.fixture(autouse=True)
def _its_key(settings: Settings) -> None:
    settings.SAYSO_LINK_KEYS, settings.SAYSO_LINK_KEYS_REVOKED = [VECTORS["SAYSO_LINK_KEYS"]], []


def test_its_key_and_digest_are_those_of_the_server() -> None:
    made = newest_link_key(VECTORS["controller"])
    assert (made.id, made.key.hex()) == (VECTORS["key_id"], VECTORS["key"])
    assert hashlib.sha256(VECTORS["address"].lower().encode()).hexdigest() == VECTORS["digest"]


@pytest.mark.parametrize("vector", VECTORS["tokens"], ids=lambda vector: vector["campaign"] or "none")
def test_its_tokens_are_made_by_the_function_and_read_by_the_server(vector: dict[str, Any]) -> None:
    own = {"origin": "https://sayso.example", "mailbox": None, "topics": {"one": vector["topic"]}}
    links = prepare({**VECTORS, **own}, "one", vector["campaign"])(VECTORS["address"])
    assert links["unsubscribe_url"] == f"https://sayso.example/u/{vector['token']}"
    assert (links["mailto"], links["headers"]["List-Unsubscribe"]) == (None, f"<{links['unsubscribe_url']}>")
    [key] = keys_of_digest("email", bytes.fromhex(VECTORS["digest"]))
    name = vector["campaign"]
    word = name if len(name) <= 10 else f"sha256:{hashlib.sha256(name.encode()).hexdigest()[:16]}"
    scope = Scope(VECTORS["controller"], vector["topic"] or None)
    assert read_token(vector["token"]) == Token("email", scope, key, word)


def test_the_function_is_as_short_as_it_says() -> None:
    lines = len((ROOT / "docs" / "examples" / "sayso_links.py").read_text().splitlines())
    assert lines <= 60
    assert f"({lines} lines" in PAGE
