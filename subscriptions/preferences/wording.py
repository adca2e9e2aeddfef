"""What the pages call the messages of a channel, and what they say of those that can no longer be held back."""

from typing import NamedTuple


class Words(NamedTuple):
    """`messages` completes "marketing …", `only` "This covers …"; `late` is about what is already on its way."""

    messages: str
    only: str
    late: str


WORDS = {
    "email": Words("emails", "email only", "An email that is already on its way may still arrive."),
    "sms": Words("text messages", "text messages only", "A text message that is already on its way may still arrive."),
    "post": Words("letters", "post only", "Letters already printed or in the mail may still arrive for a few weeks."),
}
