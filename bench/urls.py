"""The paths of production and, ahead of them, those of the bare views."""

from django.urls import path

from bench.bare import answer, insert
from config.urls import urlpatterns as production

urlpatterns = [
    path("bench/bare", answer),
    path("bench/insert", insert),
    path("webhooks/sms/bench-insert", insert),  # in the gateways' lane, past the middleware for browsers
    *production,
]
