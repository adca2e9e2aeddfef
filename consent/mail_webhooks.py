"""Webhooks of mail providers: proved, read by Anymail's views, kept by our inbox, and only then answered 2xx."""

import hashlib
import logging
from collections.abc import Callable, Sequence

import msgspec
from anymail.webhooks.base import AnymailBaseWebhookView
from django.core.exceptions import RequestDataTooBig
from django.db import DatabaseError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.views.decorators.csrf import csrf_exempt

from consent import (
    anymail_events,
    anymail_views,
    certificates,
    configuration,
    inbox,
    mail_notices,
    mailbox,
    metrics,
    receiving,
)
from consent.configuration import AccountEntry, Scope
from consent.inbox import Arrival, Envelope
from consent.intake.contract import Account, Forbidden, Malformed, Request
from consent.intake.mail_event import MailEvent
from consent.intake.mail_inbound import READERS, Letter, letters
from consent.intake.mail_notice import NOTIFIERS, MailNotice, Sample, Told, told
from consent.intake.mail_providers import MAIL_PROVIDERS
from consent.intake.mail_signatures.registry import scheme_of
from consent.interpret.esp import about

logger = logging.getLogger(__name__)

DEFAULT = "default"
METHODS = ("POST", "HEAD")
_TRY_OUT = {"unisender_go": ("GET",)}  # how a provider sees that the address is there, beside HEAD


@csrf_exempt
def tracking_webhook(request: HttpRequest, esp: str, endpoint: str = "") -> HttpResponse:
    """Take a provider's post. 403 and nothing written unless it proves itself; 5xx when it cannot be stored."""
    if esp not in MAIL_PROVIDERS:
        return _refused(esp, "unknown", 404, "There is no such provider.")
    methods = (*METHODS, *_TRY_OUT.get(esp, ()))
    if request.method not in methods:
        metrics.refused(esp, "method")
        return HttpResponseNotAllowed(sorted(methods))
    if request.method != "POST":
        return HttpResponse()
    return _answer(request, esp, endpoint, _take_events)


@csrf_exempt
def inbound_webhook(request: HttpRequest, esp: str, endpoint: str = "") -> HttpResponse:
    """Take the mail that a provider hands on, for our mailboxes. Otherwise as `tracking_webhook`."""
    if esp not in READERS and esp not in NOTIFIERS:
        return _refused(esp, "unknown", 404, "There is no such provider.")
    if request.method not in METHODS:
        metrics.refused(esp, "method")
        return HttpResponseNotAllowed(sorted(METHODS))
    if request.method != "POST":
        return HttpResponse()
    return _answer(request, esp, endpoint, _take_mail)


inbound_webhook.authentication = "signature"  # type: ignore[attr-defined]
tracking_webhook.authentication = "signature"  # type: ignore[attr-defined]  # read by the architecture test


Take = Callable[[str, AccountEntry, Request, AnymailBaseWebhookView], None]


def _answer(request: HttpRequest, esp: str, endpoint: str, take: Take) -> HttpResponse:
    try:
        _prove(request, esp, endpoint, take)
    except Forbidden:
        return _refused(esp, "forbidden", 403, "It does not prove that it comes from the provider.")
    except Malformed as error:
        return _refused(esp, "malformed", 400, str(error))
    except RequestDataTooBig as error:
        return _refused(esp, "too_large", 413, str(error))
    except mail_notices.NotYet:
        return receiving.come_again(esp, "unnamed", "It names nobody, and the message is not here yet.", seconds=20)
    except certificates.Unavailable as error:
        logger.warning("a webhook of %s waits for its certificate: %s", esp, error)
        return receiving.come_again(esp, "certificate", "The certificate could not be fetched.", seconds=20)
    except DatabaseError as error:
        logger.error("a webhook of %s could not be stored: %s", esp, type(error).__name__)
        return receiving.come_again(esp, "database", "It could not be stored.", seconds=5)
    return HttpResponse()


def _refused(esp: str, reason: str, status: int, text: str) -> HttpResponse:
    metrics.refused(esp, reason)
    return HttpResponse(f"{text}\n", status=status, content_type="text/plain")


def _prove(request: HttpRequest, esp: str, endpoint: str, take: Take) -> None:
    entry = account_of(esp, endpoint)
    if entry is None:
        # The same answer as for a bad signature: which accounts exist is nobody's business.
        raise Forbidden
    received = receiving.received(request)
    take(esp, entry, received, _verified(received, entry.account))


def _take_events(esp: str, entry: AccountEntry, received: Request, view: AnymailBaseWebhookView) -> None:
    _keep(esp, entry, received, anymail_events.read(received, entry.account, view))


def _take_mail(esp: str, entry: AccountEntry, received: Request, view: AnymailBaseWebhookView) -> None:
    """Keep each message for the mailboxes it was sent to, of this account's controller alone."""
    if esp == "amazon_ses" and (asked := anymail_events.subscription(received)):
        _keep(esp, entry, received, [asked])
        return
    if (told_of := told(esp, received)) is not None:
        _take_notices(esp, entry, received, told_of)
        return
    form = {} if esp == "sendgrid" else anymail_events.form_of(received)  # its fields are bytes in many encodings
    found = letters(esp, received, form)
    unread = [one for one in found if isinstance(one, Malformed)]
    with transaction.atomic():
        kept = [accepted for one in found if isinstance(one, Letter) for accepted in _deliver(entry, one)]
        if kept and unread:
            _keep(esp, entry, received, [anymail_events.unreadable(anymail_views.as_django(received), unread[0])])
    if not kept:
        raise unread[0] if unread else Malformed("recipient", "no mailbox of this account's controller")


def _take_notices(esp: str, entry: AccountEntry, received: Request, told_of: Sequence[Told]) -> None:
    """Keep what tells of mail; the mail itself is asked for once this is committed and acknowledged."""
    notices = [one for one in told_of if isinstance(one, MailNotice) and mail_notices.for_us(entry, one)]
    unread = mail_notices.unreadable_of(entry, told_of)
    events = [MailEvent("unknown", one.name, same=one.name) for one in told_of if isinstance(one, Sample)]
    if notices:
        mail_notices.require_access(entry)
        events += [anymail_events.unreadable(anymail_views.as_django(received), one) for one in unread[:1]]
    elif unread:
        raise unread[0]
    with transaction.atomic():
        kept = mail_notices.keep(entry, received, notices)
        _keep(esp, entry, received, events)
    mail_notices.require_obeyed(kept)


def _deliver(entry: AccountEntry, letter: Letter) -> list[inbox.Accepted]:
    ours = [one for one in letter.recipients if mailbox.owner_of(str(one)) == entry.controller_id]
    return mailbox.accept_mail(letter.raw, letter.mail_from, ours)


def account_of(esp: str, endpoint: str) -> AccountEntry | None:
    """The account of a path. Without a name: the one called `default`, or else the only one of that provider."""
    accounts = configuration.recent().accounts
    if endpoint or (esp, DEFAULT) in accounts:
        return accounts.get((esp, endpoint or DEFAULT))
    found = [entry for (provider, _), entry in accounts.items() if provider == esp]
    return found[0] if len(found) == 1 else None


def _verified(received: Request, account: Account) -> AnymailBaseWebhookView:
    scheme = scheme_of(account.provider, account.options)
    if scheme is None:
        raise Forbidden
    receiving.prove(scheme.verify, received, account)
    return anymail_views.reader_of(account.provider)


def _keep(esp: str, entry: AccountEntry, received: Request, events: Sequence[MailEvent]) -> None:
    """Each event is an inbound of its own; the first one that is new keeps the bytes of the request."""
    if not events:
        return
    with transaction.atomic():
        rest = list(events)
        while rest:
            first = inbox.accept(_arrival(esp, entry, received, rest.pop(0), Envelope()))
            if not first.again:
                inbox.accept_many([_arrival(esp, entry, received, one, Envelope(part_of=first.id)) for one in rest])
                return


def _arrival(esp: str, entry: AccountEntry, received: Request, event: MailEvent, envelope: Envelope) -> Arrival:
    if envelope.part_of is None:
        envelope = Envelope(body=received.body, headers=receiving.headers_to_keep(received))
    told = about(event, entry.controller_id) if event.meaning or event.kind == "unreadable" else None
    own = Scope(entry.controller_id, None)
    return Arrival(
        controller_id=entry.controller_id,
        source=f"esp:{esp}",
        channel="email",
        endpoint=entry.account.endpoint,
        envelope=msgspec.structs.replace(envelope, url=received.url, mail_event=event),
        holds=[(key, own) for key in told.keys] if told else [],
        same=(event.event_id, event.kind, event.same),
        digest=hashlib.sha256(received.body).digest(),
    )
