"""`manage.py reconcile_opt_outs`: what a gateway holds and we lacked is taken in once; nothing of ours is lifted."""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.test import Client

from consent import db, pipeline
from consent.lists.listed import Listed
from consent.lists.taken import evidence_of, taken_in
from consent.models import ConsentEvent, ContactPoint, Hold, Inbound, Sender, Suppression
from consent.normalise.keys import Key
from tests.consent.core.doors import generic
from tests.consent.core.example import ACME_NUMBER, Organisation, ago, ask, entry, key_of, record
from tests.consent.core.test_ledger import differences
from tests.consent.lists.conftest import Serve, account
from tests.consent.lists.stand_in import Aws, Twilio, blocked, heard
from tests.each import each

pytestmark = pytest.mark.django_db

PEOPLE = [f"+1415555{place:04d}" for place in range(100, 130)]
KEYS = [key_of("sms", one) for one in PEOPLE]


def run(*arguments: str) -> tuple[str, str]:
    """What the command says on both streams."""
    out, err = StringIO(), StringIO()
    call_command("reconcile_opt_outs", *arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def broken(*arguments: str) -> tuple[str, str]:
    """What it says when it fails."""
    out, err = StringIO(), StringIO()
    with pytest.raises(CommandError) as raised:
        call_command("reconcile_opt_outs", *arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue() + str(raised.value)


def stops() -> set[tuple[bytes, str]]:
    return {(row.key, row.sender) for row in Suppression.objects.filter(cause="stop")}


def a_file(folder: Path, text: str) -> str:
    path = folder / "opt outs.csv"
    path.write_text(text)
    return f"--csv={path}"


def test_what_we_lack_is_taken_in_and_obeyed_at_once(organisation: Organisation, serve: Serve) -> None:
    server = Twilio([blocked(place, person) for place, person in enumerate(PEOPLE[:5])])
    serve(server)
    account(organisation.acme, "twilio", api_url=server.url)
    out, err = run("twilio")
    assert "twilio/acme: on the gateway's list 5, known to us 0, taken in 5, unreadable 0" in out
    assert err == ""
    assert ask(organisation, "offers", KEYS[:1], "sms").reason == "held"
    pipeline.drain()
    assert stops() == {(key, ACME_NUMBER) for key in KEYS[:5]}
    assert ask(organisation, "service", KEYS[:1], "sms").reason == "opted_out"
    assert ask(organisation, "offers", KEYS[5:6], "sms").allowed
    assert not Hold.objects.exists()
    assert differences() == []


def test_a_line_says_where_it_is_from(organisation: Organisation, serve: Serve) -> None:
    server = Twilio([blocked(1, PEOPLE[0])])
    serve(server)
    account(organisation.acme, "twilio", api_url=server.url)
    run("twilio")
    pipeline.drain()
    line, inbound = ConsentEvent.objects.get(), Inbound.objects.get()
    assert (line.action, line.cause, line.source, line.sender) == ("withdraw", "stop", "reconcile:twilio", ACME_NUMBER)
    assert line.controller_id == organisation.acme.pk
    assert line.occurred_at.isoformat() == "2026-03-03T10:00:01+00:00"
    assert (inbound.source, inbound.endpoint, inbound.outcome) == ("reconcile:twilio", "acme", "opt_out")
    assert inbound.actor == "command:reconcile_opt_outs"
    assert bytes(line.digest) == bytes(inbound.digest)
    assert ContactPoint.objects.get().key == KEYS[0]


def test_a_repetition_changes_nothing_before_and_after_the_pipeline(organisation: Organisation, serve: Serve) -> None:
    server = Twilio([blocked(place, person) for place, person in enumerate(PEOPLE[:4])])
    serve(server)
    account(organisation.acme, "twilio", api_url=server.url)
    run("twilio")
    assert "known to us 4, taken in 0" in run("twilio")[0]
    pipeline.drain()
    assert "known to us 4, taken in 0" in run("twilio")[0]
    pipeline.drain()
    assert ConsentEvent.objects.count() == Inbound.objects.count() == 4


def test_what_we_hold_already_is_known_by_its_number_of_ours(organisation: Organisation, serve: Serve) -> None:
    def stop(key: Key, sender: str, scope: str) -> Any:
        return entry(key, organisation.scope(scope), "withdraw", "stop", channel="sms", sender=sender)

    record(
        stop(KEYS[0], ACME_NUMBER, "acme"),
        stop(KEYS[1], ACME_NUMBER, "everything"),
        stop(KEYS[2], "55501", "acme"),
        stop(KEYS[3], ACME_NUMBER, "globex"),
        stop(KEYS[4], ACME_NUMBER, "offers"),
        entry(KEYS[5], organisation.scope("acme"), "withdraw", "choice", channel="sms"),
    )
    server = Twilio([blocked(place, person) for place, person in enumerate(PEOPLE[:6])])
    serve(server)
    account(organisation.acme, "twilio", api_url=server.url)
    assert "known to us 2, taken in 4" in run("twilio")[0]


def test_a_later_start_that_we_heard_is_not_undone(organisation: Organisation, serve: Serve) -> None:
    record(entry(KEYS[0], organisation.scope("acme"), "lift", "stop", channel="sms", sender=ACME_NUMBER))
    server = Twilio([heard(1, PEOPLE[0], "STOP")])
    serve(server)
    account(organisation.acme, "twilio", api_url=server.url)
    run("twilio")
    pipeline.drain()
    assert stops() == set()
    run("twilio")
    pipeline.drain()
    assert ConsentEvent.objects.count() == 2
    assert differences() == []


def test_an_undated_row_is_a_new_word_after_another_one(organisation: Organisation, tmp_path: Path) -> None:
    file = a_file(tmp_path, f"number\n{PEOPLE[0]}\n")
    assert "taken in 1" in run("generic", file)[0]
    pipeline.drain()
    assert "known to us 1, taken in 0" in run("generic", file)[0]
    scope = organisation.scope("acme")
    record(entry(KEYS[0], scope, "grant", channel="sms", basis="opt_in", occurred_at=ago(seconds=-1)))
    assert stops() == set()
    assert "known to us 0, taken in 1" in run("generic", file)[0]
    assert "known to us 1, taken in 0" in run("generic", file)[0]


def test_ours_that_the_gateway_lacks_are_counted_and_stay(organisation: Organisation, serve: Serve) -> None:
    said = [("sms:twilio", "acme"), ("reconcile:twilio", "everything"), ("sms:plivo", "acme"), ("sms:twilio", "globex")]
    record(
        *(
            entry(key, organisation.scope(scope), "withdraw", "stop", channel="sms", source=source, sender=ACME_NUMBER)
            for key, (source, scope) in zip(KEYS, said, strict=False)
        )
    )
    server = Twilio([blocked(1, PEOPLE[9])])
    serve(server)
    account(organisation.acme, "twilio", api_url=server.url)
    assert "Ours that the gateway lacks: 2 (they stay" in run("twilio")[0]
    pipeline.drain()
    assert len(stops()) == 5
    assert "Ours that the gateway lacks: 0" in run("twilio", "--since=2099-01-01")[0]


def test_a_dry_run_writes_nothing(organisation: Organisation, serve: Serve) -> None:
    server = Twilio([blocked(place, person) for place, person in enumerate(PEOPLE[:5])])
    serve(server)
    account(organisation.acme, "twilio", api_url=server.url)
    assert "known to us 0, we lack 5" in run("twilio", "--dry-run")[0]
    assert not Inbound.objects.exists()
    assert not Hold.objects.exists()


def test_a_list_that_breaks_off_is_taken_in_as_far_as_it_went(organisation: Organisation, serve: Serve) -> None:
    server = Twilio([blocked(place, person) for place, person in enumerate(PEOPLE)])
    server.faults = {4: 401}
    serve(server)
    account(organisation.acme, "twilio", api_url=server.url)
    out, err = broken("twilio")
    assert "on the gateway's list 12, known to us 0, taken in 12" in out
    assert "not counted" in out
    assert "not read to its end: the gateway answered 401" in err
    assert "run this again" in err
    out, _ = run("twilio")
    assert "on the gateway's list 30, known to us 12, taken in 18" in out


def test_every_account_of_the_gateway_or_one(organisation: Organisation, serve: Serve) -> None:
    servers = [Twilio([blocked(1, PEOPLE[0])]), Twilio([blocked(1, PEOPLE[1]), blocked(2, PEOPLE[2])])]
    for owner, server in zip((organisation.acme, organisation.globex), servers, strict=True):
        serve(server)
        account(owner, "twilio", api_url=server.url)
    assert "acme" not in run("twilio", "--endpoint=globex", "--dry-run")[0]
    out, _ = run("twilio")
    assert "twilio/acme: on the gateway's list 1," in out
    assert "twilio/globex: on the gateway's list 2," in out
    pipeline.drain()
    owners = dict(Suppression.objects.values_list("key", "controller__slug"))
    assert owners == {KEYS[0]: "acme", KEYS[1]: "globex", KEYS[2]: "globex"}


def test_one_account_that_fails_does_not_keep_the_others_away(organisation: Organisation, serve: Serve) -> None:
    good = Twilio([blocked(1, PEOPLE[1])])
    serve(good)
    account(organisation.acme, "twilio", api_url="http://elsewhere.example")
    account(organisation.globex, "twilio", api_url=good.url)
    out, err = broken("twilio")
    assert "twilio/globex: on the gateway's list 1, known to us 0, taken in 1" in out
    assert "https://" in err


@pytest.mark.parametrize("name", ["aws", "sns"])
def test_aws_under_both_names(organisation: Organisation, serve: Serve, name: str) -> None:
    opted_out = [{"OptedOutNumber": one, "OptedOutTimestamp": 1772706030.0, "EndUserOptedOut": True} for one in PEOPLE]
    server = Aws({"Default": opted_out[:4]}, PEOPLE[3:6])
    serve(server)
    account(organisation.acme, "sns", api_url=server.url)
    # The fourth is on both lists: two words, of different moments, about one number.
    assert "on the gateway's list 7, known to us 0, taken in 7" in run(name)[0]
    pipeline.drain()
    assert stops() == {(key, "") for key in KEYS[:6]}
    assert "known to us 7, taken in 0" in run(name)[0]
    assert differences() == []


def test_an_account_may_say_which_number_its_lists_are_of(
    organisation: Organisation, client: Client, serve: Serve
) -> None:
    server = Aws({}, PEOPLE[:2])
    serve(server)
    account(organisation.acme, "sns", api_url=server.url, sender=ACME_NUMBER)
    run("aws")
    pipeline.drain()
    assert stops() == {(key, ACME_NUMBER) for key in KEYS[:2]}
    assert generic(client, PEOPLE[0], "START").status_code == 200
    pipeline.drain()
    assert stops() == {(KEYS[1], ACME_NUMBER)}


def test_a_file_with_good_and_bad_rows(organisation: Organisation, tmp_path: Path) -> None:
    Sender.objects.create(controller=organisation.acme, channel="sms", kind="sender", address=ACME_NUMBER)
    rows = [
        f"{PEOPLE[0]},{ACME_NUMBER},2026-03-05T10:00:00Z",
        "not a number,,2026-03-05",
        f'"{PEOPLE[9]},,2026-03-05',
        "(415) 555-0101,15550100001,",
        ",,2026-03-05",
        f"{PEOPLE[2]}",
        f"{PEOPLE[3]},55501,the day before yesterday",
        f"{ACME_NUMBER},,2026-03-05",
    ]
    out, err = run("generic", a_file(tmp_path, "\ufeffPhone Number,Short Code,Opted out at\n" + "\n".join(rows)))
    assert "generic/acme: on the gateway's list 4, known to us 0, taken in 4, unreadable 4" in out
    assert [line.split(":")[0].strip() for line in err.splitlines()] == ["line 3", "line 4", "line 6", "line 9"]
    assert "415" not in err
    assert "not a number" not in err
    pipeline.drain()
    assert stops() == {(KEYS[0], ACME_NUMBER), (KEYS[1], ACME_NUMBER), (KEYS[2], ""), (KEYS[3], "55501")}


def test_a_file_without_a_column_of_numbers_needs_its_name(organisation: Organisation, tmp_path: Path) -> None:
    file = a_file(tmp_path, f"who,when\n{PEOPLE[0]},2026-03-05\n")
    assert "--column" in broken("generic", file)[1]
    assert "no column 'whom'" in broken("generic", file, "--column=whom")[1]
    assert "taken in 1" in run("generic", file, "--column=Who")[0]


def test_a_file_since_a_day(organisation: Organisation, tmp_path: Path) -> None:
    file = a_file(tmp_path, f"number,date\n{PEOPLE[0]},2026-03-04\n{PEOPLE[1]},2026-03-05\n{PEOPLE[2]},\n")
    assert "on the gateway's list 2," in run("generic", file, "--since=2026-03-05")[0]


@each(
    ("arguments", "says"),
    [
        (["twilio"], "no account twilio/*"),
        (["generic", "--endpoint=nobody"], "no account generic/nobody"),
        (["infobip"], "--csv FILE"),
        (["nobody"], "invalid choice"),
        (["generic", "--csv=/nowhere.csv"], "cannot be read: FileNotFoundError"),
        (["generic", "--since=monday"], "a day such as 2026-01-31"),
    ],
)
def test_what_it_needs_to_be_told(organisation: Organisation, arguments: list[str], says: str) -> None:
    assert says in broken(*arguments)[1]


def test_whose_file_it_is_must_be_said(organisation: Organisation, tmp_path: Path) -> None:
    account(organisation.globex, "generic")
    file = a_file(tmp_path, f"{PEOPLE[0]}\n")
    assert "--endpoint: acme, globex" in broken("generic", file)[1]
    assert "generic/globex: on the gateway's list 1" in run("generic", file, "--endpoint=globex")[0]


def test_a_database_that_fails_keeps_what_was_taken_in(
    organisation: Organisation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = "\n".join(f"+1415556{place:04d}" for place in range(1500))
    file, whole = a_file(tmp_path, f"number\n{rows}\n"), db.fetch_again

    def once(sql: str, *params: Any) -> Any:
        if "INSERT" in sql and Inbound.objects.exists():
            raise OperationalError("gone")
        return whole(sql, *params)

    with monkeypatch.context() as patched:
        patched.setattr(db, "fetch_again", once)
        assert "What was taken in is kept" in broken("generic", file)[1]
    assert Inbound.objects.count() == 1000
    assert "known to us 1,000, taken in 500" in run("generic", file)[0]


def test_the_evidence_is_the_row_and_nobody_can_guess_it() -> None:
    listed = Listed(PEOPLE[0], "line 2", "55501", None, {"number": PEOPLE[0], "note": "x"})
    one, other = evidence_of(listed, "US"), evidence_of(listed, "US")
    assert one != other
    assert taken_in(one).row == listed.row


def test_no_number_stands_anywhere_in_clear(organisation: Organisation, tmp_path: Path) -> None:
    run("generic", a_file(tmp_path, f"number\n{PEOPLE[0]}\n"))
    pipeline.drain()
    rows = [*Inbound.objects.values_list(), *ConsentEvent.objects.values_list(), *ContactPoint.objects.values_list()]
    assert PEOPLE[0][1:] not in repr(rows)
