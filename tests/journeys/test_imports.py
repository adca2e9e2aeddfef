"""An outside list through a running instance: over the API, and without its worker."""

from tests.instance import Instance, new_address, until


def upload(running: Instance, name: str, *addresses: str, as_of: str) -> str:
    """A version over the API; the path of its status."""
    text = "\n".join(("email", *addresses)) + "\n"
    form = {"list": name, "kind": "other", "as_of": as_of}
    answer = running.api.post("/v1/imports", data=form, files={"file": ("list.csv", text)})
    assert answer.status_code == 202, answer.text
    return str(answer.json()["status_url"])


def test_a_list_comes_and_its_next_version_lifts(running: Instance) -> None:
    people = [new_address() for _ in range(12)]
    path = upload(running, "journey", *people, "nobody", as_of="2026-09-01")
    until(lambda: running.api.get(path).json()["status"] == "current", 60)
    counts = running.api.get(path).json()["counts"]
    assert (counts["added"], counts["bad"]) == (12, 1)
    assert running.check("email", people[0], "offers")["reason"] == "listed"

    with running.frozen("files"):  # the sweep alone goes on
        path = upload(running, "journey", *people[1:], as_of="2026-10-01")
        until(lambda: running.api.get(path).json()["status"] == "current", 60)
    assert running.check("email", people[0], "offers")["reason"] != "listed"
    assert running.check("email", people[1], "offers")["reason"] == "listed"

    deaths = "Name,Address,City,State,Zip\nJohn Roe,12 Elm St,Springfield,IL,62701\n"
    form, files = {"list": "deaths", "kind": "deceased"}, {"file": ("deaths.csv", deaths)}
    path = running.api.post("/v1/imports", data=form, files=files).json()["status_url"]
    until(lambda: running.api.get(path).json()["ready"], 60)
    home = {"line1": "12 Elm Street", "city": "Springfield", "region": "IL", "postal_code": "62701"}
    assert running.check("post", home | {"name": "John Roe"}, "offers")["reason"] == "deceased"
    assert running.check("post", home | {"name": "Jane Roe"}, "offers")["allowed"]
