"""`POST /v1/links`: the links and headers that outgoing mail must carry."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from consent import status
from consent.addresses import contact
from consent.configuration import TopicRule
from consent.normalise.errors import InvalidAddress
from subscriptions.api.auth import Caller, caller_of
from subscriptions.api.problems import bad_field
from subscriptions.api.serializers import LinkRequestSerializer, LinksSerializer
from subscriptions.links import Links, Mailboxes, mailboxes, make_links


class MakeLinks(APIView):
    """Links for one address or many. An address that cannot be read is a row with an error; the others get theirs."""

    required_scope = "links"

    @extend_schema(
        request=LinkRequestSerializer, responses=LinksSerializer, summary="Make unsubscribe links and headers"
    )
    def post(self, request: Request) -> Response:
        asked = LinkRequestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        wanted: dict[str, Any] = asked.validated_data
        caller = caller_of(request)
        topic = _topic(caller, wanted["topic"])
        boxes = mailboxes(caller.snapshot, caller.controller_id)
        addresses = wanted.get("addresses", [wanted.get("address", "")])
        rows = [_row(topic, address, boxes, wanted.get("campaign", "")) for address in addresses]
        single = rows[0] if "address" in wanted else {}
        return Response({**single, "results": rows})


def _topic(caller: Caller, slug: str) -> TopicRule:
    try:
        return status.topic_rule(caller.snapshot, caller.controller_id, slug, "email")
    except status.UnknownTopic as error:
        raise bad_field("/topic", "unknown_topic", f"this controller has no topic {slug!r}") from error
    except status.NotCarried as error:
        raise bad_field("/topic", "not_carried", f"{slug!r} is not carried by email") from error


def _row(topic: TopicRule, address: str, boxes: Mailboxes, campaign: str) -> dict[str, Any]:
    try:
        [key] = contact("email", address).asked
    except InvalidAddress as error:
        return {"address": address, **dict.fromkeys(Links._fields), "headers": {}, "error": error.code}
    return {"address": address, **make_links(topic, key, boxes, campaign)._asdict()}
