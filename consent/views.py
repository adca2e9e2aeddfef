"""Webhooks of SMS gateways: verify, read, keep, and only then answer 2xx."""

import hashlib
import logging
from collections.abc import Sequence
from uuid import UUID

from django.core.exceptions import RequestDataTooBig
from django.db import DatabaseError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.views.decorators.csrf import csrf_exempt

from consent import certificates, configuration, inbox, metrics, receiving, responding
from consent.configuration import AccountEntry, Scope
from consent.inbox import Arrival, Envelope
from consent.intake.contract import (
    UNREADABLE,
    Answer,
    Forbidden,
    Malformed,
    Message,
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
        return receiving.come_again(provider, "certificate", "The certificate could not be fetched.", seconds=20)
    except DatabaseError as error:
        logger.error("a %s webhook could not be stored: %s", provider, type(error).__name__)
        return receiving.come_again(provider, "database", "It could not be stored.", seconds=5)


sms_webhook.authentication = "signature"  # type: ignore[attr-defined]  # read by the architecture test


def _take(request: HttpRequest, provider: str, endpoint: str) -> HttpResponse:
    entry = configuration.recent().accounts.get((provider, endpoint))
    adapter = PROVIDERS.get(provider)
    if entry is None or adapter is None:
        # The same answer as for a bad signature: which accounts exist is nobody's business.
        raise Forbidden
    received = receiving.received(request)
    receiving.prove(adapter.verify, received, entry.account)
    messages = adapter.parse(received, entry.account)
    if len(messages) == 1 and responding.answers_in_response(entry):
        answer = _keep_and_answer(provider, entry, received, messages[0]) or adapter.answer()
    else:
        _keep(provider, entry, received, messages)
        answer = adapter.answer()
    return HttpResponse(answer.body, content_type=answer.content_type)


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
    envelope = Envelope(
        body=received.body if part_of is None else b"",
        headers=receiving.headers_to_keep(received) if part_of is None else {},
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
