"""The paths of those who ask us, and of people."""

from django.urls import path
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularSwaggerSplitView

from subscriptions.api.check import check, check_bulk
from subscriptions.api.contacts import ContactStatus
from subscriptions.api.events import EventStatus, tell
from subscriptions.api.imports import Imports, ImportStatus
from subscriptions.api.links import links
from subscriptions.api.mail_runs import MailRunDetail, MailRunRecalls, MailRunRescrub, MailRunResult, MailRuns
from subscriptions.api.moves import moves
from subscriptions.api.numbers import disconnected
from subscriptions.api.people import merge, person
from subscriptions.api.scrubs import ScrubDetail, ScrubRecheck, ScrubResult, Scrubs
from subscriptions.api.suppressions import suppressions
from subscriptions.preferences.undo import undo
from subscriptions.preferences.views import preferences, unsubscribe

urlpatterns = [
    path("v1/check", check),
    path("v1/check/bulk", check_bulk),
    path("v1/events", tell),
    path("v1/events/<uuid:event_id>", EventStatus.as_view()),
    path("v1/suppressions", suppressions),
    path("v1/imports", Imports.as_view()),
    path("v1/imports/<uuid:import_id>", ImportStatus.as_view()),
    path("v1/numbers/disconnected", disconnected),
    path("v1/moves", moves),
    path("v1/people/<str:external_id>", person),
    path("v1/people/<str:external_id>/merge", merge),
    path("v1/links", links),
    path("v1/contacts/status", ContactStatus.as_view()),
    path("v1/mail-runs", MailRuns.as_view()),
    path("v1/mail-runs/<uuid:id>", MailRunDetail.as_view()),
    path("v1/mail-runs/<uuid:id>/rescrub", MailRunRescrub.as_view()),
    path("v1/mail-runs/<uuid:id>/result", MailRunResult.as_view()),
    path("v1/mail-runs/<uuid:id>/recalls", MailRunRecalls.as_view()),
    path("v1/scrubs", Scrubs.as_view()),
    path("v1/scrubs/<uuid:id>", ScrubDetail.as_view()),
    path("v1/scrubs/<uuid:id>/result", ScrubResult.as_view()),
    path("v1/scrubs/<uuid:id>/recheck", ScrubRecheck.as_view()),
    path("u/<str:token>", unsubscribe, name="unsubscribe"),
    path("u/<str:token>/", unsubscribe),  # as some mail programs complete it; a redirect would lose the POST
    path("preferences/<str:token>", preferences, name="preferences"),
    path("undo/<str:ticket>", undo, name="undo"),
    path("openapi.json", SpectacularJSONAPIView.as_view(), name="schema"),
    path("docs", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="docs"),
]
