"""The paths of those who tell us."""

from django.urls import path

from consent.health import healthz, readyz
from consent.metrics import metrics
from consent.views import sms_webhook

urlpatterns = [
    path("webhooks/sms/<slug:provider>/<slug:endpoint>", sms_webhook, name="sms_webhook"),
    path("healthz", healthz),
    path("readyz", readyz),
    path("metrics", metrics),
]
