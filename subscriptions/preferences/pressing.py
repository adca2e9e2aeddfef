"""The evidence of who pressed a link: headers of the request, and what the table makes of them."""

from django.http import HttpRequest

from consent.classify.pressed import TELLING, Press, who_pressed
from consent.interpret.link import PRESSED

_MAX_CHARACTERS = 500
# By their names in the WSGI environment: `request.headers` would read every header to give these.
_KEYS = {name: f"HTTP_{name.upper().replace('-', '_')}" for name in TELLING} | {"content-type": "CONTENT_TYPE"}


def evidence_of(request: HttpRequest, body: bytes, *, ours: bool) -> dict[str, str]:
    """The headers to keep, cut, and under `PRESSED` the row that names who it was. `ours`: a form of our pages."""
    headers = {name: str(request.META[key])[:_MAX_CHARACTERS] for name, key in _KEYS.items() if key in request.META}
    return {**headers, PRESSED: who_pressed(Press(headers, body, ours)).id}
