"""The paths of those who ask us, and of people."""

from django.urls import path
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularSwaggerSplitView

from subscriptions.api.check import check, check_bulk
from subscriptions.api.contacts import ContactStatus
from subscriptions.api.events import EventStatus, tell
from subscriptions.api.export import export
from subscriptions.api.feed import feed, ids
from subscriptions.api.imports import Imports, ImportStatus
from subscriptions.api.links import links
from subscriptions.api.mail_runs import MailRunDetail, MailRunRecalls, MailRunRescrub, MailRunResult, MailRuns
from subscriptions.api.moves import moves
from subscriptions.api.numbers import disconnected
from subscriptions.api.people import merge, person
from subscriptions.api.people_requests import request_about, requests_about
from subscriptions.api.scrubs import ScrubDetail, ScrubRecheck, ScrubResult, Scrubs
from subscriptions.api.stream import check_stream
from subscriptions.api.suppressions import suppressions
from subscriptions.preferences.asking import ask, own_code
from subscriptions.preferences.changing import address
from subscriptions.preferences.confirm import confirm
from subscriptions.preferences.data import data
from subscriptions.preferences.dressing import logo, style
from subscriptions.preferences.entering import enter
from subscriptions.preferences.gpc import gpc
from subscriptions.preferences.page_views import preferences
from subscriptions.preferences.reconsent import consent_again
from subscriptions.preferences.rights import rights
from subscriptions.preferences.signup import subscribe
from subscriptions.preferences.undo import undo
from subscriptions.preferences.views import unsubscribe

urlpatterns = [
    path("v1/check", check),
    path("v1/check/bulk", check_bulk),
    path("v1/check/stream", check_stream),
    path("v1/events", tell),
    path("v1/events/<uuid:event_id>", EventStatus.as_view()),
    path("v1/suppressions", suppressions),
    path("v1/suppressions/changes", feed),
    path("v1/suppressions/export", export),
    path("v1/suppressions/ids", ids),
    path("v1/imports", Imports.as_view()),
    path("v1/imports/<uuid:import_id>", ImportStatus.as_view()),
    path("v1/numbers/disconnected", disconnected),
    path("v1/moves", moves),
    path("v1/people/<str:external_id>", person),
    path("v1/people/<str:external_id>/merge", merge),
    path("v1/people/<str:external_id>/requests", requests_about),
    path("v1/people/<str:external_id>/requests/<uuid:id>", request_about),
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
    path("preferences/", ask, name="preferences-ask"),
    path("preferences/code", enter, name="preferences-enter"),
    path("preferences/<str:token>", preferences, name="preferences"),
    path("preferences/<str:token>/consent", consent_again, name="preferences-consent"),
    path("preferences/<str:token>/code", own_code, name="preferences-code"),
    path("preferences/<str:token>/address", address, name="preferences-address"),
    path("preferences/<str:token>/data", data, name="preferences-data"),
    path("preferences/<str:token>/rights", rights, name="preferences-rights"),
    path("undo/<str:ticket>", undo, name="undo"),
    path("subscribe/<str:controller>", subscribe, name="subscribe"),
    path("confirm/<str:ticket>", confirm, name="confirm"),
    path("theme/<slug:controller>.css", style, name="theme-style"),
    path("theme/<slug:controller>/logo", logo, name="theme-logo"),
    path(".well-known/gpc.json", gpc, name="gpc"),
    path("openapi.json", SpectacularJSONAPIView.as_view(), name="schema"),
    path("docs", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="docs"),
]
