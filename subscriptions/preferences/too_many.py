"""What one machine, its network, or everybody together may ask of the pages that send messages."""

from django.http import HttpRequest, HttpResponse

from consent.access import limits
from subscriptions.preferences.look import show
from subscriptions.preferences.visitor import visitor_of


def limits_exceeded(request: HttpRequest, controller_id: int) -> int | None:
    """Count one more request. If that is too many: the seconds until the next one may come."""
    visitor = visitor_of(request)
    wait = limits.exceeded(list(limits.of_visitor(visitor.machine, visitor.network, controller_id)))
    return None if wait is None else int(wait.total_seconds()) + 1


def too_many(request: HttpRequest, controller_id: int, seconds: int) -> HttpResponse:
    """429. It is about where somebody asks from, not about the address."""
    context = {"minutes": -(-seconds // 60)}
    response = show(request, "preferences/too_many.html", context, controller_id=controller_id, status=429)
    response["Retry-After"] = str(seconds)
    return response
