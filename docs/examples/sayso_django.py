"""Sayso's e-mail backend for Django: each message is checked and stamped, and then sent by another backend.

    EMAIL_BACKEND = "sayso_django.SaysoEmailBackend"
    SAYSO_EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"     # what then sends it; this is the default
    SAYSO_URL, SAYSO_API_KEY = "https://sayso.example", env("SAYSO_API_KEY")
    SAYSO_DEFAULT_TOPIC = "service"                                         # of messages without X-Sayso-Topic

Copy this file and sayso_sender.py. docs/SENDING.md describes it.
"""

import copy
import logging
from collections.abc import Iterator, Sequence
from email.utils import getaddresses
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from sayso_sender import Sayso, SaysoError, Verdict, fill

TOPIC, CAMPAIGN = "x-sayso-topic", "x-sayso-campaign"
AT_ONCE = 100  # messages between the check and the last of them sent
logger = logging.getLogger(__name__)
_Links = dict[str, Any]
_About = tuple[str, str]  # topic and campaign


class SaysoEmailBackend(BaseEmailBackend):
    """One copy a recipient. Where Sayso cannot be asked nothing is sent, and `SaysoError` raised.

    `message.sayso_verdicts` then tells of each recipient whether they got it, and why not.
    """

    def __init__(self, fail_silently: bool = False, **options: Any) -> None:
        super().__init__(fail_silently=fail_silently)
        name = getattr(settings, "SAYSO_EMAIL_BACKEND", "django.core.mail.backends.smtp.EmailBackend")
        self.inner = get_connection(name, fail_silently=fail_silently, **options)
        own: Any = settings
        self.sayso = Sayso(own.SAYSO_URL, own.SAYSO_API_KEY, getattr(own, "SAYSO_TIMEOUT", 10.0))

    def open(self) -> bool | None:
        return self.inner.open()

    def close(self) -> None:
        self.inner.close()

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Give how many messages went to anybody at all."""
        about = [_about(message) for message in email_messages]  # a message without a topic stops all, before any
        opened, sent = self.open(), 0
        try:
            for start in range(0, len(email_messages), AT_ONCE):
                end = start + AT_ONCE
                sent += self._send_some(email_messages[start:end], about[start:end])
        except SaysoError:
            if not self.fail_silently:
                raise
            logger.exception("messages were not sent")
        finally:
            if opened:
                self.close()
        return sent

    def _send_some(self, messages: Sequence[EmailMessage], about: Sequence[_About]) -> int:
        known: dict[_About, tuple[dict[str, Verdict], dict[str, _Links]]] = {}
        for one in dict.fromkeys(about):
            same = [message for message, its in zip(messages, about, strict=True) if its == one]
            known[one] = self._ask(one, list(dict.fromkeys(to for message in same for to in _addresses(message))))
        sent = 0
        for message, its in zip(messages, about, strict=True):
            verdicts, links = known[its]
            message.sayso_verdicts = [verdicts[to] for to in _addresses(message)]  # type: ignore[attr-defined]
            copies = list(_copies(message, links))
            if copies and self.inner.send_messages(copies):
                sent += 1
        return sent

    def _ask(self, about: _About, addresses: list[str]) -> tuple[dict[str, Verdict], dict[str, _Links]]:
        topic, campaign = about
        verdicts = self.sayso.allowed(addresses, topic)
        refused = sum(not verdict.allowed for verdict in verdicts)
        if refused:
            logger.info("%s of %s recipients must not get %s", refused, len(addresses), topic)
        going = [verdict.address for verdict in verdicts if verdict.allowed]
        links = self.sayso.links(going, topic, campaign)
        return {verdict.address: verdict for verdict in verdicts}, dict(zip(going, links, strict=True))


def _about(message: EmailMessage) -> _About:
    topic = _header(message, TOPIC) or getattr(settings, "SAYSO_DEFAULT_TOPIC", "")
    if not topic:
        raise ImproperlyConfigured("a message has no X-Sayso-Topic, and there is no SAYSO_DEFAULT_TOPIC")
    return topic, _header(message, CAMPAIGN)


def _header(message: EmailMessage, wanted: str) -> str:
    return next((str(value) for name, value in message.extra_headers.items() if name.lower() == wanted), "")


def _addresses(message: EmailMessage) -> list[str]:
    return list(dict.fromkeys(map(_address, message.recipients())))


def _address(written: object) -> str:
    found = [address for _, address in getaddresses([str(written)]) if address]
    if len(found) != 1:
        raise SaysoError("a recipient of a message is not one address", temporary=False)
    return found[0]


def _copies(message: EmailMessage, links: dict[str, _Links]) -> Iterator[EmailMessage]:
    """A copy for each recipient who may have it, in whose header the others are named as before."""
    recipients: dict[str, str] = {}
    for written in message.recipients():
        recipients.setdefault(_address(written), str(written))
    for address, written in recipients.items():
        if address in links:
            yield _stamped(message, written, links[address], alone=len(recipients) == 1)


def _stamped(message: EmailMessage, recipient: str, links: _Links, alone: bool) -> EmailMessage:
    one: Any = copy.copy(message)
    replaced = {TOPIC, CAMPAIGN, *(name.lower() for name in links["headers"])}
    headers = {name: value for name, value in message.extra_headers.items() if name.lower() not in replaced}
    if not alone:
        shown = (("To", message.to), ("Cc", message.cc))
        headers.update({name: ", ".join(map(str, to)) for name, to in shown if to and name not in headers})
    if links["return_path"]:
        headers.setdefault("From", message.from_email)
        one.from_email = links["return_path"]  # the envelope's; the field in the message is the header's
    one.extra_headers = {**headers, **links["headers"]}
    one.to, one.cc, one.bcc = [recipient], [], []
    one.body = fill(str(message.body or ""), links)
    if getattr(message, "alternatives", None):
        one.alternatives = [_filled(alternative, links) for alternative in one.alternatives]
    return one  # type: ignore[no-any-return]


def _filled(alternative: Any, links: _Links) -> Any:
    content, kind = alternative
    filled = fill(content, links) if isinstance(content, str) else content
    return alternative._replace(content=filled) if hasattr(alternative, "_replace") else (filled, kind)
