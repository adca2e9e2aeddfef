"""A person signs in to a running Sayso by the code in a letter, read from its outbox."""

import re
from concurrent.futures import ThreadPoolExecutor

import httpx

from tests.instance import PATIENCE, Instance, new_address
from tests.journeys.outbox import messages_to
from tests.journeys.test_acknowledgements import answer


class Visitor:
    """A browser without scripts."""

    def __init__(self, running: Instance) -> None:
        self.running = running
        self.http = httpx.Client(base_url=running.url, timeout=PATIENCE, follow_redirects=True)

    def __enter__(self) -> "Visitor":
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def send(self, page: httpx.Response, **fields: str) -> httpx.Response:
        """Fill in the first form of a page, and send it."""
        form = page.text.partition("<form")[2].partition("</form>")[0]
        action = re.search(r'action="([^"]*)"', form)
        hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))
        return self.http.post(action[1] if action else page.url, data=hidden | fields)

    def ask(self, address: str) -> httpx.Response:
        """Ask for a code; give the page where it is entered."""
        return self.send(self.http.get("/preferences/?controller=acme"), address=address)


def code_to(running: Instance, address: str) -> str:
    [code] = set(re.findall(r"\b\d{6}\b", re.sub(r"https?://\S+", "", answer(running, address))))
    return str(code)


def test_the_code_in_a_letter_opens_the_preferences(running: Instance) -> None:
    jane = new_address()
    with Visitor(running) as visitor:
        page = visitor.ask(jane)
        assert "Enter your code" in page.text
        code = code_to(running, jane)
        opened = visitor.send(page, code=f"{code[:3]} {code[3:]}")
        assert opened.status_code == 200
        link = opened.url.path
        assert re.fullmatch(r"/preferences/[\w-]{40,}", link)
        assert visitor.http.get(f"{link}/address").url.path == f"{link}/address"
    with Visitor(running) as other:  # to whom the link was forwarded
        assert other.http.get(f"{link}/address").url.path == f"{link}/code"
    [message] = messages_to(running, jane)
    assert message["Auto-Submitted"] == "auto-replied"
    assert link in message.get_content()


def test_of_many_tries_at_once_five_are_looked_at(running: Instance) -> None:
    jane = new_address()
    with Visitor(running) as visitor:
        page = visitor.ask(jane)
        code = code_to(running, jane)
        wrong = [f"{number:06}" for number in range(24) if f"{number:06}" != code]
        with ThreadPoolExecutor(8) as several:
            statuses = [one.status_code for one in several.map(lambda tried: visitor.send(page, code=tried), wrong)]
        assert set(statuses) == {400}
        assert visitor.send(page, code=code).status_code == 400
    tries = running.query(
        "SELECT max(c.tries) FROM consent_accesscode c JOIN consent_errand e ON e.inbound_id = c.inbound_id"
    )
    assert tries == [(5,)]


def test_with_the_pipeline_frozen_the_page_says_the_same_at_once(running: Instance) -> None:
    jane = new_address()
    with Visitor(running) as visitor:
        with running.frozen("worker", "errands", "sweep"):
            page = visitor.ask(jane)
            assert page.status_code == 200
            assert visitor.send(page, code="123456").status_code == 400
        assert visitor.send(page, code=code_to(running, jane)).status_code == 200


def test_the_erased_stay_suppressed_and_the_ledger_stays_whole(running: Instance) -> None:
    jane = new_address()
    running.tell("email", jane, "opt_in", "newsletter", person={"external_id": jane[:20], "name": "Jane Roe"})
    running.eventually("email", jane, "newsletter", allowed=True)
    with Visitor(running) as visitor:
        link = visitor.send(visitor.ask(jane), code=code_to(running, jane)).url.path
        page = visitor.http.get(f"{link}/rights")
        [form, *_] = re.findall(r'name="form" value="(\w+)"', page.text)
        copy = visitor.http.post(f"{link}/data", data={"form": form, "format": "json"})
        assert (copy.headers["cache-control"], copy.json()["person"][0]["name"]) == ("no-store", "Jane Roe")
        said = {"form": form, "kind": "erasure", "confirmed": "yes"}
        assert visitor.http.post(f"{link}/rights", data=said).status_code == 200
    assert running.check("email", jane, "newsletter")["allowed"] is False
    running.eventually("email", jane, "newsletter", reason="opted_out")
    swept = running.manage("sweep", "--once", SAYSO_ERASE_AFTER_DAYS="0")
    assert swept.returncode == 0, swept.stderr
    kept = "SELECT count(*) FROM consent_rightsrequest WHERE kind = 'erasure' AND state <> 'done'"
    assert running.query(kept) == [(0,)]
    for more in ({"source": "import"}, {}):
        event = running.tell("email", jane, "opt_in", "*", **more)
        running.settled(event)
        assert running.check("email", jane, "newsletter")["reason"] == "opted_out"
    checked = running.manage("rebuild", "--check")
    assert checked.returncode == 0, checked.stderr
