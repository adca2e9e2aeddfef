"""Shapes of the API's DRF views."""

from rest_framework import serializers

from consent.models.vocabulary import InboundState


class LedgerLineSerializer(serializers.Serializer[dict[str, object]]):
    id = serializers.UUIDField()
    action = serializers.CharField()
    cause = serializers.CharField(allow_null=True)
    channel = serializers.CharField()
    scope = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]  # the stubs know `source` as an option
    carried_from = serializers.UUIDField(allow_null=True, help_text="The line about another address, by a move.")
    list = serializers.CharField(allow_null=True, help_text="The outside list and its version, if it is of one.")
    pressed_by = serializers.CharField(
        allow_null=True,
        help_text="By link: who pressed it, as far as the request tells, such as person.form, provider.gmail or "
        "scanner.barracuda (docs/ONE_CLICK.md). Evidence: the no counts whoever it was.",
    )
    occurred_at = serializers.DateTimeField()
    recorded_at = serializers.DateTimeField()


class StillDueSerializer(serializers.Serializer[dict[str, object]]):
    """A print job with a piece for the address that may still arrive (docs/MAIL_RUNS.md)."""

    name = serializers.CharField()
    dropped_on = serializers.DateField()
    arrives_until = serializers.DateField()


class EventStatusSerializer(serializers.Serializer[dict[str, object]]):
    id = serializers.UUIDField()
    status = serializers.ChoiceField(choices=InboundState.values)
    outcome = serializers.CharField(allow_null=True)
    authenticity = serializers.ChoiceField(
        choices=["pass", "fail", "none"],
        allow_null=True,
        help_text="Of a letter by e-mail: whether its sender's domain stands by it. A no counts all the same.",
    )
    received_at = serializers.DateTimeField()
    done_at = serializers.DateTimeField(allow_null=True)
    events = LedgerLineSerializer(many=True)
    may_still_arrive = StillDueSerializer(many=True)


class TopicStatusSerializer(serializers.Serializer[dict[str, object]]):
    topic = serializers.CharField()
    allowed = serializers.BooleanField()
    reason = serializers.CharField()
    scope = serializers.CharField(allow_null=True)
    since = serializers.DateTimeField(allow_null=True)
    evidence = serializers.UUIDField(allow_null=True)
    also = serializers.ListField(child=serializers.CharField())


class ContactStatusSerializer(serializers.Serializer[dict[str, object]]):
    channel = serializers.CharField()
    address = serializers.CharField()
    topics = TopicStatusSerializer(many=True)
    history = LedgerLineSerializer(many=True)
    may_still_arrive = StillDueSerializer(many=True)
