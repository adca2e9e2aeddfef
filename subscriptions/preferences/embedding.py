"""Pages that other sites may show in a frame: those that a controller names, and no page but the sign-up form."""

from collections.abc import Sequence

from django.http import HttpResponse

from subscriptions.preferences.look import POLICY, policy


def may_be_framed(response: HttpResponse, origins: Sequence[str]) -> HttpResponse:
    """Let pages of these origins show a response in a frame. Without any, nobody may, as everywhere."""
    if not origins:
        return response
    response["Content-Security-Policy"] = policy({**POLICY, "frame-ancestors": " ".join(origins)})
    # X-Frame-Options knows no list; every browser in use reads the policy's directive instead (CSP 3 §6.4.2.2).
    response.xframe_options_exempt = True  # read by Django's middleware
    # The form is within another origin's page: these two would keep it out.
    for name in ("Cross-Origin-Opener-Policy", "Cross-Origin-Resource-Policy"):
        del response[name]
    return response
