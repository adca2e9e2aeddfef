"""What is kept of a scrub, and how long: its table and its verdicts for some days. The row stays, with its receipt."""

from django.db.models import Q
from django.utils import timezone

from consent import db
from consent.models import Scrub
from consent.models.scrub import ScrubState

_AT_ONCE = 50
_CHUNKS = """
DELETE FROM consent_scrubchunk WHERE id IN (SELECT id FROM consent_scrubchunk WHERE scrub_id = %s LIMIT %s) RETURNING 1
"""
_PARTS = """
DELETE FROM consent_scrubpart WHERE id IN (SELECT id FROM consent_scrubpart WHERE scrub_id = %s LIMIT %s) RETURNING 1
"""


def forget_old() -> None:
    """Empty one scrub that expired or was cancelled. To be called again."""
    over = Q(state=ScrubState.CANCELLED) | Q(expires_at__lt=timezone.now())
    old = Scrub.objects.filter(over, emptied_at=None).order_by("expires_at").first()
    if old is None:
        return
    if old.state in (ScrubState.PENDING, ScrubState.SCRUBBING):
        Scrub.objects.filter(pk=old.pk).update(state=ScrubState.FAILED, lease=None, error="expired")
    for statement in (_PARTS, _CHUNKS):
        # Little by little, so that nobody waits for it.
        while db.fetch(statement, [old.pk, _AT_ONCE]):
            pass
    Scrub.objects.filter(pk=old.pk).update(emptied_at=timezone.now())
