"""A short way to text an organisation, and to see what it answers."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from consent import inbox, outbox, pipeline, vault
from consent.configuration import CREDENTIALS_PURPOSE, SECRETS_PURPOSE
from consent.inbox import Arrival, Envelope
from consent.intake.contract import Message
from consent.models import Errand, ProviderAccount
from tests.consent.answers.stand_in import CREDENTIALS, StandIn
from tests.consent.core.example import ACME_NUMBER, GENERIC_SECRET, Organisation, ask, key_of

NUMBER = "+14155550123"


class Desk:
    """An organisation, and the gateway's stand-in that its accounts call."""

    def __init__(self, organisation: Organisation, stand_in: StandIn) -> None:
        self.organisation = organisation
        self.stand_in = stand_in
        self.count = 0
        organisation.acme.name, organisation.acme.contact = "Acme Hosting", "privacy@acme.example"
        organisation.acme.save()

    def answer_by(self, way: str, provider: str = "generic", **options: str) -> ProviderAccount:
        """Set how an account is answered."""
        account, _ = ProviderAccount.objects.get_or_create(
            provider=provider,
            endpoint="acme",
            defaults={
                "controller": self.organisation.acme,
                "sealed_secrets": vault.seal(SECRETS_PURPOSE, msgspec.json.encode([GENERIC_SECRET])),
                "region": "US",
            },
        )
        account.options = {"answers": way, "api_url": self.stand_in.api_url(provider), **options}
        if provider in CREDENTIALS:
            plain = msgspec.json.encode(CREDENTIALS[provider])
            account.sealed_credentials = vault.seal(CREDENTIALS_PURPOSE, plain)
        account.save()
        return account

    def take(self, words: str, number: str = NUMBER, at: datetime | None = None, **more: Any) -> UUID:
        """Take a text in; nothing works it off yet."""
        self.count += 1
        provider = more.pop("provider", "generic")
        plain: dict[str, Any] = {"kind": "message", "recipient": ACME_NUMBER, "external_id": f"m-{self.count}"}
        message = Message(sender=number, text=words, **(plain | more))
        accepted = inbox.accept(
            Arrival(
                controller_id=self.organisation.acme.pk,
                source=f"sms:{provider}",
                channel="sms",
                endpoint="acme",
                envelope=Envelope(body=words.encode(), message=message),
                holds=[],
                same=(message.external_id,),
                received_at=at,
            )
        )
        return accepted.id

    def text(self, words: str, number: str = NUMBER, **more: Any) -> None:
        """Take a text in, work it off, and do what is to be done."""
        self.take(words, number, **more)
        pipeline.drain()
        outbox.drain()

    @property
    def said(self) -> list[str]:
        """What the gateway has sent."""
        return [text.body for text in self.stand_in.texts]

    def errands(self) -> list[tuple[str, str]]:
        return list(Errand.objects.order_by("id").values_list("purpose", "state"))

    def reason(self, topic: str, number: str = NUMBER) -> str:
        return ask(self.organisation, topic, [key_of("sms", number)], "sms").reason
