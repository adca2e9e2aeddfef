"""What the pages say of the messages of a channel: whole sentences, for no language builds them from the same parts."""

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Words(NamedTuple):
    """`{name}` is the controller, `{topic}` a topic. Templates fill them in with `say` (templatetags/wording.py)."""

    everything: Promise
    everything_shared: Promise  # where the controller also shares data
    stopped: Promise
    stopped_shared: Promise
    asked: Promise
    asked_about: Promise
    only: Promise
    late: Promise


WORDS = {
    "email": Words(
        everything=_("All marketing emails from {name}."),
        everything_shared=_("All marketing emails from {name}, and sharing your data."),
        stopped=_("From now on, {name} sends you no marketing emails."),
        stopped_shared=_("From now on, {name} sends you no marketing emails and does not share your data."),
        asked=_("A message in your name asked {name} to send you no more marketing emails."),
        asked_about=_("A message in your name asked {name} to send you no more emails about {topic}."),
        only=_("This covers email only."),
        late=_("An email that is already on its way may still arrive."),
    ),
    "sms": Words(
        everything=_("All marketing text messages from {name}."),
        everything_shared=_("All marketing text messages from {name}, and sharing your data."),
        stopped=_("From now on, {name} sends you no marketing text messages."),
        stopped_shared=_("From now on, {name} sends you no marketing text messages and does not share your data."),
        asked=_("A message in your name asked {name} to send you no more marketing text messages."),
        asked_about=_("A message in your name asked {name} to send you no more text messages about {topic}."),
        only=_("This covers text messages only."),
        late=_("A text message that is already on its way may still arrive."),
    ),
    "post": Words(
        everything=_("All marketing letters from {name}."),
        everything_shared=_("All marketing letters from {name}, and sharing your data."),
        stopped=_("From now on, {name} sends you no marketing letters."),
        stopped_shared=_("From now on, {name} sends you no marketing letters and does not share your data."),
        asked=_("A message in your name asked {name} to send you no more marketing letters."),
        asked_about=_("A message in your name asked {name} to send you no more letters about {topic}."),
        only=_("This covers post only."),
        late=_("Letters already printed or in the mail may still arrive for a few weeks."),
    ),
}
