"""The numbers on the admin's first page. Each is bounded: beyond its limit it reads «more than»."""

from datetime import timedelta
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from consent import db
from consent.models import ListVersion, OutsideList, RightsRequest
from consent.models.vocabulary import VersionState
from consent.outside.ages import ages
from consent.unknown_events import first_id_at

LATE_SECONDS = 60.0
_MOST = 10_000
_MOST_OF_AN_HOUR = 50_000

_COUNT = "SELECT count(*) FROM (SELECT 1 FROM {what} LIMIT %s) AS bounded"
_PENDING = _COUNT.format(what="consent_inbound WHERE state = 'pending'")
_SET_ASIDE = _COUNT.format(what="consent_inbound WHERE state = 'set_aside'")
_REVIEWS = _COUNT.format(what="consent_review WHERE decision = ''")
_OLDEST = "SELECT received_at FROM consent_inbound WHERE state = 'pending' ORDER BY id LIMIT 1"
_OLDEST_REVIEW = "SELECT min(opened_at) FROM consent_review WHERE decision = ''"
_RIGHTS = _COUNT.format(what="consent_rightsrequest WHERE state IN ('open', 'forwarded')")
_NEXT_DUE = "SELECT min(due_at) FROM consent_rightsrequest WHERE state IN ('open', 'forwarded')"
_SOON = timedelta(days=7)
_BY_SOURCE = """
    SELECT source, count(*) FROM (
        SELECT source FROM consent_inbound WHERE id >= %s ORDER BY id DESC LIMIT %s
    ) AS newest GROUP BY source ORDER BY count(*) DESC, source
"""


def numbers(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """UNFOLD's DASHBOARD_CALLBACK. Who may not see a list is not told its length either."""
    sees_inbound = request.user.has_perm("consent.view_inbound")
    cards = [_review_card()] if request.user.has_perm("consent.view_review") else []
    sees_rights = request.user.has_perm("consent.view_rightsrequest") and RightsRequest.objects.exists()
    cards += [_rights_card()] if sees_rights else []
    cards += [_set_aside_card(), _pending_card()] if sees_inbound else []
    sees_lists = request.user.has_perm("consent.view_outsidelist") and OutsideList.objects.exists()
    cards += [_lists_card()] if sees_lists else []
    by_source = _by_source() if sees_inbound else None
    return context | {"cards": cards, "by_source": by_source, "may_tell": request.user.has_perm("consent.add_inbound")}


def _card(title: str, count: int, note: str, url: str, *, alarm: bool = False) -> dict[str, Any]:
    shown = f"more than {_MOST:,}" if count > _MOST else f"{count:,}"
    return {"title": title, "count": shown, "note": note, "url": url, "alarm": alarm}


def _count(sql: str) -> int:
    [[count]] = db.fetch(sql, [_MOST + 1])
    return int(count)


def _review_card() -> dict[str, Any]:
    [[oldest]] = db.fetch(_OLDEST_REVIEW)
    note = f"the oldest since {oldest:%d %B %Y, %H:%M} UTC" if oldest else "nothing waits for a decision"
    return _card("To decide", _count(_REVIEWS), note, reverse("admin:consent_review_changelist"))


def _rights_card() -> dict[str, Any]:
    """Requests about data, and when the next one is due."""
    [[due]] = db.fetch(_NEXT_DUE)
    note = f"the next is due on {due:%d %B %Y}" if due else "nobody waits for an answer"
    url = reverse("admin:consent_rightsrequest_changelist")
    late = due is not None and due < timezone.now() + _SOON
    return _card("About data", _count(_RIGHTS), note, url, alarm=late)


def _set_aside_card() -> dict[str, Any]:
    count = _count(_SET_ASIDE)
    url = reverse("admin:consent_inbound_changelist") + "?state__exact=set_aside"
    return _card(
        "Set aside", count, "after errors; held meanwhile" if count else "nothing failed", url, alarm=count > 0
    )


def _pending_card() -> dict[str, Any]:
    rows = db.fetch(_OLDEST)
    age = max(0.0, (timezone.now() - rows[0][0]).total_seconds()) if rows else 0.0
    note = f"the oldest for {_duration(age)}" if rows else "everything is worked off"
    url = reverse("admin:consent_inbound_changelist") + "?state__exact=pending"
    return _card("Pending", _count(_PENDING), note, url, alarm=age > LATE_SECONDS)


def _lists_card() -> dict[str, Any]:
    """Outside lists that need a person: too old, soon too old, or with a version that waits."""
    known = ages()
    old, soon = sum(age.expired for age in known), sum(age.soon for age in known)
    waiting = ListVersion.objects.filter(state__in=(VersionState.WAITING, VersionState.FAILED)).count()
    told = ((old, "too old; they deny all the same"), (waiting, "wait for a person"), (soon, "soon too old"))
    note = ", ".join(f"{count} {words}" for count, words in told if count) or "none is too old, and none waits"
    url = reverse("admin:consent_outsidelist_changelist")
    return _card("Outside lists", old + waiting + soon, note, url, alarm=old + waiting > 0)


def _duration(seconds: float) -> str:
    for size, name in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= size:
            number = int(seconds // size)
            return f"{number} {name}{'' if number == 1 else 's'}"
    return f"{int(seconds)} s"


def _by_source() -> dict[str, Any]:
    """Arrivals of the last hour by source."""
    rows = db.fetch(_BY_SOURCE, [first_id_at(timezone.now() - timedelta(hours=1)), _MOST_OF_AN_HOUR])
    total = sum(count for _, count in rows)
    return {"rows": rows, "total": total, "cut": total >= _MOST_OF_AN_HOUR}
