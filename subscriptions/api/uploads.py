"""What the endpoints have in common that take a file of addresses, with a form, to be worked off."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar

import msgspec
from django.conf import settings
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request

from consent.refusals import Different, TooLate
from consent.statement import Rejected
from subscriptions.api.parsing import load_json
from subscriptions.api.problems import Problem, bad_field

_FORM_BYTES = 50_000  # what a form has beside its file
_MAX_MAPPING_CHARACTERS = 10_000


@extend_schema_field(OpenApiTypes.BINARY)
class UploadField(serializers.FileField):
    """A file that comes in; DRF describes one that is read by its URL."""


class UploadSerializer(serializers.Serializer[dict[str, Any]]):
    """A form with a `file`, whose columns may be named. Members that nobody knows are refused."""

    most_bytes: ClassVar[str]  # the setting that says so

    mapping = serializers.CharField(
        required=False,
        max_length=_MAX_MAPPING_CHARACTERS,
        help_text='JSON: part → header or headers, such as {"line1": "Street", "name": ["First", "Last"]}.',
    )

    @classmethod
    def told(cls, request: Request) -> dict[str, Any]:
        """What a form says, its `country` in capitals. Raise the problem of what is wrong with it."""
        most = cls._most()
        if int(request.META.get("CONTENT_LENGTH") or 0) > most + _FORM_BYTES:
            raise _too_large(most)
        asked = cls(data=request.data)
        asked.is_valid(raise_exception=True)
        found = dict(asked.validated_data)
        return found | {"country": found.get("country", "").upper()}

    def validate_file(self, file: Any) -> Any:
        if (file.size or 0) > self._most():
            raise _too_large(self._most())
        return file

    @classmethod
    def _most(cls) -> int:
        return int(getattr(settings, cls.most_bytes))

    def validate_mapping(self, written: str) -> Mapping[str, str | Sequence[str]]:
        try:
            return msgspec.convert(load_json(written.encode()), dict[str, str | list[str]])
        except Problem as error:
            raise serializers.ValidationError(error.detail, "not_json") from error
        except msgspec.ValidationError as error:
            raise serializers.ValidationError("an object of headers, or of lists of them", "bad_value") from error

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        for name in self.initial_data:
            if name not in self.fields:
                raise bad_field(f"/{name[:40]}", "unknown_member", "no such member")
        return attrs


def _too_large(most: int) -> Problem:
    return bad_field("/file", "too_large", f"at most {most:,} bytes", status=413)


class VerdictCountsSerializer(serializers.Serializer[dict[str, Any]]):
    """How many rows have which verdict."""

    allowed = serializers.IntegerField()
    denied = serializers.IntegerField()
    by_reason = serializers.DictField(child=serializers.IntegerField())


@contextmanager
def refusals() -> Iterator[None]:
    """Answer what making, changing or cancelling refuses."""
    try:
        yield
    except Rejected as error:
        status = 413 if error.code == "too_large" else 400
        raise bad_field(error.pointer, error.code, error.detail, status=status) from error
    except Different as error:
        raise Problem(422, "This Idempotency-Key was used with another content. Nothing was stored.") from error
    except TooLate as error:
        raise Problem(409, str(error)) from error
