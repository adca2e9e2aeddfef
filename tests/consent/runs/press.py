"""A mail house for tests: makes runs of rows, scrubs them, and reads what came of them."""

import io
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from consent import resolve
from consent.addresses import contact
from consent.decision import Seen
from consent.models import MailRun
from consent.runs import scrub
from consent.runs.creating import RunRequest, create_run
from consent.runs.files import result_parts
from tests.consent.core.example import Organisation, entry, key_of, record

HEADER = "Name,Address,City,State,Zip,Code"
PLACE = "Springfield,IL,62701"


def row(name: str, street: str, code: str = "") -> str:
    return f'{name},"{street}",{PLACE},{code}'


def address(name: str, street: str) -> dict[str, str]:
    return {"name": name, "line1": street, "city": "Springfield", "region": "IL", "postal_code": "62701"}


def file_of(*rows: str, header: str = HEADER) -> bytes:
    return "\n".join([header, *rows, ""]).encode()


def make(organisation: Organisation, file: bytes, **told: Any) -> MailRun:
    """A run that waits to be scrubbed; dropped in a week unless told otherwise."""
    now = timezone.now()
    plain: dict[str, Any] = {
        "controller_id": organisation.acme.pk,
        "name": "Autumn catalogue",
        "topic": "offers",
        "cut_off": now + timedelta(days=2),
        "drop_on": now.date() + timedelta(days=7),
        "created_by": "key:test",
    }
    return create_run(RunRequest(**(plain | told)), io.BytesIO(file)).run


def scrubbed(organisation: Organisation, file: bytes, **told: Any) -> MailRun:
    run = make(organisation, file, **told)
    scrub.drain()
    run.refresh_from_db()
    return run


def result(run: MailRun) -> bytes:
    return b"".join(result_parts(run.pk))


def verdicts(run: MailRun) -> list[tuple[str, str]]:
    """`allowed` and `reason` of each row."""
    lines = result(run).decode("utf-8", "replace").splitlines()[1:]
    return [(line.split(",")[-3], line.split(",")[-2]) for line in lines]


def refuse(organisation: Organisation, whom: dict[str, str], at: datetime | None = None, scope: str = "acme") -> None:
    """A person, or a household where none is named, wants no post."""
    who = contact("post", whom)
    resolve.keep_address(Seen(who.said[0], "post", who.normal, who.home), timezone.now())
    said: dict[str, Any] = {"channel": "post"} | ({"occurred_at": at} if at else {})
    for key in who.said:
        record(entry(key, organisation.scope(scope), "withdraw", "choice", **said))


def home(street: str) -> bytes:
    return key_of("post", address("", street))
