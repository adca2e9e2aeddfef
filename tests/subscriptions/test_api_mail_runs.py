"""`/v1/mail-runs`: made of a file, scrubbed, downloaded, recalled, cancelled; and refused by the member at fault."""

import base64
import hashlib
import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from consent import pipeline
from consent.models import MailRun
from consent.runs import scrub
from subscriptions.models.api_key import SCOPES
from tests.consent.core.example import Organisation, make_organisation
from tests.consent.runs.press import address, file_of, row
from tests.subscriptions.test_api_access import Caller, caller, is_problem

pytestmark = pytest.mark.django_db

PATH = "/v1/mail-runs"
TODAY = timezone.now().date()
FILE = file_of(row("Jane Roe", "102 Main St", "A1"), row("John Roe", "102 Main St", "A2"))
FORM = {
    "name": "Autumn catalogue",
    "topic": "offers",
    "cut_off": f"{TODAY + timedelta(days=1)}",
    "drop_date": f"{TODAY + timedelta(days=7)}",
}
NOBODYS = "01a1ffa2-52b8-732b-9398-a6f0a8c9869e"
STOP = {"channel": "post", "address": address("Jane Roe", "102 Main St"), "action": "opt_out", "topic": "*"}


@pytest.fixture
def organisation(db: None) -> Organisation:
    return make_organisation()


@pytest.fixture
def acme(organisation: Organisation) -> Caller:
    return caller(organisation.acme, *SCOPES)


def post(who: Caller, file: bytes | None = FILE, form: Any = FORM, **headers: str) -> Any:
    body = dict(form) if file is None else {**form, "file": SimpleUploadedFile("run.csv", file)}
    given = {"Authorization": f"Bearer {who.token}"} | {name.replace("_", "-"): text for name, text in headers.items()}
    return Client().post(PATH, body, headers=given)


def made(who: Caller, **form: str) -> str:
    answer = post(who, form=FORM | form)
    assert answer.status_code == 202, answer.content
    scrub.drain()
    path: str = answer["Location"]
    return path


def body_of(answer: Any) -> bytes:
    return b"".join(answer.streaming_content)


def test_a_run_is_made_scrubbed_and_downloaded(acme: Caller) -> None:
    acme.call("POST", "/v1/events", STOP)
    told = post(acme)
    body = told.json()
    assert (told.status_code, body["status"], body["stamp"]) == (202, "pending", None)
    assert body["cut_off"] == f"{TODAY + timedelta(days=2)}T00:00:00Z"
    assert is_problem(acme.call("GET", f"{told['Location']}/result"), 409)
    scrub.drain()
    run = acme.call("GET", told["Location"]).json()
    assert (run["status"], run["recallable"], run["error"]) == ("ready", True, None)
    assert run["counts"] == {"allowed": 1, "denied": 1, "by_reason": {"held": 1, "opt_out_basis": 1}}
    assert run["progress"] == {"bytes": len(FILE), "of_bytes": len(FILE), "rows": 2}
    answer = acme.call("GET", f"{told['Location']}/result", Accept="text/csv")
    content = body_of(answer)
    digest = hashlib.sha256(content)
    assert (answer["Content-Type"], answer["Content-Length"]) == ("text/csv", str(len(content)))
    assert answer["Repr-Digest"] == f"sha-256=:{base64.b64encode(digest.digest()).decode()}:"
    assert run["stamp"]["result_sha256"] == digest.hexdigest()
    _header, jane, john = content.decode().splitlines()
    assert (jane.split(",")[-3:-1], john.split(",")[-3:-1]) == (["false", "held"], ["true", "opt_out_basis"])
    receipt = {name: value for name, value in run["stamp"].items() if name != "receipt"}
    written = json.dumps(receipt, sort_keys=True, separators=(",", ":")).encode()
    assert hashlib.sha256(written).hexdigest() == run["stamp"]["receipt"]


def test_a_request_after_the_scrub_is_recalled_at_once_and_told_of(acme: Caller) -> None:
    path = made(acme)
    assert acme.call("GET", f"{path}/recalls").json()["results"] == []
    event = acme.call("POST", "/v1/events", STOP).json()["status_url"]
    for reason in ("held", "opted_out"):
        page = acme.call("GET", f"{path}/recalls?limit=1").json()
        [recall] = page["results"]
        assert (page["recallable"], page["next"], recall["row"], recall["reason"]) == (True, None, 1, reason)
        assert recall["columns"]["Code"] == "A1"
        due = [
            {"name": FORM["name"], "dropped_on": FORM["drop_date"], "arrives_until": f"{TODAY + timedelta(days=28)}"}
        ]
        assert acme.call("GET", event).json()["may_still_arrive"] == due
        pipeline.drain()
    where = "/v1/contacts/status?channel=post&address=Jane Roe, 102 Main St, Springfield IL 62701"
    assert acme.call("GET", where).json()["may_still_arrive"] == due
    lines = body_of(acme.call("GET", f"{path}/recalls?format=csv", Accept="text/csv")).decode().splitlines()
    assert [line.split(",")[0] for line in lines] == ["row", "1"]
    MailRun.objects.update(drop_on=TODAY)
    assert acme.call("GET", f"{path}/recalls").json()["recallable"] is False
    assert ",false," in body_of(acme.call("GET", f"{path}/recalls?format=csv")).decode().splitlines()[1]


def test_a_run_is_cancelled_and_scrubbed_anew(acme: Caller) -> None:
    path = made(acme)
    acme.call("POST", "/v1/events", STOP)
    assert acme.call("POST", f"{path}/rescrub").json()["status"] == "pending"
    assert is_problem(acme.call("POST", f"{path}/rescrub"), 409)
    scrub.drain()
    assert acme.call("GET", path).json()["counts"]["denied"] == 1
    for _ in range(2):
        assert acme.call("DELETE", path).json()["status"] == "cancelled"
    scrub.drain()
    assert is_problem(acme.call("GET", f"{path}/result"), 410)
    assert is_problem(acme.call("POST", f"{path}/rescrub"), 409)
    assert acme.call("GET", path).json()["kept"] is False


def test_without_its_topic_a_run_can_be_read_and_nobody_is_told_that_it_may_go(
    organisation: Organisation, acme: Caller
) -> None:
    path = made(acme)
    organisation.topics["offers"].channels.filter(channel="post").delete()
    for query in ("", "?format=csv"):
        assert is_problem(acme.call("GET", f"{path}/recalls{query}"), 409)
    assert acme.call("GET", path).json()["status"] == "ready"


def test_the_list_goes_on_by_its_cursor(acme: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("subscriptions.api.paging.PAGE", 2)
    for name in ("one", "two", "three"):
        post(acme, form=FORM | {"name": name})
    first = acme.call("GET", PATH).json()
    second = acme.call("GET", f"{PATH}?cursor={first['next']}").json()
    assert [[run["name"] for run in page["results"]] for page in (first, second)] == [["three", "two"], ["one"]]
    assert second["next"] is None


def test_the_same_request_again_is_the_same_run(acme: Caller) -> None:
    first, again = post(acme, Idempotency_Key="k"), post(acme, Idempotency_Key="k")
    assert (again.status_code, again.json()["id"]) == (202, first.json()["id"])
    assert is_problem(post(acme, FILE + b"x", Idempotency_Key="k"), 422)
    assert MailRun.objects.count() == 1


# what is changed in the form (None: left out), pointer, code
WRONG: list[tuple[dict[str, str | None], str, str]] = [
    ({"name": None}, "/name", "required"),
    ({"name": "x" * 201}, "/name", "max_length"),
    ({"name": "x\0y"}, "/name", "null_characters_not_allowed"),
    ({"topic": "weather"}, "/topic", "unknown_topic"),
    ({"cut_off": "soon"}, "/cut_off", "bad_value"),
    ({"cut_off": "9999-12-31"}, "/cut_off", "bad_value"),
    ({"cut_off": "2026-01-31T12:00:00"}, "/cut_off", "no_time_zone"),
    ({"drop_date": "tomorrow"}, "/drop_date", "invalid"),
    ({"drop_date": "2020-01-31"}, "/drop_date", "in_past"),
    ({"drop_date": "9999-12-31"}, "/drop_date", "bad_value"),
    ({"cut_off": "0001-01-01T00:00:00+14:00"}, "/cut_off", "bad_value"),
    ({"arrives_until": "2020-01-31"}, "/arrives_until", "bad_value"),
    ({"arrives_until": "9999-12-31"}, "/arrives_until", "bad_value"),
    ({"country": "USA"}, "/country", "invalid"),
    ({"mapping": "{"}, "/mapping", "not_json"),
    ({"mapping": '{"name": 7}'}, "/mapping", "bad_value"),
    ({"mapping": '{"line1": "Weg"}'}, "/mapping/line1", "unknown_column"),
    ({"colour": "red"}, "/colour", "unknown_member"),
]


def test_a_wrong_form_names_its_member_and_makes_nothing(acme: Caller) -> None:
    wrong = []
    for change, pointer, code in WRONG:
        form = {name: text for name, text in (FORM | change).items() if text is not None}
        answer = post(acme, form=form)
        have = [(error["pointer"], error["code"]) for error in answer.json().get("errors", [])]
        if answer.status_code != 400 or have != [(pointer, code)]:
            wrong.append((change, answer.status_code, have))
    assert not wrong
    assert [error["pointer"] for error in post(acme, None).json()["errors"]] == ["/file"]
    assert not MailRun.objects.exists()


def test_a_mangled_request_is_never_a_500(acme: Caller) -> None:
    key = {"Authorization": f"Bearer {acme.token}"}
    kinds = ("multipart/form-data; boundary=b", "multipart/form-data", "application/json", "text/csv", "")
    bodies = (
        b"",
        b"--b",
        b"--b\r\n\r\n\r\n--b--",
        b'--b\r\nContent-Disposition: form-data; name="file"; filename="\xff"\r\n\r\nx\r\n--b--',
        b"{}",
    )
    many = (
        b"".join(
            b'--b\r\nContent-Disposition: form-data; name="f%d"; filename="f"\r\n\r\nx\r\n' % n for n in range(150)
        )
        + b"--b--\r\n"
    )
    answers = [
        Client().generic("POST", PATH, body, content_type=kind, headers=key)
        for kind in kinds
        for body in (*bodies, many)
    ]
    assert {answer.status_code for answer in answers} <= {400, 415}
    queries = (
        "?cursor=x",
        "/%s/recalls?cursor=-1",
        "/%s/recalls?limit=0",
        "/%s/recalls?format=xml",
        "/%s/recalls?limit=%s",
    )
    path = made(acme)
    for query in queries:
        place = PATH + (query.replace("%s", UUID(path[-36:]).hex[:8]) if "recalls" not in query else "")
        if "recalls" in query:
            place = path + query[3:].replace("%s", "²")
        assert is_problem(acme.call("GET", place), 400), place


def test_an_upload_that_is_too_large_is_413(acme: Caller, settings: Any) -> None:
    settings.SAYSO_MAX_RUN_BYTES = 20
    assert is_problem(post(acme), 413)


def test_another_controllers_run_is_not_there(organisation: Organisation, acme: Caller) -> None:
    path = made(acme)
    globex = caller(organisation.globex, *SCOPES)
    for method, more in (("GET", ""), ("DELETE", ""), ("POST", "/rescrub"), ("GET", "/result"), ("GET", "/recalls")):
        foreign = globex.call(method, path + more)
        assert is_problem(foreign, 404)
        assert foreign.content == globex.call(method, f"{PATH}/{NOBODYS}{more}").content
        assert is_problem(caller(organisation.acme, *(set(SCOPES) - {"check"})).call(method, path + more), 403)
    assert globex.call("GET", PATH).json() == {"results": [], "next": None}
    assert is_problem(post(caller(organisation.acme, *(set(SCOPES) - {"check"}))), 403)
    assert is_problem(post(globex, form=FORM | {"topic": "newsletter"}), 400)
    assert acme.call("GET", path).json()["status"] == "ready"


def test_only_what_was_asked_about_is_told(acme: Caller) -> None:
    made(acme)
    other = acme.call("GET", "/v1/contacts/status?channel=post&address=Ann Lee, 9 Oak Ave, Springfield IL 62701").json()
    mail = acme.call("GET", "/v1/contacts/status?channel=email&address=jane@example.org").json()
    assert (other["may_still_arrive"], mail["may_still_arrive"]) == ([], [])
