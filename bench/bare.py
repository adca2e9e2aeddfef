"""What ours is measured against: views that do the least, behind the same middleware and the same connection pool."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from consent import db
from consent.models.fields import public_id

ROW_BYTES = 700  # about what a sealed webhook takes
INSERT = "INSERT INTO bench_insert (id, body) VALUES (%s, %s)"
_ANSWER = b'{"allowed": true}'


@csrf_exempt
def answer(_: HttpRequest) -> HttpResponse:
    """A constant."""
    return HttpResponse(_ANSWER, content_type="application/json")


@csrf_exempt
def insert(request: HttpRequest) -> HttpResponse:
    """One row of `ROW_BYTES`, committed."""
    db.fetch(INSERT, [public_id(), request.body[:ROW_BYTES].ljust(ROW_BYTES)])
    return HttpResponse(_ANSWER, content_type="application/json")


for _view in (answer, insert):
    _view.authentication = "public"  # type: ignore[union-attr]  # as every view of ours declares
