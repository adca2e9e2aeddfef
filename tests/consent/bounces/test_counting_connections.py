"""Several that count at once, each with its own connection: what one test transaction cannot show."""

import subprocess
import sys

from tests.instance import ROOT, Instance, until

WHO = "two.counters@example.org"
COUNTER = f"""
import sys, django
django.setup()
from datetime import timedelta
from django.utils import timezone
from consent import inbox, pipeline
from consent.inbox import Arrival, Envelope
from consent.intake.mail_event import MailEvent

noon = timezone.now().replace(hour=12)
for days in map(int, sys.argv[1:]):
    for kind, who in (("bounced", "{WHO}"), ("opened", "somebody.else@example.org")):
        at = noon - timedelta(days=days)
        event = MailEvent(kind, recipients=(who,), occurred_at=at, fails=kind == "bounced", same=str(days))
        inbox.accept(Arrival(1, "esp:two", "email", Envelope(mail_event=event), (), received_at=at))
    pipeline.drain()
"""
OURS_PENDING = "SELECT count(*) FROM consent_inbound WHERE state = 'pending' AND source = 'esp:two'"


def counter(running: Instance, *days: int) -> "subprocess.Popen[str]":
    values = {**running.values, "DJANGO_SETTINGS_MODULE": "config.settings"}
    command = [sys.executable, "-c", COUNTER, *map(str, days)]
    return subprocess.Popen(command, cwd=ROOT, env=values, stdout=subprocess.PIPE, text=True)


def test_none_is_missed_and_none_counted_twice(running: Instance) -> None:
    """Eight days: the fifth writes the line, whoever brings it, and at most three are left; fewer where one batch had
    more than the fifth. One counted twice would leave more, or write a second line."""
    both = [counter(running, *days) for days in ((1, 3, 5, 7), (8, 6, 4, 2))]
    assert [(one.wait(100), one.communicate()[0]) for one in both] == [(0, ""), (0, "")]
    running.eventually("email", WHO, "service", reason="hard_bounce")
    until(lambda: running.query(OURS_PENDING) == [(0,)])
    lines = "SELECT key FROM consent_consentevent WHERE cause = 'hard_bounce' AND source = 'esp:two'"
    [[key]] = running.query(lines)
    [[left]] = running.query("SELECT coalesce(sum(times), 0)::int FROM consent_countedbounce WHERE key = %s", key)
    assert 0 <= left <= 3
