"""`GET /v1/contacts/status`: every topic and channel of an address, with its history."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from consent import status
from consent.addresses import Contact, contact
from consent.classify.pressed import row_in
from consent.configuration import Scope
from consent.models import ConsentEvent, Inbound
from consent.near import near_of, wanted
from consent.normalise.errors import InvalidAddress
from consent.normalise.keys import Key
from consent.outside import naming
from consent.runs import may_still_arrive
from subscriptions.api.auth import Caller, caller_of
from subscriptions.api.problems import bad_field
from subscriptions.api.rows import answer
from subscriptions.api.serializers import ContactStatusSerializer

_HISTORY = 200
_LINK = "link:"


class ContactQuery(serializers.Serializer[dict[str, str]]):
    channel = serializers.ChoiceField(choices=["email", "sms", "post"])
    address = serializers.CharField(max_length=600)


class ContactStatus(APIView):
    """What holds for an address now, topic by topic, and the lines of the ledger that led to it, newest first."""

    required_scope = "people:read"

    @extend_schema(
        parameters=[OpenApiParameter("channel", str, required=True), OpenApiParameter("address", str, required=True)],
        responses=ContactStatusSerializer,
        summary="Every topic and channel of an address",
    )
    def get(self, request: Request) -> Response:
        query = ContactQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        channel, caller = query.validated_data["channel"], caller_of(request)
        try:
            about = contact(channel, query.validated_data["address"])
        except InvalidAddress as error:
            raise bad_field("/address", error.code, error.detail) from error
        body = {
            "channel": channel,
            "address": query.validated_data["address"],
            "topics": _topics(caller, about),
            "history": _history(caller, about.asked),
            "may_still_arrive": still_due(caller, channel, about.said),
        }
        return Response(ContactStatusSerializer(body).data)


def _topics(caller: Caller, about: Contact) -> list[dict[str, Any]]:
    rows = []
    near, channel = wanted(near_of([about])) if about.channel == "post" else (), about.channel
    for topic in caller.snapshot.topics.values():
        if topic.controller_id == caller.controller_id and channel in topic.channels:
            now = timezone.now()
            snapshot, [verdict] = status.check_many(
                caller.controller_id, topic.slug, channel, [about.asked], now, near=near
            )
            rows.append({"topic": topic.slug, **answer(snapshot, verdict)})
    return rows


def _history(caller: Caller, keys: tuple[Any, ...]) -> list[dict[str, Any]]:
    """The caller's own lines, and those that reach everyone: another controller's business stays there."""
    reaches_them = Q(controller_id=caller.controller_id) | Q(controller_id__isnull=True)
    lines = ConsentEvent.objects.filter(reaches_them, key__in=keys)
    return ledger_lines(caller, lines.order_by("-seq")[:_HISTORY])


def ledger_lines(caller: Caller, lines: Iterable[ConsentEvent]) -> list[dict[str, Any]]:
    """Ledger lines as the API shows them."""
    found = list(lines)
    lists = naming.versions_of(line.inbound_id for line in found if naming.is_list(line.sender))
    presses = _presses(line.inbound_id for line in found if line.source.startswith(_LINK))
    return [
        ledger_line(caller, line) | {"list": lists.get(line.inbound_id), "pressed_by": presses.get(line.inbound_id)}
        for line in found
    ]


def _presses(inbound_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Who pressed the links, by inbound: rows of consent/classify/pressed.py."""
    ids = set(inbound_ids)
    rules = Inbound.objects.filter(pk__in=ids).values_list("pk", "rule") if ids else ()
    return {pk: row for pk, rule in rules if (row := row_in(rule))}


def still_due(caller: Caller, channel: str, keys: Sequence[Key]) -> list[dict[str, Any]]:
    """The caller's print jobs that may still bring somebody a piece."""
    due = may_still_arrive(caller.controller_id, keys, timezone.now()) if channel == "post" else []
    return [run._asdict() for run in due]


def ledger_line(caller: Caller, line: ConsentEvent) -> dict[str, Any]:
    """A ledger line, apart from the outside list that it may be of."""
    return {
        "id": line.pk,
        "action": line.action,
        "cause": line.cause or None,
        "channel": line.channel,
        "scope": caller.snapshot.scope_name(
            Scope(line.controller_id, line.topic_id), line.sender if line.sender_only else ""
        ),
        "source": line.source,
        "carried_from": line.carried_from,
        "occurred_at": line.occurred_at,
        "recorded_at": line.recorded_at,
    }
