"""What a message asks of us, as one frozen value."""

from typing import Literal

import msgspec

from consent.classify.mail_address import FoundAddress
from consent.classify.mail_bounce import Bounce

Outcome = Literal["suppress", "none", "review"]


class MailDecision(msgspec.Struct, frozen=True):
    """What a message asks.

    `email` is about the sender's address, or about the recipient that `token` names, whoever the sender is. `post` is
    about `addresses` (and, where there are none and it is `review`, about nobody yet). `bounces` and `complaints` are
    about other addresses, as reports wrote them; `complaint_tokens` name those whose address was redacted.
    `sms` is about `numbers` (E.164). `deceased` says that somebody whom the letter names may have died: staff decide.
    `automatic` says that no person wrote the message. `row` names the rule, and `version` the tables, that decided.
    `suggestion` is, under `review`, what a person would most likely choose: "email", "post", "both", "sms", "deceased"
    or "none".
    """

    row: str
    version: str
    email: Outcome = "none"
    post: Outcome = "none"
    sms: Outcome = "none"
    numbers: tuple[str, ...] = ()
    deceased: bool = False
    addresses: tuple[FoundAddress, ...] = ()
    bounces: tuple[Bounce, ...] = ()
    complaints: tuple[str, ...] = ()
    complaint_tokens: tuple[str, ...] = ()
    automatic: bool = False
    token: str | None = None
    language: str | None = None
    suggestion: str | None = None

    @property
    def asks(self) -> bool:
        """Whether it asks for something, or may."""
        return self.deceased or {self.email, self.post, self.sms} != {"none"}

    @property
    def names(self) -> tuple[str, ...]:
        """The names found with the addresses, in normal form, each once."""
        return tuple(dict.fromkeys(address.name for address in self.addresses if address.name))
