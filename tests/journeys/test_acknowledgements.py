"""A person writes to a running Sayso and is answered once, by an .eml file in its outbox, and can take it back."""

from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest

from tests.instance import Instance, new_address, until
from tests.journeys.outbox import messages_to

HOME = "Jane Roe\n102 Main St Apt 4\nReno, NV 89501"


def answer(running: Instance, address: str) -> str:
    until(lambda: bool(messages_to(running, address)))
    return str(messages_to(running, address)[0].get_content())


def settled(running: Instance) -> None:
    until(lambda: running.query("SELECT 1 FROM consent_errand WHERE state = 'waiting'") == [])


def test_ten_letters_at_once_get_one_answer_which_takes_them_back(running: Instance) -> None:
    jane = new_address()
    with ThreadPoolExecutor(10) as writers:
        letters = [writers.submit(running.mail, jane, "unsubscribe@acme.example", "unsubscribe", "") for _ in range(10)]
    assert [letter.exception() for letter in letters] == [None] * 10
    text = answer(running, jane)
    running.eventually("email", jane, "offers", reason="opted_out")
    until(lambda: running.query("SELECT 1 FROM consent_inbound WHERE state = 'pending' AND source = 'mail'") == [])
    settled(running)
    [message] = messages_to(running, jane)
    assert message["Auto-Submitted"] == "auto-replied"
    assert f"by e-mail to {jane}" in text
    link = next(line for line in text.splitlines() if "/undo/" in line)
    shown = running.outside.get(urlsplit(link).path)
    assert (shown.status_code, jane in shown.text) == (200, False)
    assert running.check("email", jane, "offers")["reason"] == "opted_out"  # looking changes nothing
    assert running.outside.post(urlsplit(link).path).status_code == 200


def test_the_undo_of_a_lone_letter_lets_mail_through(running: Instance) -> None:
    jane = new_address()
    running.mail(jane, "privacy@acme.example", "Mails", "Please unsubscribe me.")
    link = next(line for line in answer(running, jane).splitlines() if "/undo/" in line)
    assert running.check("email", jane, "offers")["reason"] == "opted_out"
    running.outside.post(urlsplit(link).path)
    running.eventually("email", jane, "offers", allowed=True)


@pytest.mark.parametrize("absent", [("errands", "worker"), ("sweep",)])
def test_either_the_workers_or_the_sweep_are_enough(running: Instance, absent: tuple[str, ...]) -> None:
    jane = new_address()
    with running.frozen(*absent):
        running.mail(jane, "privacy@acme.example", "NO SNAIL MAIL", HOME)
        assert "JANE ROE, 102 MAIN ST" in answer(running, jane)


def test_no_address_and_no_words_are_in_clear(running: Instance) -> None:
    jane = new_address()
    running.mail(jane, "privacy@acme.example", "NO SNAIL MAIL", HOME)
    answer(running, jane)
    settled(running)
    rows = running.query("SELECT row_to_json(e)::text FROM consent_errand e WHERE kind = 'mail'")
    assert rows
    assert not [row for row in rows if jane in row[0] or "MAIN ST" in row[0]]
