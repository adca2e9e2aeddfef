"""`/v1/scrubs`: a file is handed in, scrubbed, downloaded, asked about again, cancelled; and refused by the member."""

import base64
import gzip
import hashlib
import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from consent.models import Scrub
from consent.scrubs import working
from subscriptions.models.api_key import SCOPES
from tests.consent.core.example import Organisation, entry, key_of, make_organisation, record
from tests.consent.scrubs.desk import NO, YES, verdicts
from tests.each import each
from tests.subscriptions.test_api_access import Caller, caller, is_problem

pytestmark = pytest.mark.django_db

PATH = "/v1/scrubs"
JANE, JOHN = "jane@example.org", "john@example.org"
FILE = f"id,email\n1,{JANE}\n2,{JOHN}\n3,nobody\n".encode()
FORM = {"channel": "email", "topic": "offers"}
STOP = {"channel": "email", "address": JOHN, "action": "opt_out", "topic": "*"}
NOBODYS = "01a1ffa2-52b8-732b-9398-a6f0a8c9869e"


@pytest.fixture
def organisation(db: None) -> Organisation:
    made = make_organisation()
    record(entry(key_of("email", JANE), made.scope("acme"), "withdraw", "choice"))
    return made


@pytest.fixture
def acme(organisation: Organisation) -> Caller:
    return caller(organisation.acme, *SCOPES)


def post(who: Caller, file: bytes | None = FILE, form: Any = FORM, **headers: str) -> Any:
    body = dict(form) if file is None else {**form, "file": SimpleUploadedFile("list.csv", file)}
    given = {"Authorization": f"Bearer {who.token}"} | {name.replace("_", "-"): text for name, text in headers.items()}
    return Client().post(PATH, body, headers=given)


def made(who: Caller, **form: str) -> str:
    answer = post(who, form=FORM | form)
    assert answer.status_code == 202, answer.content
    working.drain()
    path: str = answer["Location"]
    return path


def body_of(answer: Any) -> bytes:
    return b"".join(answer.streaming_content)


def test_a_file_is_handed_in_scrubbed_and_downloaded(acme: Caller) -> None:
    told = post(acme)
    body = told.json()
    assert (told.status_code, body["status"], body["receipt"], body["file_name"]) == (202, "pending", None, "list.csv")
    for act in ("result", "recheck"):
        assert is_problem(acme.call("GET" if act == "result" else "POST", f"{told['Location']}/{act}"), 409)
    working.drain()
    scrub = acme.call("GET", told["Location"]).json()
    by_reason = {"opted_out": 1, "opt_out_basis": 1, "invalid_address": 1}
    assert (scrub["status"], scrub["error"], scrub["unreadable_lines"]) == ("ready", None, [4])
    assert scrub["counts"] == {"allowed": 1, "denied": 2, "by_reason": by_reason}
    progress = {"bytes_done": len(FILE), "of_bytes": len(FILE), "rows_done": 3, "rate": None, "seconds_left": None}
    assert scrub["progress"] == progress
    answer = acme.call("GET", f"{told['Location']}/result", Accept="text/csv")
    content = body_of(answer)
    digest = hashlib.sha256(content)
    assert (answer["Content-Type"], answer["Content-Length"]) == ("text/csv", str(len(content)))
    assert answer["Repr-Digest"] == f"sha-256=:{base64.b64encode(digest.digest()).decode()}:"
    assert verdicts(content.decode())[:2] == [NO, YES]
    receipt = scrub["receipt"]
    assert receipt["result_sha256"] == digest.hexdigest()
    members = {name: value for name, value in receipt.items() if name != "receipt"}
    written = json.dumps(members, sort_keys=True, separators=(",", ":")).encode()
    assert hashlib.sha256(written).hexdigest() == receipt["receipt"]


def test_a_request_that_nobody_has_worked_off_is_found_at_once(acme: Caller) -> None:
    path = made(acme)
    nothing = acme.call("POST", f"{path}/recheck").json()
    assert (nothing["changed"], nothing["counts"]) == ([], {"now_denied": 0, "now_allowed": 0})
    assert acme.call("POST", "/v1/events", STOP).status_code == 202
    told = acme.call("POST", f"{path}/recheck").json()
    assert told["changed"] == [{"row": 2, "line": 3, "allowed": False, "reason": "held"}]
    assert (told["counts"], told["next"]) == ({"now_denied": 1, "now_allowed": 0}, None)
    assert acme.call("POST", f"{path}/recheck?cursor=2").json()["changed"] == []


def test_progress_tells_rate_and_time_left(acme: Caller) -> None:
    path = post(acme)["Location"]
    Scrub.objects.update(state="scrubbing", done_bytes=len(FILE) // 2, done_rows=50, seconds=2.0)
    progress = acme.call("GET", path).json()["progress"]
    assert (progress["rate"], round(progress["seconds_left"])) == (25, 2)


def test_a_scrub_is_cancelled_and_expires(acme: Caller) -> None:
    path = post(acme)["Location"]
    for _ in range(2):
        assert acme.call("DELETE", path).json()["status"] == "cancelled"
    working.drain()
    assert is_problem(acme.call("GET", f"{path}/result"), 410)
    done = made(acme)
    assert is_problem(acme.call("DELETE", done), 409)
    Scrub.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    working.drain()
    assert is_problem(acme.call("POST", f"{done}/recheck"), 410)
    assert acme.call("GET", done).json()["kept"] is False


def test_without_its_topic_a_scrub_allows_nobody(organisation: Organisation, acme: Caller) -> None:
    path = made(acme)
    organisation.topics["offers"].channels.filter(channel="email").delete()
    assert is_problem(acme.call("POST", f"{path}/recheck"), 409)


def test_another_controllers_scrub_is_not_there(organisation: Organisation, acme: Caller) -> None:
    path, globex = made(acme), caller(organisation.globex, *SCOPES)
    for method, at in (("GET", path), ("DELETE", path), ("GET", f"{path}/result"), ("POST", f"{path}/recheck")):
        assert is_problem(globex.call(method, at), 404)
    assert globex.call("GET", PATH).json()["results"] == []
    assert is_problem(acme.call("GET", f"{PATH}/{NOBODYS}"), 404)
    assert is_problem(post(caller(organisation.acme, "links")), 403)


BAD: list[tuple[bytes | None, dict[str, Any], str]] = [
    (None, FORM, "/file"),
    (FILE, {"topic": "offers"}, "/channel"),
    (FILE, FORM | {"channel": "fax"}, "/channel"),
    (FILE, FORM | {"topic": "weather"}, "/topic"),
    (FILE, FORM | {"column": "mail2"}, "/column"),
    (FILE, FORM | {"country": "USA"}, "/country"),
    (FILE, FORM | {"sender": "1"}, "/sender"),
    (FILE, FORM | {"mapping": "["}, "/mapping"),
    (FILE, FORM | {"colour": "red"}, "/colour"),
    (b"colour\nred\n", FORM, "/file"),
    (b"PK\x03\x04nonsense", FORM, "/file"),
]


@each(("file", "form", "pointer"), BAD)
def test_what_is_wrong_is_named(acme: Caller, file: bytes | None, form: Any, pointer: str) -> None:
    answer = post(acme, file, form)
    assert is_problem(answer, 400)
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert not Scrub.objects.exists()


def test_what_is_too_large_is_refused_packed_or_not(acme: Caller, settings: Any) -> None:
    settings.SAYSO_MAX_SCRUB_BYTES = 1_000
    for file in (b"email\n" + b"x" * 1_000, gzip.compress(b"email\n" + b"x" * 100_000)):
        assert is_problem(post(acme, file), 413)
    settings.SAYSO_MAX_SCRUB_BYTES = -60_000  # what a request says of its own length is believed
    assert is_problem(post(acme), 413)


def test_the_list_goes_on_by_its_cursor_and_a_request_counts_once(
    acme: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = post(acme, Idempotency_Key="a").json()["id"]
    assert post(acme, Idempotency_Key="a").json()["id"] == first
    assert is_problem(post(acme, b"email\n", Idempotency_Key="a"), 422)
    second = post(acme).json()["id"]
    monkeypatch.setattr("subscriptions.api.paging.PAGE", 1)
    page = acme.call("GET", PATH).json()
    assert [one["id"] for one in page["results"]] == [second]
    following = acme.call("GET", f"{PATH}?cursor={page['next']}").json()
    assert ([one["id"] for one in following["results"]], following["next"]) == ([first], None)
    assert is_problem(acme.call("GET", f"{PATH}?cursor=x"), 400)
