"""`POST /v1/imports` and `GET /v1/imports/{id}`: what is answered, what counts when, and who may look."""

import json
from typing import Any

import pytest
from django.test import Client
from django.test.client import MULTIPART_CONTENT

from consent.models import ListChunk, ListVersion, OutsideList
from consent.outside import working
from subscriptions.api import imports
from subscriptions.models.api_key import SCOPES
from tests.consent.core.example import Organisation, make_organisation
from tests.subscriptions.test_api_access import ADDRESS, CHECK, IMPORT, Caller, caller, is_problem

pytestmark = pytest.mark.django_db

PATH = "/v1/imports"


@pytest.fixture
def organisation(db: None) -> Organisation:
    return make_organisation()


@pytest.fixture
def acme(organisation: Organisation) -> Caller:
    return caller(organisation.acme, *SCOPES)


def upload(acme: Caller, text: str, headers: Any = None, **more: Any) -> Any:
    return acme.call("POST", PATH, IMPORT | {"file": ("list.csv", text)} | more, **(headers or {}))


def test_received_is_not_ready_and_ready_denies(acme: Caller) -> None:
    answer = upload(acme, f"E-Mail,Name\n{ADDRESS},Ann\nnobody,Bob\n", as_of="2026-10-01", name="No mail")
    assert answer.status_code == 202, answer.content
    body = answer.json()
    assert (body["status"], body["ready"], body["version"], body["as_of"]) == ("received", False, 1, "2026-10-01")
    assert body["counts"] | {"rows": 2} == dict.fromkeys(body["counts"], 0) | {"rows": 2}
    assert answer["Location"] == body["status_url"]
    assert acme.call("POST", "/v1/check", CHECK).json()["allowed"]
    working.drain()
    done = acme.call("GET", body["status_url"]).json()
    assert (done["status"], done["ready"], done["counts"]["added"], done["counts"]["bad"]) == ("current", True, 1, 1)
    [bad] = done["bad_rows"]["results"]
    assert (bad["line"], bad["field"], bad["code"]) == (3, "email", "no_at_sign")
    checked = acme.call("POST", "/v1/check", CHECK).json()
    assert (checked["reason"], checked["scope"]) == ("listed", "controller:acme")
    history = acme.call("GET", f"/v1/contacts/status?channel=email&address={ADDRESS}").json()["history"]
    assert [(line["id"], line["list"]) for line in history] == [
        (checked["evidence"], "No mail, version 1 of 2026-10-01")
    ]


def test_the_same_file_or_request_again_is_the_same_import(acme: Caller) -> None:
    first = upload(acme, f"email\n{ADDRESS}\n", {"Idempotency_Key": "a"})
    for headers in ({}, {"Idempotency_Key": "a"}):
        assert upload(acme, f"email\n{ADDRESS}\n", headers).json()["id"] == first.json()["id"]
    assert is_problem(upload(acme, "email\nb@example.com\n", {"Idempotency_Key": "a"}), 422)
    assert ListVersion.objects.count() == 1


def test_bad_rows_come_by_pages(acme: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "PAGE", 3)
    path = upload(acme, "email\n" + "bad\n" * 7).json()["status_url"]
    working.drain()
    lines, cursor = [], "0"
    while cursor:
        page = acme.call("GET", f"{path}?cursor={cursor}").json()["bad_rows"]
        lines += [row["line"] for row in page["results"]]
        cursor = page["next"]
    assert lines == list(range(2, 9))
    for wrong in ("-1", "x", "9" * 30, "%00", "²"):
        answer = acme.call("GET", f"{path}?cursor={wrong}")
        assert is_problem(answer, 400)
        assert answer.json()["errors"][0]["pointer"] == "/cursor"


TEXT = f"email\n{ADDRESS}\n"

# file, form, status, pointer, code
REFUSED: list[tuple[str, dict[str, Any], int, str, str]] = [
    (TEXT, {"list": "a b"}, 400, "/list", "not_a_slug"),
    (TEXT, {"list": ""}, 400, "/list", "blank"),
    (TEXT, {"kind": "fax"}, 400, "/kind", "unknown_kind"),
    (TEXT, {"kind": ""}, 400, "/list", "unknown_list"),
    (TEXT, {"channel": "fax"}, 400, "/channel", "invalid_choice"),
    (TEXT, {"topic": "weather"}, 400, "/topic", "unknown_topic"),
    (TEXT, {"region": "1"}, 400, "/region", "not_a_country"),
    (TEXT, {"as_of": "31.1.2026"}, 400, "/as_of", "invalid"),
    (TEXT, {"as_of": "2999-01-01"}, 400, "/as_of", "in_future"),
    (TEXT, {"mapping": "["}, 400, "/mapping", "not_json"),
    (TEXT, {"mapping": "[" * 5000}, 400, "/mapping", "not_json"),
    (TEXT, {"mapping": '{"email": 1}'}, 400, "/mapping", "bad_value"),
    (TEXT, {"mapping": '{"email": "Mail"}'}, 400, "/mapping/email", "unknown_column"),
    (TEXT, {"name": "a\0b"}, 400, "/name", "null_characters_not_allowed"),
    ("colour\nred\n", {}, 400, "/mapping", "unknown_column"),
    ("", {}, 400, "/file", "empty"),
    ("\n\n", {}, 400, "/file", "empty"),
    (TEXT, {"partial": "perhaps"}, 400, "/partial", "invalid"),
]


def test_what_is_refused_names_its_field_and_keeps_nothing(acme: Caller) -> None:
    wrong = []
    for text, form, status, pointer, code in REFUSED:
        answer = upload(acme, text, **form)
        told = answer.json().get("errors", [{}])[0]
        if (answer.status_code, told.get("pointer"), told.get("code")) != (status, pointer, code):
            wrong.append((form, answer.content))
    assert not wrong
    assert is_problem(upload(acme, TEXT, list="other", **{"kind": "none"}), 400)
    assert not ListVersion.objects.exists()
    assert not ListChunk.objects.exists()
    assert not OutsideList.objects.exists()


def test_mangled_requests_are_problems(acme: Caller, settings: Any) -> None:
    bodies = (b"", b"--x", b'--BoUnDaRyStRiNg\r\nContent-Disposition: form-data; name="file"\r\n\r\nx', b"\0" * 99)
    for body in bodies:
        for content_type in (MULTIPART_CONTENT, "multipart/form-data", "multipart/form-data; boundary=\x00"):
            answer = Client().generic(
                "POST", PATH, body, content_type=content_type, headers={"Authorization": f"Bearer {acme.token}"}
            )
            assert is_problem(answer, 400)
    assert is_problem(acme.call("POST", PATH, {}), 415)
    many = {f"field{number}": "x" for number in range(1100)}
    assert is_problem(upload(acme, TEXT, **many), 400)
    settings.SAYSO_MAX_IMPORT_BYTES = 500
    assert is_problem(upload(acme, f"email\n{ADDRESS}\n" * 100), 413)
    assert not ListVersion.objects.exists()


def test_another_controllers_imports_and_lists_are_not_there(organisation: Organisation, acme: Caller) -> None:
    path = upload(acme, TEXT).json()["status_url"]
    globex = caller(organisation.globex, *SCOPES)
    foreign, unknown = globex.call("GET", path), globex.call("GET", f"{PATH}/01a1ffa2-52b8-732b-9398-a6f0a8c9869e")
    assert is_problem(foreign, 404)
    assert foreign.content == unknown.content
    own = upload(globex, TEXT)
    assert own.status_code == 202
    assert own.json()["version"] == 1
    assert OutsideList.objects.filter(slug="no-mail").count() == 2
    working.drain()
    assert globex.call("GET", own.json()["status_url"]).json()["status"] == "current"
    others = caller(organisation.acme, *(set(SCOPES) - {"suppressions:write"}))
    assert is_problem(others.call("GET", path), 403)


def test_the_openapi_describes_it(acme: Caller) -> None:
    document = acme.call("GET", "/openapi.json").json()
    post, get = document["paths"][PATH]["post"], document["paths"][f"{PATH}/{{import_id}}"]["get"]
    assert list(post["requestBody"]["content"]) == ["multipart/form-data"]
    assert "413" in post["responses"]
    assert "cursor" in json.dumps(get["parameters"])
