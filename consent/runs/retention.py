"""What is kept of a run, and how long: its file and pieces until a while after its last piece can have arrived.

The row itself stays, with its stamp and digests: proof that a file was scrubbed, and against what.
"""

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from consent import db
from consent.models import MailRun
from consent.models.mail_run import RunState

_AT_ONCE = 20_000
_PIECES = """
DELETE FROM consent_mailpiece WHERE id IN (SELECT id FROM consent_mailpiece WHERE run_id = %s LIMIT %s) RETURNING 1
"""
_PARTS = """
DELETE FROM consent_mailrunchunk WHERE id IN (
    SELECT id FROM consent_mailrunchunk WHERE run_id = %s AND (kind = 'result' OR %s) LIMIT %s
) RETURNING 1
"""


def empty_run(run_id: UUID, *, with_file: bool) -> None:
    """Remove a run's pieces and its result, and its file if wanted: little by little, so that nobody waits for it."""
    while db.fetch(_PIECES, [run_id, _AT_ONCE]):
        pass
    while db.fetch(_PARTS, [run_id, with_file, 100]):
        pass


def forget_old() -> None:
    """Empty one run that was cancelled, or whose last piece should have arrived long ago. To be called again."""
    last = timezone.now().date() - timedelta(days=settings.SAYSO_MAIL_RUN_KEEP_DAYS)
    over = Q(state=RunState.CANCELLED) | Q(arrives_until__lt=last)
    old = MailRun.objects.filter(over, emptied_at=None).order_by("arrives_until").values_list("pk", flat=True).first()
    if old is not None:
        empty_run(old, with_file=True)
        MailRun.objects.filter(pk=old).update(emptied_at=timezone.now())
