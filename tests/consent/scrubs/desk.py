"""A desk for tests: files are handed in, scrubbed, and their results read."""

import csv
import io
from typing import Any

from consent.models import Scrub
from consent.scrubs import working
from consent.scrubs.creating import ScrubRequest, create_scrub
from consent.scrubs.results import result_parts
from tests.consent.core.example import Organisation, entry, key_of, record

NO, YES, BAD = ("false", "opted_out"), ("true", "opt_out_basis"), ("false", "invalid_address")


def hand_in(organisation: Organisation, file: bytes, **told: Any) -> Scrub:
    """A scrub that waits."""
    plain: dict[str, Any] = {
        "controller_id": organisation.acme.pk,
        "channel": "email",
        "topic": "offers",
        "created_by": "key:test",
    }
    return create_scrub(ScrubRequest(**(plain | told)), io.BytesIO(file)).scrub


def scrubbed(organisation: Organisation, file: bytes, **told: Any) -> Scrub:
    scrub = hand_in(organisation, file, **told)
    working.drain()
    scrub.refresh_from_db()
    assert scrub.state == "ready", scrub.error
    return scrub


def result(scrub: Scrub) -> bytes:
    return b"".join(result_parts(scrub))


def verdicts(text: str, delimiter: str = ",") -> list[tuple[str, str]]:
    """`allowed` and `reason` of each row, as any reader of CSV has them."""
    rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter)
    return [(row["allowed"], row["reason"]) for row in rows]


def refuse(organisation: Organisation, *addresses: str, channel: str = "email", scope: str = "acme") -> None:
    """People want nothing of acme's."""
    keys = [key_of(channel, address) for address in addresses]
    record(*(entry(key, organisation.scope(scope), "withdraw", "choice", channel=channel) for key in keys))
