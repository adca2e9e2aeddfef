"""A print job from its file to its recalls, on a whole instance."""

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.instance import Instance, until

HEADER = "Name,Address,City,State,Zip,Code\n"


def today(days: int = 0) -> str:
    return f"{datetime.now(UTC).date() + timedelta(days=days)}"


def made(running: Instance, file: str) -> dict[str, Any]:
    """A run of a file, once it is scrubbed."""
    form = {"name": "Autumn catalogue", "topic": "offers", "cut_off": today(), "drop_date": today(7)}
    answer = running.api.post("/v1/mail-runs", data=form, files={"file": ("run.csv", file.encode(), "text/csv")})
    assert answer.status_code == 202, answer.text
    path = answer.headers["Location"]
    until(lambda: running.api.get(path).json()["status"] == "ready", seconds=60)
    return {**running.api.get(path).json(), "path": path}


def test_who_refuses_after_the_cut_off_is_pulled_told_and_left_out_of_the_next(running: Instance) -> None:
    street = f"{secrets.randbelow(9_000) + 1} Oak Ave"
    file = f"{HEADER}Jane Roe,{street},Springfield,IL,62701,A1\nJohn Roe,{street},Springfield,IL,62701,A2\n"
    first = made(running, file)
    assert first["counts"]["allowed"] == 2
    address = {"name": "Jane Roe", "line1": street, "city": "Springfield", "region": "IL", "postal_code": "62701"}
    with running.frozen("worker", "sweep"):
        event = running.tell("post", address, "opt_out", "*")
        recalls = running.api.get(f"{first['path']}/recalls").json()
        assert [(one["columns"]["Code"], one["reason"]) for one in recalls["results"]] == [("A1", "held")]
    due = {"name": "Autumn catalogue", "dropped_on": today(7), "arrives_until": today(28)}
    assert running.settled(event)["may_still_arrive"] == [due]
    second = made(running, file)
    result = running.api.get(f"{second['path']}/result").text.splitlines()
    assert [line.split(",")[-3:-1] for line in result[1:]] == [["false", "opted_out"], ["true", "opt_out_basis"]]
    assert second["stamp"]["ledger_line"] > first["stamp"]["ledger_line"]


def test_a_run_is_scrubbed_by_the_sweep_when_its_worker_is_gone(running: Instance) -> None:
    with running.frozen("files"):
        assert made(running, f"{HEADER}Jane Roe,1 Elm St,Springfield,IL,62701,A1\n")["counts"]["allowed"] == 1
