"""Whether a code may go to an address: any mailbox that lives, since a stranger to us may say no too; of numbers only
those that we know, since each text costs, and some numbers are made to be paid for."""

from typing import Any

from django.utils import timezone

from consent import db
from consent.models.vocabulary import TopicClass
from consent.normalise.keys import Key
from consent.rules import CAUSES

# What silences service messages too: a hard bounce, a death, a STOP, by which carriers block every text.
_SILENT = sorted(cause for cause, rule in CAUSES.items() if TopicClass.SERVICE.value in rule.silences)
_SILENCED = """
SELECT 1 FROM consent_suppression
WHERE key = %s AND cause = ANY(%s) AND (until IS NULL OR until > %s) AND (controller_id IS NULL OR controller_id = %s)
UNION ALL
SELECT 1 FROM consent_hold WHERE key = %s AND %s AND (controller_id IS NULL OR controller_id = %s)
LIMIT 1
"""
_KNOWN = """
SELECT 1 FROM consent_consentevent
WHERE key = %(key)s AND (controller_id = %(controller)s OR controller_id IS NULL)
UNION ALL
SELECT 1 FROM consent_contactperiod period JOIN consent_person person ON person.id = period.person_id
WHERE period.contact_point_id = %(key)s AND person.controller_id = %(controller)s
LIMIT 1
"""


def may_be_reached(controller_id: int, channel: str, key: Key) -> bool:
    """Whether a message about somebody's own choices may go there now."""
    by_text = channel == "sms"
    plain: list[Any] = [key, _SILENT, timezone.now(), controller_id, key, by_text, controller_id]
    if db.fetch(_SILENCED, plain):
        return False
    return not by_text or bool(db.fetch(_KNOWN, {"key": key, "controller": controller_id}))
