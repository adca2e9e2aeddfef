"""Webhooks of SMS gateways: verify, read, keep, and only then answer 2xx."""

import hashlib
import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from urllib.parse import quote
from uuid import UUID

import msgspec
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import DatabaseError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from consent import certificates, configuration, inbox, metrics, responding
from consent.configuration import AccountEntry, Scope
from consent.inbox import Arrival, Envelope
from consent.intake.contract import (
    UNREADABLE,
    Account,
    Answer,
    Forbidden,
    Malformed,
    Message,
    Needed,
    Request,
)
from consent.intake.registry import PROVIDERS
from consent.normalise.errors import InvalidAddress
from consent.normalise.keys import Key
from consent.numbers import person_contact
from consent.parts import thread_of

logger = logging.getLogger(__name__)


@csrf_exempt
def sms_webhook(request: HttpRequest, provider: str, endpoint: str) -> HttpResponse:
    """Take a gateway's post. 403 and nothing written unless it proves itself; 5xx when it cannot be stored."""
    adapter = PROVIDERS.get(provider)
    if adapter is not None and request.method not in adapter.METHODS:
        metrics.refused(provider, "method")
        return HttpResponseNotAllowed(sorted(adapter.METHODS))
    try:
        return _take(request, provider, endpoint)
    except Forbidden:
        metrics.refused(provider, "forbidden")
        return HttpResponse("The signature does not match.\n", status=403, content_type="text/plain")
    except (Malformed, RequestDataTooBig) as error:
        status = 413 if isinstance(error, RequestDataTooBig) else 400
        metrics.refused(provider, "malformed" if status == 400 else "too_large")
        return HttpResponse(f"{error}\n", status=status, content_type="text/plain")
    except certificates.Unavailable as error:
        logger.warning("a %s webhook waits for its certificate: %s", provider, error)
        return _come_again(provider, "certificate", "The certificate could not be fetched.", seconds=20)
    except DatabaseError as error:
        logger.error("a %s webhook could not be stored: %s", provider, type(error).__name__)
        return _come_again(provider, "database", "It could not be stored.", seconds=5)


def _come_again(provider: str, reason: str, text: str, seconds: int) -> HttpResponse:
    metrics.refused(provider, reason)
    return HttpResponse(f"{text}\n", status=503, content_type="text/plain", headers={"Retry-After": str(seconds)})


sms_webhook.authentication = "signature"  # type: ignore[attr-defined]  # read by the architecture test


def _take(request: HttpRequest, provider: str, endpoint: str) -> HttpResponse:
    entry = configuration.recent().accounts.get((provider, endpoint))
    adapter = PROVIDERS.get(provider)
    if entry is None or adapter is None:
        # The same answer as for a bad signature: which accounts exist is nobody's business.
        raise Forbidden
    received = _received(request)
    prove(adapter.verify, received, entry.account)
    messages = adapter.parse(received, entry.account)
    if len(messages) == 1 and responding.answers_in_response(entry):
        answer = _keep_and_answer(provider, entry, received, messages[0]) or adapter.answer()
    else:
        _keep(provider, entry, received, messages)
        answer = adapter.answer()
    return HttpResponse(answer.body, content_type=answer.content_type)


def prove(verify: Callable[[Request, Account, datetime], None], received: Request, account: Account) -> None:
    """Raise `Forbidden` unless the request proves itself; a certificate that it hangs on is fetched for it."""
    try:
        verify(received, account, timezone.now())
    except Needed as needed:
        documents = {needed.url: certificates.shared.get(needed.url)}
        verify(received, msgspec.structs.replace(account, documents=documents), timezone.now())


def _received(request: HttpRequest) -> Request:
    """The request as the gateway signed it: under our public origin, whatever proxies made of the host."""
    query = request.META.get("QUERY_STRING", "")
    path = quote(request.path, safe="/:@!$&'()*+,;=~")
    url = f"{settings.SAYSO_PUBLIC_ORIGIN}{path}" + (f"?{query}" if query else "")
    headers = {name: value for key, value in request.META.items() if (name := _HEADERS[key])}
    return Request(method=request.method or "", url=url, headers=headers, body=request.body)


class _Headers(dict[str, str]):
    """The header that a key of the WSGI environment stands for, in lower case; nothing for what is none."""

    def __missing__(self, key: str) -> str:
        plain = key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else key[5:] if key.startswith("HTTP_") else ""
        name = plain.lower().replace("_", "-")
        if len(self) < _MOST_HEADERS:
            self[key] = name
        return name


_MOST_HEADERS = 1_000  # a caller can invent names without end
_HEADERS = _Headers()


def _keep(provider: str, entry: AccountEntry, received: Request, messages: Sequence[Message]) -> None:
    if len(messages) == 1:
        _accept(provider, entry, received, messages[0], None)
    elif messages:
        _keep_batch(provider, entry, received, messages)


def _keep_and_answer(provider: str, entry: AccountEntry, received: Request, message: Message) -> Answer | None:
    """Keep a text and say its answer, once: the same delivery again gets the plain response."""
    with transaction.atomic():
        accepted = _accept(provider, entry, received, message, None)
        return None if accepted.again else responding.respond(accepted.id, f"sms:{provider}", entry, message)


def _keep_batch(provider: str, entry: AccountEntry, received: Request, messages: Sequence[Message]) -> None:
    """Each message of a batch is an inbound of its own; the first one new among them keeps the bytes of the request."""
    with transaction.atomic():
        bytes_in: UUID | None = None
        for message in messages:
            accepted = _accept(provider, entry, received, message, bytes_in)
            if bytes_in is None and not accepted.again:
                bytes_in = accepted.id


def _accept(
    provider: str, entry: AccountEntry, received: Request, message: Message, part_of: UUID | None
) -> inbox.Accepted:
    headers = {name: value for name, value in received.headers.items() if name not in _NOT_KEPT}
    envelope = Envelope(
        body=received.body if part_of is None else b"",
        headers=headers if part_of is None else {},
        url=received.url,
        message=message,
        part_of=part_of,
    )
    source = f"sms:{provider}"
    return inbox.accept(
        Arrival(
            controller_id=entry.controller_id,
            source=source,
            channel="sms",
            endpoint=entry.account.endpoint,
            envelope=envelope,
            holds=_holds(entry, message),
            same=_same(message),
            thread=thread_of(source, entry.account.endpoint, message),
            digest=hashlib.sha256(received.body).digest(),
        )
    )


# Credentials are no evidence; a signature is.
_NOT_KEPT = frozenset({"authorization", "cookie", "proxy-authorization"})


def _holds(entry: AccountEntry, message: Message) -> list[tuple[Key, Scope]]:
    """A message may be a request: its number is held until we know. A report holds only if it tells of a no."""
    if (message.kind == "unknown" and not message.event.startswith(UNREADABLE)) or (
        message.kind == "report" and message.verdict is None
    ):
        return []
    try:
        keys = person_contact(message.sender, entry.region).said
    except InvalidAddress:
        return []
    return [(key, Scope(entry.controller_id, None)) for key in keys]


def _same(message: Message) -> tuple[str, ...]:
    # With the content beside the id: an id used twice must not make us drop another person's word.
    if not message.external_id:
        return ()
    return (message.external_id, message.kind, message.event, message.sender, message.recipient, message.text)
