"""A controller with a sign-up form, and a visitor who fills it in as a browser would."""

import html
import re
from typing import Any

from django.core import mail
from django.test import Client
from django.utils import timezone
from time_machine import TimeMachineFixture

from consent import outbox, pipeline
from consent.addresses import contact
from consent.models import Notice
from consent.status import Verdict
from subscriptions.models import SignupForm
from tests.consent.core.example import Organisation, ask, make_organisation

PATH = "/subscribe/acme"
ANN = "ann@home.example"
SHOP = "https://shop.example"
LINK = re.compile(r"https?://[^/\s]+(/confirm/\S+)")


class Site:
    """The organisation with its form."""

    def __init__(self, clock: TimeMachineFixture) -> None:
        clock.move_to(timezone.now(), tick=False)  # a machine that is busy fills in no form more slowly
        self.clock = clock
        self.organisation: Organisation = make_organisation()
        self.organisation.acme.contact = "privacy@acme.example"
        self.organisation.acme.save()
        self.notice = self.notice_version(1, "I want to get it.")
        self.form = SignupForm.objects.create(
            controller=self.organisation.acme, notice_slug="form", embed_origins=f"{SHOP}\nhttp://127.0.0.1:4000"
        )
        self.client = Client()

    def notice_version(self, version: int, text: str, language: str = "en", **more: Any) -> Notice:
        now = timezone.now()
        return Notice.objects.create(
            controller=self.organisation.acme,
            slug="form",
            version=version,
            language=language,
            text=text,
            published_at=now,
            **more,
        )

    def shown(self, path: str = PATH, **headers: str) -> dict[str, str]:
        """The hidden fields of the form, as a visitor has it before them."""
        return fields_of(self.client.get(path, headers=headers))

    def sign_up(self, *topics: str, address: str = ANN, path: str = PATH, after: float = 5, **more: Any) -> Any:
        """Open the form, fill it in, and send it some seconds later."""
        fields = self.shown(path, **more.pop("headers_of_get", {}))
        return self.send({**fields, "email": address, "topic": list(topics), **more}, path, after)

    def send(self, fields: dict[str, Any], path: str = PATH, after: float = 5, **headers: Any) -> Any:
        self.clock.shift(after)
        return self.client.post(path, fields, headers=headers)

    def mails(self) -> list[mail.EmailMessage]:
        mail.outbox.clear()
        pipeline.drain()
        outbox.drain()
        return list(mail.outbox)

    def link(self) -> str:
        """The path of the link in the one mail that goes out now."""
        [message] = self.mails()
        [path] = LINK.findall(str(message.body))
        return str(path)

    def verdict(self, topic: str, address: str = ANN) -> Verdict:
        return ask(self.organisation, topic, contact("email", address).said)


def fields_of(response: Any) -> dict[str, str]:
    """The hidden fields of a page."""
    return {
        name: html.unescape(value)
        for name, value in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', response.content.decode())
    }


def main_of(response: Any) -> str:
    """What a person reads within the page, apart from its head and foot."""
    [main] = re.findall(r"<main>(.*)</main>", response.content.decode(), re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())


def text_of(response: Any) -> str:
    """What a person reads, with single spaces."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())
