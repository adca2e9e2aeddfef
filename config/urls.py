"""Every path of the service."""

from django.contrib import admin
from django.urls import path
from django.views.generic import RedirectView

from consent.urls import urlpatterns as telling
from subscriptions.urls import urlpatterns as asking

# Here and not with the applications: a worker or a command has no pages, and need not load them.
admin.autodiscover()

# One flat list, the busiest paths first: each nested one costs the webhooks and the check a search of their own.
urlpatterns = [
    *telling,
    *asking,
    path("admin", RedirectView.as_view(url="/admin/")),
    path("admin/", admin.site.urls),
]

handler400 = "subscriptions.failures.bad_request"
handler403 = "subscriptions.failures.not_allowed"
handler404 = "subscriptions.failures.not_found"
handler500 = "subscriptions.failures.failed"
