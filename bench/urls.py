"""The paths of production and, ahead of them, those of the bare views."""

from django.urls import path

from bench.bare import answer, insert
from config.urls import urlpatterns as production

urlpatterns = [
    path("bench/bare", answer),
    path("bench/insert", insert),
    # In the lanes of machines, past the middleware for browsers (consent/lane.py).
    path("v1/bench-bare", answer),
    path("webhooks/sms/bench-insert", insert),
    *production,
]
