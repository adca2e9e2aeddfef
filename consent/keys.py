"""This server's key maker, from SAYSO_ADDRESS_SECRET, and how keys travel to PostgreSQL."""

import base64
from functools import cache
from uuid import UUID

import psycopg
from django.conf import settings
from psycopg.adapt import Buffer, Dumper
from psycopg.pq import Format

from consent.normalise.keys import Key, KeyMaker

UUID_OID = psycopg.adapters.types["uuid"].oid


class _KeyBinaryDumper(Dumper):
    """Also asked for UUIDs themselves, where COPY names the column's type."""

    format = Format.BINARY
    oid = UUID_OID

    def dump(self, obj: Key | UUID) -> Buffer:
        return obj if isinstance(obj, bytes) else obj.bytes


class _KeyTextDumper(Dumper):
    oid = UUID_OID

    def dump(self, obj: Key) -> Buffer:
        return obj.hex().encode()


psycopg.adapters.register_dumper(Key, _KeyTextDumper)
psycopg.adapters.register_dumper(Key, _KeyBinaryDumper)


def address_secret() -> bytes:
    """The secret of this server's keys."""
    return base64.b64decode(settings.SAYSO_ADDRESS_SECRET)


@cache
def key_maker() -> KeyMaker:
    """The key maker of this server."""
    return KeyMaker(address_secret())
