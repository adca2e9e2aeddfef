"""The paths of those who tell us."""

from django.urls import path

from consent.health import healthz, readyz
from consent.mail_webhooks import inbound_webhook, tracking_webhook
from consent.metrics import metrics
from consent.views import sms_webhook

urlpatterns = [
    path("webhooks/sms/<slug:provider>/<slug:endpoint>", sms_webhook, name="sms_webhook"),
    path("webhooks/email/<slug:esp>/tracking", tracking_webhook, name="default_tracking_webhook"),
    path("webhooks/email/<slug:esp>/<slug:endpoint>/tracking", tracking_webhook, name="tracking_webhook"),
    path("webhooks/email/<slug:esp>/inbound", inbound_webhook, name="default_inbound_webhook"),
    path("webhooks/email/<slug:esp>/<slug:endpoint>/inbound", inbound_webhook, name="inbound_webhook"),
    path("healthz", healthz),
    path("readyz", readyz),
    path("metrics", metrics),
]
