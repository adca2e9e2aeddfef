"""A scrub: every row gets its verdict in its own column, keeps its bytes, and spoils no other one."""

import gzip
import hashlib
import io
import re
import zipfile
from datetime import timedelta
from typing import Any

import openpyxl
import pytest
from django.db import OperationalError
from django.utils import timezone

from consent import db
from consent.models import Scrub, ScrubChunk, ScrubPart
from consent.prepared import Statement
from consent.refusals import Different, TooLate
from consent.scrubs import working
from consent.scrubs.creating import cancel_scrub
from consent.scrubs.receipts import receipt_of
from consent.scrubs.results import result_parts
from consent.statement import Rejected
from tests.consent.core.example import Organisation, make_organisation
from tests.consent.runs.press import address, file_of, row
from tests.consent.runs.press import refuse as refuse_post
from tests.consent.scrubs.desk import BAD, NO, YES, hand_in, refuse, result, scrubbed, verdicts

pytestmark = pytest.mark.django_db

JANE, JOHN = "jane@example.org", "john@example.org"
NEW = re.compile(rb"[,;\t|](?:allowed,reason|(?:true|false)[,;\t|][a-z_]+)[,;\t|](?:checked_at|[0-9TZ:-]{20})")


@pytest.fixture
def organisation(db: None) -> Organisation:
    made = make_organisation()
    refuse(made, JANE)
    return made


PLAIN = f"id,email,note\n1,{JANE},=1+1\n2,{JOHN},\n3,nobody,x\n"
# name, file, delimiter, verdicts
SHAPES: list[tuple[str, bytes, str, list[tuple[str, str]]]] = [
    ("plain", PLAIN.encode(), ",", [NO, YES, BAD]),
    ("another order, CRLF", f"E-Mail;id\r\n{JANE};1\r\n{JOHN};2\r\n".encode(), ";", [NO, YES]),
    ("tabs, no line end at the end", f"id\temail\n1\t{JOHN}\n2\t{JANE}".encode(), "\t", [YES, NO]),
    ("a mark", f"\ufeffemail|id\n{JANE}|1\n".encode(), "|", [NO]),
    ("Latin-1", f"name,email\nJos\xe9,{JANE}\n".encode("latin-1"), ",", [NO]),
    ("quoted newlines", f'note,email\n"a\n\nb, ""c""",{JANE}\n"d\r\n",{JOHN}\n'.encode(), ",", [NO, YES]),
    ("all quoted", f'"email","id"\n"{JANE}","1"\n"{JOHN}","2"\n'.encode(), ",", [NO, YES]),
    ("case, spaces, brackets", b"email\nJANE@Example.org\n jane@example.org \n<jane@example.org>\n", ",", [NO] * 3),
    ("short and overfull rows", f"email,a,b\n{JANE}\n{JOHN},1,2,\n{JOHN},1,2,true\n".encode(), ",", [NO, YES, BAD]),
    ("a quote never closed", f'email,a\n"x,1\n{JANE},2\n{JOHN},3\n'.encode(), ",", [BAD, NO, YES]),
    ("empty lines", f"\n\nemail\n\n{JANE}\n\n\n{JOHN}\n\n".encode(), ",", [NO, YES]),
    ("CR alone", f"email,a\r{JANE},1\r{JOHN},2\r".encode(), ",", [NO, YES]),
    ("NUL", b"email,a\n\x00@x.org,1\n" + JANE.encode() + b",2\n", ",", [BAD, NO]),
]  # fmt: skip


def test_files_of_every_shape_give_rows_that_any_reader_reads(organisation: Organisation) -> None:
    wrong = []
    for name, file, delimiter, expected in SHAPES:
        written = result(scrubbed(organisation, file))
        have = verdicts(written.decode("latin-1").removeprefix("ï»¿").lstrip("\n"), delimiter)
        if have != expected:
            wrong.append((name, have, written))
    assert not wrong


def test_without_the_new_cells_a_result_is_its_file_to_the_byte(organisation: Organisation) -> None:
    kept_whole = [shape for shape in SHAPES if "quote never closed" not in shape[0] and "short" not in shape[0]]
    for _, file, delimiter, _ in kept_whole:
        written = result(scrubbed(organisation, file))
        header = b"".join(delimiter.encode() + name for name in (b"allowed", b"reason", b"checked_at"))
        assert NEW.sub(b"", written.replace(header, b"", 1)) == file


def test_the_receipt_proves_what_was_known(organisation: Organisation) -> None:
    scrub = scrubbed(organisation, PLAIN.encode())
    receipt = receipt_of(scrub)
    assert receipt is not None
    [[seq]] = db.fetch("SELECT seq FROM consent_ledgerhead")
    assert receipt["file_sha256"] == hashlib.sha256(PLAIN.encode()).hexdigest()
    assert receipt["result_sha256"] == hashlib.sha256(result(scrub)).hexdigest()
    assert (receipt["file_bytes"], receipt["result_bytes"]) == (len(PLAIN), len(result(scrub)))
    assert (receipt["rows"], receipt["position"]["ledger_line"]) == (3, seq)
    by_reason = {"opted_out": 1, "opt_out_basis": 1, "invalid_address": 1}
    assert receipt["counts"] == {"allowed": 1, "denied": 2, "by_reason": by_reason}
    assert scrub.unreadable == [4]


def zipped(name: str, content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(name, content)
    return out.getvalue()


def workbook(rows: list[list[Any]]) -> bytes:
    book, out = openpyxl.Workbook(), io.BytesIO()
    for cells in rows:
        book.worksheets[0].append(cells)
    book.save(out)
    return out.getvalue()


def test_packed_files_and_utf_16_are_read(organisation: Organisation) -> None:
    for packed in (gzip.compress(PLAIN.encode()), zipped("list.csv", PLAIN.encode())):
        scrub = scrubbed(organisation, packed)
        assert verdicts(result(scrub).decode()) == [NO, YES, BAD]
        assert bytes(scrub.file_digest) == hashlib.sha256(packed).digest()
    for encoding in ("utf-16", "utf-16-le", "utf-16-be"):
        file = f"note,email\nŁódź 😀,{JANE}\n,{JOHN}".encode(encoding)
        written = result(scrubbed(organisation, file))
        assert verdicts(written.decode(encoding)) == [NO, YES]
        assert written.startswith(file[: len("note,email".encode(encoding))])


def test_a_workbook_is_read_and_its_formulas_stay_inert(organisation: Organisation) -> None:
    rows: list[list[Any]] = [
        ["id", "email", "phone", "note"],
        [1, JANE, 15551234567, "x,y"],
        [2, JOHN, "+1 555", "=1+1"],
        [],
        [3.5, "@x", "", "-2+3"],
    ]
    scrub = scrubbed(organisation, workbook(rows))
    book = openpyxl.load_workbook(io.BytesIO(workbook(rows)))
    assert book.worksheets[0]["D3"].data_type == "f"  # which has no value until a spreadsheet has reckoned it
    written = result(scrub).decode()
    assert verdicts(written) == [NO, YES, BAD]
    assert written.splitlines()[1].startswith(f'1,{JANE},15551234567,"x,y",false,opted_out,')
    assert written.splitlines()[2].startswith(f"2,{JOHN},+1 555,,true,")
    assert written.splitlines()[4].startswith("3.5,'@x,,'-2+3,false,invalid_address,")


BOMB = gzip.compress(b"email\n" + b"x" * 300_000)
REFUSED: list[tuple[bytes, dict[str, Any], str, str]] = [
    (b"", {}, "/file", "empty"),
    (b"\n \n", {}, "/file", "empty"),
    (b"colour\nred\n", {}, "/file", "no_address_column"),
    (b"email,allowed\na@b.c,true\n", {}, "/file", "column_taken"),
    (b"email\n", {"column": "mail2"}, "/column", "unknown_column"),
    (b"email\n", {"column": "7"}, "/column", "unknown_column"),
    (b"email\n", {"topic": "weather"}, "/topic", "unknown_topic"),
    (b"email\n", {"mapping": {"line1": "email"}}, "/mapping", "not_for_channel"),
    (b"phone\n", {"channel": "sms", "sender": "+15550009999"}, "/sender", "unknown_sender"),
    (b"Name,Colour\n", {"channel": "post"}, "/file", "no_address_column"),
    (gzip.compress(PLAIN.encode())[:-9], {}, "/file", "unreadable"),
    (zipped("list.csv", PLAIN.encode())[:-30], {}, "/file", "unreadable"),
    ("email\n".encode("utf-16") + b"x", {}, "/file", "unreadable"),
    ("email\n".encode("utf-32"), {}, "/file", "unreadable"),
    (BOMB, {}, "/file", "too_large"),
    (zipped("list.csv", b"email\n" + b"x" * 300_000), {}, "/file", "too_large"),
    (workbook([["email"]])[:-40], {}, "/file", "unreadable"),
]


def test_what_cannot_be_scrubbed_is_refused_by_its_member(organisation: Organisation, settings: Any) -> None:
    settings.SAYSO_MAX_SCRUB_BYTES = 200_000
    wrong = []
    for file, told, pointer, code in REFUSED:
        try:
            hand_in(organisation, file, **told)
        except Rejected as error:
            if (error.pointer, error.code) != (pointer, code):
                wrong.append((file[:40], told, error.pointer, error.code))
        else:
            wrong.append((file[:40], told, "taken", ""))
    assert not wrong
    assert not Scrub.objects.exists()
    assert not ScrubChunk.objects.exists()


def test_numbers_and_columns_by_name_number_or_content(organisation: Organisation) -> None:
    refuse(organisation, "+12125550101", channel="sms")
    files: list[tuple[str, dict[str, Any]]] = [
        ("name,mobile\nx,+12125550101\ny,+12125550102\n", {}),
        ("name,mobile\nx,(212) 555-0101\ny,212.555.0102\n", {"country": "US"}),
        ("contact,ours\n+12125550101,1\n+12125550102,2\n", {"column": "contact"}),
        ("ours,contact\n1,+12125550101\n2,+12125550102\n", {"column": "2"}),
    ]
    for file, told in files:
        assert verdicts(result(scrubbed(organisation, file.encode(), channel="sms", **told)).decode()) == [NO, YES]
    bare = result(scrubbed(organisation, f"{JANE}\n{JOHN}\n".encode())).decode().splitlines()
    assert [line.split(",")[1] for line in bare] == ["false", "true"]


def test_postal_rows_are_asked_of_all_who_may_be_meant(organisation: Organisation) -> None:
    refuse_post(organisation, address("Jane Roe", "102 Main St"))
    refuse_post(organisation, address("", "9 Oak Ave"))
    file = file_of(
        row("Ms. Jane Q. Roe", "102 MAIN STREET", "A1"),
        row("John Roe", "102 Main St", "A2"),
        row("John Roe or current resident", "102 Main St", "A3"),
        row("Ann Lee", "9 Oak Ave Apt 2", "A4"),  # perhaps another home
        "no,street,,,,A5",
    )
    scrub = scrubbed(organisation, file, channel="post")
    assert verdicts(result(scrub).decode()) == [NO, YES, NO, ("false", "held"), BAD]


def small_blocks(monkeypatch: pytest.MonkeyPatch, size: int = 200) -> None:
    monkeypatch.setattr(working, "BLOCK_BYTES", {"email": size, "sms": size, "post": size})


def many(count: int = 100) -> bytes:
    return "".join(
        ["email,n\n", *(f"{JANE if n % 7 == 0 else f'p{n}@example.org'},{n}\n" for n in range(count))]
    ).encode()


def test_two_at_once_take_turns(organisation: Organisation, monkeypatch: pytest.MonkeyPatch) -> None:
    small_blocks(monkeypatch)
    monkeypatch.setattr(working, "SLICE_SECONDS", 0.0)
    scrubs = [hand_in(organisation, many()) for _ in range(2)]
    working.drain()
    order = [part.scrub_id for part in ScrubPart.objects.order_by("id")]
    first, second = (scrub.pk for scrub in scrubs)
    assert order[:6] == [first, second] * 3
    for scrub in scrubs:
        scrub.refresh_from_db()
        assert (scrub.state, scrub.done_rows) == ("ready", 100)
        receipt = receipt_of(scrub)
        assert receipt is not None  # though several turns wrote it
        assert receipt["result_sha256"] == hashlib.sha256(result(scrub)).hexdigest()


def test_a_scrub_that_broke_off_goes_on_where_it_was(
    organisation: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_blocks(monkeypatch)
    whole = scrubbed(organisation, many())
    scrub = hand_in(organisation, many())
    real, calls = Statement.fetch, 0

    def fetch(self: Statement, values: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 4:
            raise OperationalError
        return real(self, values)

    monkeypatch.setattr(Statement, "fetch", fetch)
    working.drain()
    scrub.refresh_from_db()
    assert (scrub.state, scrub.error) == ("scrubbing", "OperationalError")
    assert 0 < scrub.done_rows < 100
    Scrub.objects.update(next_try_at=timezone.now())
    working.drain()
    scrub.refresh_from_db()
    assert scrub.state == "ready"
    assert verdicts(result(scrub).decode()) == verdicts(result(whole).decode())
    assert scrub.counts == whole.counts


def test_what_cannot_be_looked_up_is_never_allowed(organisation: Organisation, monkeypatch: pytest.MonkeyPatch) -> None:
    scrub = hand_in(organisation, PLAIN.encode())

    def fetch(self: Statement, values: Any) -> Any:
        raise OperationalError

    with monkeypatch.context() as patched:
        patched.setattr(Statement, "fetch", fetch)
        for _ in range(working.MAX_ATTEMPTS + 1):
            Scrub.objects.update(next_try_at=timezone.now())
            working.drain()
    scrub.refresh_from_db()
    assert (scrub.state, receipt_of(scrub)) == ("failed", None)
    assert not ScrubPart.objects.exists()


def test_a_topic_that_is_gone_fails_a_scrub(organisation: Organisation) -> None:
    scrub = hand_in(organisation, PLAIN.encode())
    organisation.topics["offers"].channels.filter(channel="email").delete()
    working.drain()
    scrub.refresh_from_db()
    assert (scrub.state, scrub.error) == ("failed", "NotCarried")


def test_a_cancelled_scrub_stops_and_loses_its_file(
    organisation: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_blocks(monkeypatch)
    scrub = hand_in(organisation, many())
    real = working._Turn._keep

    def keep(self: Any, checked: Any) -> None:
        real(self, checked)
        cancel_scrub(scrub)

    monkeypatch.setattr(working._Turn, "_keep", keep)
    working.drain()
    scrub.refresh_from_db()
    assert (scrub.state, scrub.emptied_at is None) == ("cancelled", False)
    assert not ScrubChunk.objects.exists()
    assert not ScrubPart.objects.exists()
    done = scrubbed(organisation, PLAIN.encode())
    with pytest.raises(TooLate):
        cancel_scrub(done)


def test_files_expire_and_their_receipt_stays(organisation: Organisation) -> None:
    scrub = scrubbed(organisation, PLAIN.encode())
    assert timedelta(days=6) < scrub.expires_at - timezone.now() <= timedelta(days=7)
    Scrub.objects.update(expires_at=timezone.now())
    working.drain()
    scrub.refresh_from_db()
    assert scrub.emptied_at
    assert receipt_of(scrub)
    assert not ScrubChunk.objects.exists()
    assert not ScrubPart.objects.exists()


def test_the_same_request_again_is_the_same_scrub(organisation: Organisation) -> None:
    first = hand_in(organisation, PLAIN.encode(), same=("acme", "key", "1"))
    assert hand_in(organisation, PLAIN.encode(), same=("acme", "key", "1")).pk == first.pk
    with pytest.raises(Different):
        hand_in(organisation, many(), same=("acme", "key", "1"))
    assert Scrub.objects.count() == 1


def test_a_table_stands_sealed(organisation: Organisation) -> None:
    scrub = scrubbed(organisation, PLAIN.encode())
    kept = b"".join(bytes(chunk.sealed) for chunk in ScrubChunk.objects.all())
    parts = ScrubPart.objects.get()
    assert JANE.encode() not in kept + bytes(parts.heads) + bytes(parts.tails)
    assert list(result_parts(scrub))[1].count(b"\n") == 3
