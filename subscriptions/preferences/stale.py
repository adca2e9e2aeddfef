"""What a person is told whose form did not come from a page of ours, or came too late."""

from django.http import HttpRequest, HttpResponse

from subscriptions.preferences.look import show


def stale(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Django's CSRF_FAILURE_VIEW: 403, and nothing was done."""
    return show(request, "preferences/stale.html", {}, status=403)
