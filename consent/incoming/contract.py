"""What a holder of mail takes and gives: a notice in, an HTTP call out; an HTTP answer in, the letter out.

Everything here is pure: no database, no Django, no network. `consent/collecting.py` makes the calls.
"""

import re
from collections.abc import Mapping
from typing import Protocol

import msgspec

from consent.intake.mail_notice import MailNotice
from consent.outgoing.contract import Access, Call, Refused


class Fetched(msgspec.Struct, frozen=True):
    """An answer of 200. `cut` says that `body` is only its beginning. Names of headers are in lower case."""

    headers: Mapping[str, str]
    body: bytes
    cut: bool = False


class Found(msgspec.Struct, frozen=True):
    """The letter. `recipients` and `mail_from` are what the provider says besides; `cut`: `raw` is its beginning."""

    raw: bytes
    mail_from: str = ""
    recipients: tuple[str, ...] = ()
    cut: bool = False


class Elsewhere(msgspec.Struct, frozen=True):
    """The letter lies at an address that is signed for whoever has it."""

    url: str
    mail_from: str = ""
    recipients: tuple[str, ...] = ()


class Holder(Protocol):
    """A provider's module.

    `CREDENTIALS` are the names that an account must have; `API_URL` is where its API is, with names of credentials in
    braces; `DOWNLOADS` are the hosts to which it may send us on. `call` raises `ValueError` where a credential is no
    such thing. `read` gives the letter, where it is, or why there will be none.
    """

    @property
    def CREDENTIALS(self) -> tuple[str, ...]: ...  # noqa: N802 - a constant of the module

    @property
    def API_URL(self) -> str: ...  # noqa: N802

    @property
    def DOWNLOADS(self) -> re.Pattern[str] | None: ...  # noqa: N802

    def call(self, notice: MailNotice, access: Access) -> Call:
        """The request that asks for the message."""

    def read(self, notice: MailNotice, answer: Fetched) -> Found | Elsewhere | Refused:
        """What the answer holds."""
