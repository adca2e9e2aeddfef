"""`make demo`: the main job on real input, against the running instance, step by step."""

import json
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from subscriptions.demo.doors import Doors, NotRunning, Refused
from subscriptions.demo.freeze import frozen_pipeline
from subscriptions.demo.one_click import address_in, by_client, by_curl
from subscriptions.demo.outbox import answer_to
from subscriptions.demo.people import Somebody, somebody
from subscriptions.demo.tls import tls_in_front_of


class Command(BaseCommand):
    help = "Runs the main job end to end against the running instance of `make up`."
    requires_system_checks: list[str] = []  # it speaks to the instance from outside, as others do

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self.doors = Doors.of_this_checkout()
            self._run(somebody())
        except (NotRunning, Refused) as error:
            raise CommandError(str(error)) from error

    def _run(self, jane: Somebody) -> None:
        self.stdout.write(f"Sayso at {self.doors.url}. Jane Roe: {jane.email}, {jane.number}, {jane.letter_line}\n")
        self._stop_text(jane)
        self._letter(jane)
        self._one_click(jane)
        self._worker_stopped(jane)
        self._said("Every no was obeyed from the moment it was acknowledged.")

    def _stop_text(self, jane: Somebody) -> None:
        self._step("Jane texts STOP; Twilio posts it, signed")
        self._shows("sms", jane.number, "service", "service", allowed=True)
        self._said(f"Twilio is answered: {self.doors.twilio(jane.number, 'Stop.')}")
        self._shows("sms", jane.number, "service", "opted_out", allowed=False)

    def _letter(self, jane: Somebody) -> None:
        self._step("Jane writes an e-mail with NO SNAIL MAIL in its subject, over SMTP")
        self._shows("post", jane.home, "offers", "opt_out_basis", allowed=True)
        self._said(f"the mail server is answered: {self.doors.letter(jane.email, 'NO SNAIL MAIL', jane.letter)}")
        self._shows("post", jane.home, "offers", "opted_out", allowed=False)
        self._said("a housemate still gets letters, and Jane her service letters:")
        self._shows("post", {**jane.home, "name": "John Doe"}, "offers", "opt_out_basis", allowed=True)
        self._shows("post", jane.home, "service", "service", allowed=True)
        self._answered(jane)

    def _answered(self, jane: Somebody) -> None:
        found = answer_to(jane.email)
        if found is None:
            self._said("her letter's answer is not shown: it went elsewhere than into this checkout's outbox")
            return
        self._said(f"and she is answered ({found.path}):")
        for line in found.lines:
            self._said(f"  | {line}")

    def _one_click(self, jane: Somebody) -> None:
        self._step("Jane's mail program presses unsubscribe: the one-click POST of RFC 8058, over TLS")
        headers = self.doors.links(jane.email, "offers")["headers"]
        for name, value in headers.items():
            self._said(f"{name}: {value[:100]}{'…' if len(value) > 100 else ''}")
        self._shows("email", jane.email, "offers", "opt_out_basis", allowed=True)
        with tls_in_front_of(self.doors.url) as front:
            url = address_in(headers["List-Unsubscribe"], front)
            presses = [press for press in (by_curl(url, front), by_client(url, front)) if press]
        for press in presses:
            self._said(f"sent: {press.sent}")
            self._said(f"answered: {press.answered}")
        self._shows("email", jane.email, "offers", "opted_out", allowed=False)
        self._said(f"pressed by, as evidence: {', '.join(self._pressed(jane, len(presses)))}")
        self._said("another topic was not refused:")
        self._shows("email", jane.email, "events", "opt_out_basis", allowed=True)

    def _pressed(self, jane: Somebody, count: int) -> list[str]:
        """Who pressed, once each press was worked off."""
        deadline = time.monotonic() + 10
        while len(known := self.doors.pressed_by(jane.email)) < count and time.monotonic() < deadline:
            time.sleep(0.02)
        return known

    def _worker_stopped(self, jane: Somebody) -> None:
        self._step("The worker and the sweep are stopped, and another number says STOP")
        with frozen_pipeline(self.doors.url) as stopped:
            if not stopped:
                self._said("left out: the processes of this instance are not ours to stop")
                return
            self._said(f"Twilio is answered: {self.doors.twilio(jane.other_number, 'STOP')}")
            self._shows("sms", jane.other_number, "service", "held", allowed=False)
            self._said("nobody has worked it off, and it denies. The worker goes on:")
        self._shows("sms", jane.other_number, "service", "opted_out", allowed=False)

    def _step(self, text: str) -> None:
        self.stdout.write(self.style.MIGRATE_HEADING(f"\n{text}"))

    def _said(self, text: str) -> None:
        self.stdout.write(f"  {text}")

    def _shows(self, channel: str, address: Any, topic: str, reason: str, *, allowed: bool) -> None:
        """Ask until the reason is the expected one; an answer that allows what must be denied fails at once."""
        deadline = time.monotonic() + 10
        while True:
            answer = self.doors.check(channel, address, topic)
            if answer["allowed"] != allowed:
                raise Refused(f"expected allowed={allowed}, have {json.dumps(answer)}")
            if answer["reason"] == reason:
                break
            if time.monotonic() > deadline:
                raise Refused(f"expected {reason}, have {json.dumps(answer)}")
            time.sleep(0.02)
        word = self.style.SUCCESS("allowed") if allowed else self.style.WARNING("denied ")
        scope = f", scope {answer['scope']}" if answer["scope"] else ""
        who = address if isinstance(address, str) else f"{address['name']}, {address['line1']}"
        self._said(f"check {channel:5} {topic:7} {who} → {word} ({reason}{scope})")
