"""The tables of the check split by key (docs/SCALING.md): words and answers are as before, and keys that are joined
lead to their own parts alone.
"""

from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from consent import db, inbox
from consent.configuration import Scope
from consent.inbox import Arrival, Envelope
from tests.consent.core.example import Organisation, ask, entry, key_of, record

pytestmark = pytest.mark.django_db

SPLIT = Path(settings.BASE_DIR) / "docs" / "examples" / "hash_partitions.sql"
JOINED = """
PREPARE joined (uuid[]) AS SELECT found.cause
FROM unnest($1) AS asked (key), LATERAL (SELECT cause FROM consent_suppression s WHERE s.key = asked.key) AS found
"""
ANN, BOB, KIM = (key_of("email", f"{name}@example.com") for name in ("ann", "bob", "kim"))


def split() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(SPLIT.read_text())


def test_words_and_answers_are_as_before(organisation: Organisation) -> None:
    offers, newsletter = organisation.scope("offers"), organisation.scope("newsletter")
    record(entry(ANN, offers, "withdraw", "choice"), entry(KIM, newsletter, "grant", basis="opt_in"))
    split()
    assert (ask(organisation, "offers", [ANN]).reason, ask(organisation, "newsletter", [KIM]).reason) == (
        "opted_out",
        "granted",
    )
    holds = [(BOB, Scope(organisation.acme.pk, None))]
    inbox.accept(Arrival(organisation.acme.pk, "api", "email", Envelope(b"no"), holds))
    assert ask(organisation, "offers", [BOB]).reason == "held"
    assert ask(organisation, "offers", [KIM]).allowed
    record(entry(KIM, newsletter, "withdraw", "choice", occurred_at=timezone.now() - timedelta(minutes=1)))
    assert ask(organisation, "newsletter", [KIM]).reason == "opted_out"
    assert db.fetch("SELECT count(*) FROM consent_fresh WHERE key = %s", [KIM])[0][0] > 0


def test_keys_that_are_joined_lead_to_their_own_part(organisation: Organisation) -> None:
    record(entry(ANN, organisation.scope("offers"), "withdraw", "choice"))
    split()
    # As planned for large tables: such small ones would be read whole.
    for name in ("hashjoin", "mergejoin", "seqscan"):
        db.fetch(f"SET LOCAL enable_{name} = off")
    db.fetch(JOINED)
    rows = db.fetch(f"EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) EXECUTE joined (ARRAY['{ANN.hex()}'::uuid])")
    scans = [line for [line] in rows if " on consent_suppression_" in line]
    assert [" loops=" in line for line in scans].count(True) == 1
