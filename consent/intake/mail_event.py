"""What a mail provider's webhook tells of one message of ours: one frozen value an event."""

from datetime import datetime
from typing import Literal

import msgspec

Meaning = Literal["opt_out", "complaint", "hard_bounce", ""]


class MailEvent(msgspec.Struct, frozen=True, omit_defaults=True):
    """One event. `kind` is Anymail's word for it (bounced, complained, delivered …) or `unreadable`.

    `meaning` is the no that it tells of, if any. `recipients` are the addresses as the provider wrote them; of several
    in an `unclear` event, nobody can tell which one it is about. `same` stands for its content, so that a repeated
    delivery is recognised. `token` is that of our link in the message, where the event hands it back. `text` is an
    event that could not be read, as it came, cut. `fails`: the address itself fails, though not for good as
    far as this tells. `confirm_url` accepts a subscription, where the event is that.
    """

    kind: str
    name: str = ""  # the provider's own word
    meaning: Meaning = ""
    recipients: tuple[str, ...] = ()
    unclear: bool = False
    event_id: str = ""
    same: str = ""
    occurred_at: datetime | None = None
    reason: str = ""
    fails: bool = False
    token: str = ""
    text: str = ""
    confirm_url: str = ""
