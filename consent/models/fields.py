"""Column types of our own."""

from typing import Any

import uuid_utils.compat
from django.db import models

from consent.normalise.keys import Key


def public_id() -> Any:
    """A new UUIDv7: public ids sort by the time they were made and give nothing else away."""
    return uuid_utils.compat.uuid7()


class KeyField(models.Field[bytes, bytes]):
    """An address key: 16 bytes, kept as PostgreSQL's `uuid`, its only 16-byte type (faster than `bytea`)."""

    def db_type(self, connection: Any) -> str:
        return "uuid"

    def get_prep_value(self, value: Any) -> Any:
        return None if value is None else Key(value)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        return None if value is None else Key(value.bytes)

    def to_python(self, value: Any) -> Any:
        if value is None or isinstance(value, bytes):
            return value
        return Key(bytes.fromhex(str(value).replace("-", "")))

    def value_to_string(self, obj: models.Model) -> str:
        return bytes(self.value_from_object(obj)).hex()
