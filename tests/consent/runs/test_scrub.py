"""The scrub of a mail run: every row gets its verdict, keeps its bytes, and spoils no other one."""

import csv
import hashlib
import io
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.utils import timezone

from consent import db
from consent.addresses import contact
from consent.models import MailPiece, MailRun, MailRunChunk
from consent.prepared import Statement
from consent.refusals import Different, TooLate
from consent.runs import may_still_arrive, scrub
from consent.runs.creating import cancel_run, scrub_anew
from consent.runs.recalls import recalls_csv, recalls_of
from consent.runs.retention import forget_old
from consent.runs.stamp import stamp_of
from consent.statement import Rejected
from tests.consent.core.example import Organisation, make_organisation
from tests.consent.runs.press import address, file_of, make, refuse, result, row, scrubbed, verdicts

pytestmark = pytest.mark.django_db


@pytest.fixture
def organisation(db: None) -> Organisation:
    return make_organisation()


def test_each_row_gets_its_verdict_and_keeps_its_bytes(organisation: Organisation) -> None:
    refuse(organisation, address("Jane Roe", "102 Main St"))
    refuse(organisation, address("", "9 Oak Ave"))
    file = file_of(
        row("Ms. Jane Q. Roe", "102 MAIN STREET", "A1"),  # she refused
        row("John Roe", "102 Main St", "A2"),  # he did not
        row("Current Resident", "102 Main St", "A3"),  # somebody there refused
        row("John Roe or current resident", "102 Main St", "A4"),
        row("John & Jane Roe", "102 Main St", "A5"),
        row("Anybody", "9 Oak Avenue", "A6"),  # the household refused
        row("Ann Lee", "9 Oak Ave Apt 2", "A7"),  # perhaps another home
        row("Ann Lee", "10 Oak Ave Apt 2", "A9"),
        "no,street,,,,A8",
        row("Café Müller", "5 Élan Rd", "=1+1"),
    )
    run = scrubbed(organisation, file)
    no, yes, bad = ("false", "opted_out"), ("true", "opt_out_basis"), ("false", "invalid_address")
    assert verdicts(run) == [no, yes, no, no, no, no, ("false", "held"), yes, bad, yes]
    assert run.counts == {
        "allowed": 3,
        "denied": 7,
        "by_reason": {"opted_out": 5, "held": 1, "opt_out_basis": 3, "invalid_address": 1},
    }
    assert run.unreadable == [10]
    for before, after in zip(file.splitlines(), result(run).splitlines(), strict=True):
        assert after.startswith(before + b",")
    assert MailPiece.objects.count() == 3


def test_the_stamp_proves_what_was_known(organisation: Organisation) -> None:
    refuse(organisation, address("Jane Roe", "102 Main St"))
    file = file_of(row("Ann Lee", "1 Elm St"))
    run = scrubbed(organisation, file)
    stamp = stamp_of(run)
    assert stamp is not None
    [[seq]] = db.fetch("SELECT seq FROM consent_ledgerhead")
    assert (run.state, stamp["ledger_line"]) == ("ready", seq)
    assert stamp["file_sha256"] == hashlib.sha256(file).hexdigest()
    assert stamp["result_sha256"] == hashlib.sha256(result(run)).hexdigest()
    assert stamp["checked_at"] <= stamp["scrubbed_at"]
    assert len(stamp["receipt"]) == 64


# name, file, `allowed` of each row
SHAPES: list[tuple[str, bytes, list[str]]] = [
    (
        "semicolons, in German",
        "Vorname;Name;Straße;Nr;Hausnummer;PLZ;Ort;Land\nJane;Roe;Hauptstr.;;5;10115;Berlin;DE\n".encode(),
        ["true"],
    ),
    ("tabs and CRLF", b"Full Name\tStreet\tZIP Code\r\nJane Roe\t1 Elm St\t62701\r\n", ["true"]),
    ("a mark, quotes", b'\xef\xbb\xbf"Name","Address","Zip"\n"Roe, Jane","1 Elm St\nApt 4","62701"\n', ["true"]),
    (
        "Windows-1252 and UTF-8 in one file",
        b"Name,Address,Zip\nJos\xe9,1 Elm St,62701\nJos\xc3\xa9,2 Elm St,62701\n",
        ["true", "true"],
    ),
    ("no line end at the end", b"Name,Address,Zip\nA B,1 Elm St,62701", ["true"]),
    (
        "short and long rows",
        b"Name,Address,Zip\nA B,1 Elm St\nA B,1 Elm St,62701,\nA B,1 Elm St,62701,x\n",
        ["false", "true", "false"],
    ),
    ("a quote never closed", b'Name,Address,Zip\n"A B,1 Elm St,62701\nC D,2 Elm St,62701\n', ["false", "true"]),
    ("no text", b"Name,Address,Zip\nA\x81B,1 Elm St,62701\nC D,2 Elm St,62701\n", ["false", "true"]),
    ("an endless line", b"Name,Address,Zip\n" + b"x" * 200_000 + b"\nC D,2 Elm St,62701\n", ["false"] * 4 + ["true"]),
    ("empty lines, NUL", b"\n\nName,Address,Zip\n\nA\x00B,2 Elm St,62701\n\nC D,2 Elm St,62701\n", ["true", "true"]),
    ("one text for all", b"Name;Anschrift\nJane Roe;1 Elm St, Springfield, IL 62701\n", ["true"]),
]


def test_files_of_every_shape_give_rows_that_any_reader_reads(organisation: Organisation) -> None:
    wrong = []
    for name, file, expected in SHAPES:
        run = scrubbed(organisation, file)
        text = result(run).decode("latin-1")
        rows = list(csv.DictReader(io.StringIO(text, newline=""), delimiter=run.layout["delimiter"]))
        have = [one["allowed"] for one in rows]
        if have != expected or any(None in one or None in one.values() for one in rows):
            wrong.append((name, have, run.state, run.error, text[:300]))
    assert not wrong


REFUSED: list[tuple[bytes, dict[str, Any], str, str]] = [
    (b"", {}, "/file", "no_header"),
    (b"\n \n", {}, "/file", "no_header"),
    (b"\xff\xfeN\x00a\x00", {}, "/file", "encoding"),
    (b"Name,Address\rA,1 Elm St\r", {}, "/file", "line_ends"),
    (b"Name,Colour\nA,red\n", {}, "/file", "no_address_column"),
    (b"Name,Address,allowed\nA,1 Elm St,true\n", {}, "/file", "column_taken"),
    (b"Name,Address\n", {"mapping": {"street": "Address"}}, "/mapping/street", "unknown_member"),
    (b"Name,Address\n", {"mapping": {"line1": "Strasse"}}, "/mapping/line1", "unknown_column"),
    (b"A,A\n", {"mapping": {"line1": "A"}}, "/mapping/line1", "column_twice"),
    (b"Name,Address\n", {"topic": "weather"}, "/topic", "unknown_topic"),
    (b"Name,Address\n", {"drop_on": timezone.now().date() - timedelta(days=2)}, "/drop_date", "in_past"),
    (b"Name,Address\n", {"cut_off": timezone.now() + timedelta(days=30)}, "/cut_off", "after_drop"),
    (b"Name,Address\n", {"arrives_until": timezone.now().date()}, "/arrives_until", "bad_value"),
]


def test_what_cannot_be_a_run_is_refused_by_its_member(organisation: Organisation) -> None:
    wrong = []
    for file, told, pointer, code in REFUSED:
        try:
            make(organisation, file, **told)
        except Rejected as error:
            if (error.pointer, error.code) != (pointer, code):
                wrong.append((file, told, error.pointer, error.code))
        else:
            wrong.append((file, told, "made", ""))
    assert not wrong
    assert not MailRun.objects.exists()


def test_other_headers_are_mapped(organisation: Organisation) -> None:
    refuse(organisation, address("Jane Roe", "102 Main St"))
    file = b"wer1,wer2,wo,plz\nJane,Roe,102 Main St,62701\nJohn,Roe,102 Main St,62701\n"
    run = scrubbed(organisation, file, mapping={"name": ["wer1", "WER2"], "line1": "wo"})
    assert verdicts(run) == [("false", "opted_out"), ("true", "opt_out_basis")]


def test_a_later_request_is_recalled_listed_and_stops_the_next_run(organisation: Organisation) -> None:
    file = file_of(
        row("Jane Roe", "102 Main St", "A1"), row("John Roe", "102 Main St", "A2"), row("Resident", "102 Main St", "A3")
    )
    run = scrubbed(organisation, file)
    jane, now = contact("post", address("Jane Roe", "102 Main St")), timezone.now()
    assert run.counts["allowed"] == 3
    assert recalls_of(run, 0, 10).recalls == []
    refuse(organisation, address("Jane Roe", "102 Main St"))
    recalled = recalls_of(run, 0, 10).recalls
    assert [(one.row, one.line, one.reason, one.columns["Code"]) for one in recalled] == [
        (1, 2, "opted_out", "A1"),
        (3, 4, "opted_out", "A3"),
    ]
    assert recalls_of(run, 0, 1).after == 1
    assert [one.row for one in recalls_of(run, 1, 1).recalls] == [3]
    [due] = may_still_arrive(organisation.acme.pk, jane.said, now)
    assert (due.name, due.dropped_on, due.arrives_until) == (run.name, run.drop_on, run.drop_on + timedelta(days=21))
    lines = b"".join(recalls_csv(run)).decode().splitlines()
    assert lines[0] == "row,line,reason,since,recallable,Name,Address,City,State,Zip,Code"
    assert lines[1].startswith("1,2,opted_out,")
    assert lines[1].endswith(",true,Jane Roe,102 Main St,Springfield,IL,62701,A1")
    assert verdicts(scrubbed(organisation, file)) == [
        ("false", "opted_out"),
        ("true", "opt_out_basis"),
        ("false", "opted_out"),
    ]


def test_what_may_still_arrive_is_asked_by_person_home_controller_and_day(organisation: Organisation) -> None:
    file = file_of(row("Jane Roe", "102 Main St"), row("Resident", "9 Oak Ave"), row("Bob Ray", "7 Elm St"))
    refuse(organisation, address("Bob Ray", "7 Elm St"))
    first = scrubbed(organisation, file, name="first")
    scrubbed(organisation, file, name="second", drop_on=first.drop_on + timedelta(days=3))
    cancel_run(scrubbed(organisation, file, name="cancelled").pk)
    now = timezone.now()
    cases = [
        (("Jane Roe", "102 Main St"), organisation.acme.pk, now, ["first", "second"]),
        (("", "102 Main St"), organisation.acme.pk, now, ["first", "second"]),  # the household: all that goes there
        (("John Roe", "102 Main St"), organisation.acme.pk, now, []),  # nothing goes to him
        (("John Roe", "9 Oak Ave"), organisation.acme.pk, now, ["first", "second"]),  # addressed to anyone
        (("Bob Ray", "7 Elm St"), organisation.acme.pk, now, []),  # the scrub took it out
        (("Jane Roe", "102 Main St"), organisation.globex.pk, now, []),
        (("Jane Roe", "102 Main St"), None, now, ["first", "second"]),
        (("Jane Roe", "102 Main St"), organisation.acme.pk, now + timedelta(days=29), ["second"]),
        (("Jane Roe", "102 Main St"), organisation.acme.pk, now + timedelta(days=60), []),
    ]
    wrong = [
        (whom, expected, have)
        for whom, controller_id, at, expected in cases
        if (have := [one.name for one in may_still_arrive(controller_id, contact("post", address(*whom)).said, at)])
        != expected
    ]
    assert not wrong
    assert may_still_arrive(organisation.acme.pk, [], now) == []


def test_until_its_cut_off_a_run_is_scrubbed_anew(organisation: Organisation) -> None:
    file = file_of(row("Jane Roe", "102 Main St"))
    run = scrubbed(organisation, file)
    refuse(organisation, address("Jane Roe", "102 Main St"))
    scrub_anew(run.pk)
    with pytest.raises(TooLate):
        scrub_anew(run.pk)
    scrub.drain()
    run.refresh_from_db()
    assert (run.state, verdicts(run)) == ("ready", [("false", "opted_out")])
    assert (MailPiece.objects.count(), recalls_of(run, 0, 10).recalls) == (0, [])
    MailRun.objects.filter(pk=run.pk).update(cut_off=timezone.now())
    with pytest.raises(TooLate):
        scrub_anew(run.pk)


def test_from_the_drop_date_on_nothing_is_cancelled(organisation: Organisation) -> None:
    run = scrubbed(organisation, file_of(row("Jane Roe", "102 Main St")))
    MailRun.objects.filter(pk=run.pk).update(drop_on=timezone.now().date())
    with pytest.raises(TooLate):
        cancel_run(run.pk)


def test_the_same_request_again_is_the_same_run(organisation: Organisation) -> None:
    told: dict[str, Any] = {"same": ("acme", "key:test", "k1"), "cut_off": timezone.now()}
    run = make(organisation, file_of("a,b,c,d,e,f"), **told)
    assert make(organisation, file_of("a,b,c,d,e,f"), **told).pk == run.pk
    for file, more in ((file_of("a,b,c,d,e,g"), {}), (file_of("a,b,c,d,e,f"), {"name": "Another"})):
        with pytest.raises(Different):
            make(organisation, file, **(told | more))
    assert (MailRun.objects.count(), MailRunChunk.objects.count()) == (1, 1)


def test_a_scrub_goes_on_where_another_process_left_it(
    organisation: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scrub, "BATCH_ROWS", 3)
    refuse(organisation, address("", "7 Elm St"))
    rows = [row("Jane Roe", f"{number} Elm St", f"C{number}") for number in range(1, 11)]
    run = make(organisation, file_of(*rows[:5], "", *rows[5:]))
    steps = 0
    while run.state != "ready":
        scrub.drain(seconds=0)
        run.refresh_from_db()
        steps += 1
    assert steps == 5  # four batches, and the end
    assert run.counts["by_reason"] == {"opt_out_basis": 9, "opted_out": 1}
    assert [line.split(",")[-4] for line in result(run).decode().splitlines()[1:]] == [f"C{n}" for n in range(1, 11)]
    assert list(MailPiece.objects.order_by("row").values_list("row", "line")) == [
        (n, n + 1 + (n > 5)) for n in (1, 2, 3, 4, 5, 6, 8, 9, 10)
    ]
    refuse(organisation, address("", "10 Elm St"))
    assert [(one.row, one.columns["Code"]) for one in recalls_of(run, 0, 10).recalls] == [(10, "C10")]


def test_a_look_up_that_fails_allows_nothing_and_fails_the_run(
    organisation: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = make(organisation, file_of(row("Jane Roe", "102 Main St")))

    def fail(*args: Any) -> Any:
        raise OperationalError("the server closed the connection")

    monkeypatch.setattr(Statement, "fetch", fail)
    for _ in range(scrub.MAX_ATTEMPTS + 1):  # the first one stamps it
        MailRun.objects.update(next_try_at=timezone.now())
        scrub.drain()
    run.refresh_from_db()
    assert (run.state, run.error, MailPiece.objects.count()) == ("failed", "OperationalError", 0)


def test_a_topic_that_is_gone_fails_the_run_at_once(organisation: Organisation) -> None:
    run = make(organisation, file_of(row("Jane Roe", "102 Main St")))
    organisation.topics["offers"].channels.filter(channel="post").delete()
    scrub.drain()
    run.refresh_from_db()
    assert (run.state, run.error) == ("failed", "NotCarried")


def test_nothing_personal_is_kept_in_clear_and_nothing_for_ever(organisation: Organisation) -> None:
    run = scrubbed(organisation, file_of(row("Jane Roe", "102 Main St")))
    for table in ("consent_mailrun", "consent_mailrunchunk", "consent_mailpiece"):
        [[text]] = db.fetch(f"SELECT string_agg(t::text, ' ') FROM {table} t")
        assert "Roe" not in text
        assert b"Jane Roe".hex() not in text
    MailRun.objects.filter(pk=run.pk).update(arrives_until=timezone.now().date() - timedelta(days=31))
    forget_old()
    run.refresh_from_db()
    assert run.emptied_at
    assert stamp_of(run)
    assert not MailPiece.objects.exists()
    assert not MailRunChunk.objects.exists()
