"""People who move, on a real instance: denied from the answer on, whatever stands still, and whatever comes at once."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.instance import PIPELINE, Instance, new_address, new_number

HOME = "Ida Poe, {} Birch Rd, Madison, WI 53703"
FILE = """\
name,old address,new address,move effective date,move type
Ida Poe,"11 Birch Rd, Madison, WI 53703","12 Birch Rd, Madison, WI 53703",202603,I
Ida Poe,nowhere,"12 Birch Rd, Madison, WI 53703",202603,I
"""


def change(running: Instance, person: str, channel: str, old: str | None, new: str) -> str:
    """Tell of a change of address; return the id of the event."""
    told = {"channel": channel, "to": new, **({"from": old} if old else {})}
    answer = running.api.patch(f"/v1/people/{person}", json={"moves": [told]})
    assert answer.status_code == 202, answer.text
    return str(answer.json()["results"][0]["id"])


def test_somebody_who_refused_moves_and_moves_on(running: Instance) -> None:
    first, second, third = HOME.format(1), HOME.format(2), HOME.format(3)
    person = {"external_id": "mover-1", "name": "Ida Poe"}
    with running.frozen(*PIPELINE):
        running.tell("post", first, "opt_out", "*", person=person)
        move = change(running, "mover-1", "post", first, second)
        assert running.check("post", second, "offers")["reason"] == "held"
    running.eventually("post", second, "offers", seconds=60, reason="opted_out")
    assert running.settled(move)["outcome"] == "move"
    running.settled(change(running, "mover-1", "post", None, third))
    assert running.check("post", third, "offers")["reason"] == "opted_out"
    body = running.api.get("/v1/people/mover-1").json()
    assert [one["until"] is None for one in body["contacts"]] == [True, False, False]
    assert all(row["reason"] == "opted_out" for one in body["contacts"] for row in one["topics"] if not row["allowed"])


def test_words_and_moves_at_once_miss_each_other_never(running: Instance) -> None:
    pairs = [(new_number(), new_number()) for _ in range(20)]

    def both(place: int) -> None:
        old, new = pairs[place // 2]
        if place % 2:
            assert running.generic(old, "STOP").status_code == 200
        else:
            change(running, f"racer-{place}", "sms", old, new)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(both, range(40)))
    for old, new in pairs:
        running.eventually("sms", old, "offers", seconds=60, reason="opted_out")
        running.eventually("sms", new, "offers", reason="opted_out")


def test_a_file_and_a_merge(running: Instance, tmp_path: Path) -> None:
    path = tmp_path / "moves.csv"
    path.write_text(FILE)
    running.tell("post", HOME.format(11), "opt_out", "*")
    running.eventually("post", HOME.format(11), "offers", seconds=60, reason="opted_out")
    done = running.manage("import_moves", str(path), "--controller", "acme")
    assert done.returncode == 0, done.stderr
    assert "taken in 1" in done.stdout
    assert "line 3: from:" in done.stderr
    running.eventually("post", HOME.format(12), "offers", reason="opted_out")
    refused, free = new_address(), new_address()
    for name, address, action in (("twin-2", free, "opt_in"), ("twin-1", refused, "opt_out")):
        running.settled(running.tell("email", address, action, "offers", person={"external_id": name}))
    answer = running.api.post("/v1/people/twin-2/merge", json={"into": "twin-1"})
    assert answer.status_code == 202
    running.settled(answer.json()["id"])
    assert running.check("email", free, "offers")["reason"] == "opted_out"
    assert running.manage("rebuild", "--check").returncode == 0
