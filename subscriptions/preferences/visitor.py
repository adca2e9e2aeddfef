"""Who asks: the machine and the network that a request came from, to be counted and never kept."""

import ipaddress
from typing import NamedTuple

from django.conf import settings
from django.http import HttpRequest

_UNKNOWN = "unknown"


class Visitor(NamedTuple):
    """`machine`: an IPv4 address, or the /64 of an IPv6 one, which is one subscriber's; `network`: its /24, its /48."""

    machine: str
    network: str


def visitor_of(request: HttpRequest) -> Visitor:
    """The visitor as their connection, or the configured proxy in front of us, tells."""
    written = str(request.META.get("REMOTE_ADDR", ""))
    if settings.SAYSO_BEHIND_PROXY:
        # The proxy adds the last one. What stands before it was written by whoever asks.
        written = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip() or written
    return _visitor(written)


def _visitor(written: str) -> Visitor:
    try:
        address = ipaddress.ip_address(_bare(written))
    except ValueError:
        return Visitor(_UNKNOWN, _UNKNOWN)
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is None:
            return Visitor(_network(address, 64), _network(address, 48))
        address = address.ipv4_mapped
    return Visitor(str(address), _network(address, 24))


def _network(address: ipaddress.IPv4Address | ipaddress.IPv6Address, bits: int) -> str:
    return str(ipaddress.ip_network((address, bits), strict=False))


def _bare(written: str) -> str:
    """Without the port and the zone that some proxies write."""
    if written.startswith("["):
        return written[1:].partition("]")[0]
    return written.partition(":")[0] if written.count(":") == 1 else written.partition("%")[0]
