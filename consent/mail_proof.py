"""The proof of a message's sender as the pipeline sees it: what an upstream stated, else DKIM by keys from DNS.

Evidence alone: it decides nothing, and nobody waits for it longer than the pipeline's lease allows.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from django.conf import settings

from consent.intake import mail_authenticity
from consent.intake.mail_authenticity import LookUp
from consent.letter import Reading

LOOK_UP_SECONDS: Final = 1.0
ALLOWED_SECONDS: Final = 1.0  # of all look-ups within one period: far less than the pipeline's lease
PERIOD_SECONDS: Final = 10.0
KEPT_SECONDS: Final = 3_600.0
KEPT: Final = 1_000


def resolve_txt(name: str) -> bytes | None:
    """The TXT record of a name by the resolvers of this machine, or none. Raises `dns.exception.DNSException`."""
    import dns.resolver  # only here and below: it takes a while to load

    answer = dns.resolver.resolve(name, "TXT", lifetime=LOOK_UP_SECONDS, raise_on_no_answer=False, search=False)
    return b"".join(next(iter(answer)).strings) if answer.rrset else None


class Keys:
    """Keys from DNS, remembered, and asked for only as long as there is time: what was not asked is not known."""

    def __init__(
        self, resolve: Callable[[str], bytes | None] = resolve_txt, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._resolve, self._clock = resolve, clock
        self._known: OrderedDict[str, tuple[float, bytes | None]] = OrderedDict()
        self._began, self._spent = clock(), 0.0

    def find(self, name: str) -> bytes | None:
        """The record, or none: there is none, or nobody could say."""
        now = self._clock()
        since, text = self._known.get(name, (now - KEPT_SECONDS, None))
        if now - since < KEPT_SECONDS:
            return text
        if now - self._began >= PERIOD_SECONDS:
            self._began, self._spent = now, 0.0
        return self._ask(name, now) if self._spent < ALLOWED_SECONDS else None

    def _ask(self, name: str, now: float) -> bytes | None:
        import dns.exception
        import dns.resolver

        try:
            text = self._resolve(name)
        except (dns.resolver.NXDOMAIN, dns.exception.SyntaxError):
            text = None
        except (dns.exception.DNSException, OSError, ValueError):
            return None  # another time it may be there
        finally:
            self._spent += self._clock() - now
        self._known[name] = (now, text)
        if len(self._known) > KEPT:
            self._known.popitem(last=False)
        return text


_keys = Keys()


def proved(reading: Reading, raw: bytes, look_up: LookUp = _keys.find) -> Reading:
    """The reading with the proof of its sender, where it asks for something and no upstream has said anything."""
    if reading.authenticity != "none" or not reading.made.asks or not settings.SAYSO_DKIM_LOOKUPS:
        return reading
    proof = mail_authenticity.signed(raw, look_up)
    return reading._replace(authenticity=proof.authenticity, proof=proof.by)
