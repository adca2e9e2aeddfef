"""The story of a number that was disconnected tells a former holder's words from the present one's."""

from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client

from consent import pipeline
from consent.addresses import contact
from consent.lists.disconnected import accept_disconnected, disconnection
from tests.consent.admin import office

pytestmark = pytest.mark.django_db


def test_the_page_says_so(boss: Client) -> None:
    office.text("STOP")
    day = date(2026, 3, 5)
    path = f"consent/contactpoint/{contact('sms', office.NUMBER).said[0].hex()}/"
    assert "former holder" not in office.page(boss, path)
    accept_disconnected([disconnection(office.NUMBER, day)], office.acme().pk, by="file", actor="command")
    pipeline.drain()
    page = office.page(boss, path)
    assert "Number disconnected on 2026-03-05: what was said before was said by a former holder." in page
    assert "2026-03-05" in page
    assert "disconnected.number" in page


def test_what_was_taken_in_from_a_list_is_shown_with_its_row(boss: Client, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("number,note,date\n+14155550100,<b>bold</b>,2026-03-05\n")
    call_command("reconcile_opt_outs", "generic", f"--csv={path}", stdout=StringIO())
    pipeline.drain()
    page = office.page(boss, f"consent/contactpoint/{contact('sms', '+14155550100').said[0].hex()}/")
    assert "The own list of generic holds this opt-out, and we lacked it." in page
    assert "Listed: note" in page
    assert "<b>bold</b>" not in page
