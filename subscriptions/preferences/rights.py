"""`/preferences/{token}/rights`: its owner objects, ends the sharing of their data, or asks for erasure."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from consent.models import RightsRequest
from consent.models.rights import Right
from consent.models.vocabulary import TopicClass
from consent.rights.claim import PAGE, accept_claim
from consent.rights.deadlines import due_at
from consent.rights.telling import is_client
from subscriptions.preferences.data import ACTOR, claim_of
from subscriptions.preferences.door import Visit, proved

OFFERED = (Right.OBJECTION, Right.SHARING, Right.ERASURE)
_SHOWN = 20


@proved("rights")
def rights(request: HttpRequest, visit: Visit) -> HttpResponse:
    """What can be asked, what will come of it, and what was asked before."""
    if request.method != "POST":
        return _page(request, visit)
    asked = next((one for one in OFFERED if one.value == request.POST.get("kind")), None)
    if asked is None:
        return _page(request, visit, problem=True)
    if asked == Right.ERASURE and request.POST.get("confirmed") != "yes":
        return visit.page(request, "erasure.html", due=due_at(timezone.now()), client=_client(visit))
    accept_claim(claim_of(request, visit, asked), visit.controller_id, visit.snapshot, source=PAGE, actor=ACTOR)
    due = due_at(timezone.now())
    return visit.page(request, "rights_done.html", kind=asked.value, due=due, client=_client(visit))


rights.authentication = "token"  # type: ignore[attr-defined]  # read by the architecture test


def _client(visit: Visit) -> bool:
    return is_client(visit.snapshot, visit.controller_id)


def _page(request: HttpRequest, visit: Visit, *, problem: bool = False) -> HttpResponse:
    topics = visit.snapshot.topics.values()
    context: dict[str, Any] = {
        "due": due_at(timezone.now()),
        "client": _client(visit),
        "shares": any(
            topic.controller_id == visit.controller_id and topic.topic_class == TopicClass.SHARING for topic in topics
        ),
        "requests": _before(visit),
    }
    return visit.page(request, "rights.html", 400 if problem else 200, problem=problem, **context)


def _before(visit: Visit) -> list[RightsRequest]:
    """What was asked for this address before."""
    asked = RightsRequest.objects.filter(key=visit.token.key, controller_id=visit.controller_id)
    return list(asked.exclude(kind=Right.ACCESS).order_by("-received_at")[:_SHOWN])
