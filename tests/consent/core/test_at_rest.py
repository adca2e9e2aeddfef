"""A stolen database or log names nobody: what is personal is sealed, in every table."""

import hashlib
import logging

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.utils import timezone

from consent import pipeline, reviewing
from consent.addresses import contact
from consent.intake.contract import Channel
from consent.models import ConsentEvent, Decision, Person, Review
from consent.moves.move import Move
from consent.moves.told import accept_moves
from consent.moves.told import told as told_move
from consent.stated import accept_statement
from consent.statement import PersonKnown, Statement
from consent.tokens import Token, make_token
from tests.consent.core.doors import HOME, generic, infobip, mail
from tests.consent.core.example import Organisation, key_of

pytestmark = pytest.mark.django_db

NUMBER, ADDRESS = "+14155550123", "ann.lee@example.com"
PERSONAL = [
    NUMBER,
    NUMBER[1:],
    ADDRESS,
    "ann.lee",
    "Ann Lee",
    "ANN LEE",
    "12 Oak",
    "12 OAK",
    "62701",
    "14 Elm",
    "14 ELM",
    "I live at",
    "call me",
]


def tell_everything(organisation: Organisation, client: Client) -> None:
    """One person's words through every door, some of them for review, some that fail."""
    generic(client, NUMBER, "STOP", "m-1")
    generic(client, NUMBER, "stop, or call me, please", "m-2")
    infobip(
        client,
        [
            {"messageId": "1", "from": NUMBER[1:], "to": "55501", "text": "STOP"},
            {"messageId": "2", "from": "Ann Lee", "to": "55501", "text": "STOP"},
        ],
    )
    mail("Take me off everything", f"Remove me from all lists, e-mail and post. I live at\n\n{HOME}")
    mail("Hello from Ann Lee", "Could you stop sending so many of these?", number=2)
    person = PersonKnown(external_id="crm-1", name="Ann Lee")
    addresses: list[tuple[Channel, str]] = [("email", ADDRESS), ("sms", NUMBER), ("post", HOME)]
    for channel, address in addresses:
        told = Statement(channel, address, "opt_out", evidence={"said": "call me"}, person=person)
        accept_statement(told, organisation.acme.pk, source="api", actor="key:sayso_abcdef")
    move = Move("post", HOME, HOME.replace("12 Oak", "14 Elm"), external_id="crm-1", name="Ann Lee")
    accept_moves([told_move(move, organisation.acme.pk, timezone.now())], organisation.acme.pk, by="api", actor="key")
    link = make_token(Token("email", organisation.scope("offers"), key_of("email", ADDRESS)))
    client.post(f"/u/{link}", data=b"List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded")
    pipeline.drain()
    staff = get_user_model().objects.create_user("staff")
    for review in Review.objects.exclude(channel="post"):
        found = contact("sms", NUMBER) if review.channel == "sms" else contact("email", ADDRESS)
        reviewing.decide(review.pk, Decision.OPT_OUT, user_id=staff.pk, reason="read", contact=found)


def everything_stored() -> str:
    """Every column of every row of every table, bytes in hexadecimal."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = [name for (name,) in cursor.fetchall()]
        dump = []
        for table in tables:
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            dump += [f"{table}: {row}" for (row,) in cursor.fetchall()]
    return "\n".join(dump)


def test_no_table_and_no_log_line_names_anybody(
    organisation: Organisation, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        tell_everything(organisation, client)
    assert ConsentEvent.objects.count() >= 8
    assert Person.objects.get().sealed_name
    stored, logged = everything_stored(), caplog.text
    assert "crm-1" in stored
    for personal in PERSONAL:
        digest = hashlib.sha256(personal.encode()).hexdigest()
        for written in (personal, personal.encode().hex(), personal.replace(" ", "+"), digest):
            assert written not in stored
        assert personal not in logged


def test_what_fails_is_logged_by_its_kind_alone(
    organisation: Organisation, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    statement = Statement(
        channel="email", address=ADDRESS, action="opt_out", topic="offers", evidence={"said": "call me"}
    )
    accept_statement(statement, organisation.acme.pk, source="api", actor="key:sayso_abcdef")
    organisation.topics["offers"].delete()
    with caplog.at_level(logging.DEBUG):
        pipeline.drain()
    assert "Rejected" in caplog.text
    assert not [personal for personal in PERSONAL if personal in caplog.text + everything_stored()]
