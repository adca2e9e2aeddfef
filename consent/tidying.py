"""What is kept for a while and then no more: counts of who asked, proofs that are over, codes and who asked for them;
and people whom the policy says to erase.

Each step is bounded, and done again until nothing is left: nobody waits for it.
"""

from datetime import timedelta

from django.utils import timezone

from consent import db
from consent.rights.deciding import erase_due

KEEP_CODES = timedelta(days=30)  # with what was typed: long enough to look into an abuse
_AT_ONCE = 5_000

_ASKINGS = "DELETE FROM consent_asking WHERE bucket IN (SELECT bucket FROM consent_asking WHERE until < %s LIMIT %s)"
_PROOFS = """
DELETE FROM consent_accessproof WHERE id IN (SELECT id FROM consent_accessproof WHERE expires_at < %s LIMIT %s)
"""
_CODES = """
WITH gone AS (
    DELETE FROM consent_accesscode WHERE id IN (SELECT id FROM consent_accesscode WHERE made_at < %s LIMIT %s)
    RETURNING inbound_id
)
UPDATE consent_inbound i SET sealed_raw = NULL FROM gone WHERE i.id = gone.inbound_id AND i.state = 'done'
"""


def tidy() -> None:
    """Remove what is over, and whom it is time for."""
    now = timezone.now()
    for sql, before in ((_ASKINGS, now), (_PROOFS, now), (_CODES, now - KEEP_CODES)):
        db.fetch(sql, [before, _AT_ONCE])
    erase_due()
