"""Enter what somebody told us on the telephone, in a letter or at the counter: a statement like any other."""

import hashlib
from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec
from django import forms
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from consent import configuration
from consent.addresses import Contact
from consent.admin import fields, widgets
from consent.admin.base import UnfoldAdmin, note_access, page, user_id
from consent.admin.contacts import MAX_ADDRESS_CHARACTERS, read_address
from consent.configuration import Snapshot
from consent.inbox import open_envelope
from consent.models import Inbound
from consent.models.vocabulary import Channel
from consent.stated import accept_statement
from consent.statement import Rejected, Statement, stated_contact
from consent.story import readable, verdicts_of

HOW = (("phone", "On the telephone"), ("letter", "In a letter"), ("counter", "At the counter"))
WORDS = (("opt_out", "No: do not contact me"), ("opt_in", "Yes: you may contact me"))
_SOURCE = "staff"
_NOTE_HELP = "In which words, and how you knew who it was. It is kept as evidence."


class ToldForm(forms.Form):
    """What was said, about which addresses. At least one address; each becomes a statement of its own."""

    how = forms.ChoiceField(choices=HOW, initial="phone", widget=widgets.radio(), label="How we were told")
    word = forms.ChoiceField(choices=WORDS, initial="opt_out", widget=widgets.radio(), label="What was said")
    about = forms.ChoiceField(widget=widgets.select(), label="About")
    phone = forms.CharField(required=False, max_length=40, widget=widgets.line(), label="Text messages to the number")
    email = forms.CharField(required=False, max_length=320, widget=widgets.line(), label="E-mail to")
    post = forms.CharField(
        required=False,
        max_length=MAX_ADDRESS_CHARACTERS,
        widget=widgets.lines(4),
        label="Post to",
        help_text="Name, street, city and ZIP. Without the name it is the whole household.",
    )
    region = fields.country()
    said_at = forms.DateTimeField(widget=widgets.moment(), label="When it was said", help_text="In UTC.")
    note = forms.CharField(max_length=2_000, widget=widgets.lines(4), label="Note", help_text=_NOTE_HELP)
    form_id = forms.UUIDField(widget=forms.HiddenInput())

    def __init__(self, data: Any, snapshot: Snapshot) -> None:
        super().__init__(data, initial={"said_at": timezone.now().replace(second=0, microsecond=0), "form_id": uuid4()})
        self.fields["about"].choices = list(_subjects(snapshot))  # type: ignore[attr-defined]

    def clean_said_at(self) -> Any:
        said_at = self.cleaned_data["said_at"]
        if said_at > timezone.now() + timedelta(minutes=5):
            raise forms.ValidationError("This has not happened yet.")
        return said_at

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if not any(cleaned.get(field) for field, _ in _FIELDS) and not self.errors:
            raise forms.ValidationError("Enter a number, an e-mail address or a postal address.")
        cleaned["contacts"] = [
            read_address(self, field, channel, cleaned) for field, channel in _FIELDS if cleaned.get(field)
        ]
        return cleaned


_FIELDS = (("phone", Channel.SMS.value), ("email", Channel.EMAIL.value), ("post", Channel.POST.value))
_FIELD_OF = {channel: field for field, channel in _FIELDS}


def _subjects(snapshot: Snapshot) -> Iterable[tuple[str, list[tuple[str, str]]]]:
    """Choices by controller: `id:*` for everything, `id:slug` for a topic."""
    for number, name in sorted(snapshot.controller_names.items()):
        topics = [rule for rule in snapshot.topics.values() if rule.controller_id == number]
        everything = (f"{number}:*", f"Everything from {name}")
        yield name, [everything, *((f"{number}:{rule.slug}", rule.name) for rule in topics)]


def actor_of(request: HttpRequest) -> str:
    """Who told us, as the ledger has it."""
    return f"staff:{user_id(request)}"


def enter(owner: UnfoldAdmin, request: HttpRequest) -> HttpResponse:
    """The form; once it holds, the statements are kept in one transaction, and the result is shown."""
    form = ToldForm(request.POST if request.method == "POST" else None, configuration.recent())
    if form.is_bound and form.is_valid():
        kept = _keep(form, actor_of(request))
        if kept:
            query = urlencode([("id", str(one)) for one in kept])
            return HttpResponseRedirect(f"{reverse('admin:consent_inbound_told')}?{query}")
    return page(owner, request, "admin/told_form.html", "Enter a request", form=form)


def _keep(form: ToldForm, actor: str) -> list[UUID]:
    """Keep every statement or none. What is refused becomes an error of the form."""
    controller, _, topic = form.cleaned_data["about"].partition(":")
    try:
        with transaction.atomic():
            return [_keep_one(form, statement, int(controller), actor) for statement in _statements(form, topic)]
    except _Refused as refused:
        form.add_error(refused.field, refused.detail)
        return []


class _Refused(Exception):
    def __init__(self, field: str, detail: str) -> None:
        super().__init__(detail)
        self.field = field
        self.detail = detail


def _statements(form: ToldForm, topic: str) -> Iterable[Statement]:
    said = form.cleaned_data
    for contact in said["contacts"]:
        yield Statement(
            channel=contact.channel,
            address=_written(contact, said),
            action=said["word"],
            topic=topic,
            occurred_at=said["said_at"],
            source=said["how"],
            evidence={"note": said["note"]},
        )


def _written(contact: Contact, said: dict[str, Any]) -> Any:
    """The address as a statement holds it: a number with its country, a postal address as it was written."""
    return said["post"] if contact.channel == Channel.POST else contact.normal


def _keep_one(form: ToldForm, statement: Statement, controller_id: int, actor: str) -> UUID:
    # A form sent twice is one statement; sent again with other words, it is another.
    digest = hashlib.sha256(msgspec.json.encode(statement)).hexdigest()
    same = (str(form.cleaned_data["form_id"]), digest)
    try:
        return accept_statement(statement, controller_id, source=_SOURCE, actor=actor, same=same).id
    except Rejected as error:
        field = "about" if error.pointer == "/topic" else _FIELD_OF[statement.channel]
        raise _Refused(field, f"{statement.channel}: {error.detail.rstrip('.')}.") from error


def show(owner: UnfoldAdmin, request: HttpRequest) -> HttpResponse:
    """What was entered, and what may be sent to these addresses now."""
    ids = [_id for _id in map(_uuid, request.GET.getlist("id")[: len(_FIELDS)]) if _id]
    told = Inbound.objects.filter(pk__in=ids, source=_SOURCE, actor=actor_of(request)).order_by("id")
    results = [_result(inbound) for inbound in told]
    for inbound in told:
        note_access(request, "the inbound", str(inbound.pk))
    post = any(inbound.channel == Channel.POST for inbound in told)
    return page(owner, request, "admin/told.html", "It is kept", results=results, post=post)


def _result(inbound: Inbound) -> dict[str, Any]:
    snapshot = configuration.recent()
    statement = msgspec.json.decode(open_envelope(inbound.sealed_raw or b"").body, type=Statement)
    contact = stated_contact(statement)
    return {
        "inbound": inbound,
        "contact": contact,
        "address": readable(contact.normal),
        "key": contact.said[0].hex(),
        "denies": statement.action == "opt_out",
        "controller": snapshot.controller_names.get(inbound.controller_id, ""),
        "verdicts": verdicts_of(snapshot, contact, inbound.controller_id),
    }


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
