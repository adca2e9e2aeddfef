"""How often one address may be signed up: beyond that nothing is kept, and the answer is the same."""

from datetime import timedelta

from django.utils import timezone

from consent.models import ConsentEvent
from consent.models.vocabulary import Action
from consent.normalise.keys import Key

MOST_A_DAY = 5  # requests, of which one is mailed (consent/requesting.py)


def may_be_asked(controller_id: int, key: Key) -> bool:
    """Whether one more request about an address is worth keeping."""
    since = timezone.now() - timedelta(days=1)
    asked = ConsentEvent.objects.filter(key=key, controller_id=controller_id, action=Action.REQUEST)
    inbounds = asked.filter(recorded_at__gt=since).values("inbound_id").distinct()
    return inbounds.count() < MOST_A_DAY
