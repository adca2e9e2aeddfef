"""For tests of the preference page: a controller, a person with an address on each channel, and what a visitor does."""

import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from html import unescape
from typing import Any, NamedTuple

from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from consent import configuration, db, pipeline, rebuilding, status
from consent.addresses import Contact, contact
from consent.choices import Choices, choices_kept
from consent.configuration import Scope
from consent.inbox import Arrival, Envelope, accept
from consent.intake.contract import Message
from consent.models import Controller, Inbound, Sender, Topic, TopicChannel
from consent.models.vocabulary import Basis, ControllerKind, SenderKind, TopicClass
from consent.near import near_of, wanted
from consent.stated import accept_statement
from consent.statement import PersonKnown, Statement
from consent.suppression import PERMISSION_COLUMNS, SUPPRESSION_COLUMNS
from consent.tokens import Token, make_token
from subscriptions.preferences.proof import prove

MARKETING, SHARING, SERVICE = TopicClass.MARKETING, TopicClass.SHARING, TopicClass.SERVICE
IN, OUT, NONE = Basis.OPT_IN, Basis.OPT_OUT, Basis.NONE
EMAIL, PHONE = "ann.lee@example.com", "+15557654321"
HOME = {"name": "Ann Lee", "line1": "12 Oak St", "city": "Springfield", "region": "IL", "postal_code": "62701"}
NUMBER = "+15550100001"
TOPICS: list[tuple[str, str, TopicClass, dict[str, Basis]]] = [
    ("newsletter", "Newsletter", MARKETING, {"email": IN}),
    ("digest", "Newsletter, once a month", MARKETING, {"email": IN}),
    ("offers", "Offers", MARKETING, {"email": OUT, "sms": IN, "post": OUT}),
    ("events", "Events", MARKETING, {"email": OUT, "sms": IN, "post": OUT}),
    ("service", "Service messages", SERVICE, {"email": NONE, "sms": NONE, "post": NONE}),
    ("sharing", "Sharing your data", SHARING, {"email": IN, "sms": IN, "post": IN}),
]


class Ann(NamedTuple):
    """A person, Ann Lee, at `acme`. Her addresses by channel; the controller knows of her once `meet` was called."""

    controller: Controller
    topics: Mapping[str, Topic]
    contacts: Mapping[str, Contact]

    def link(self, channel: str = "email", topic: str | None = None, of: Contact | None = None) -> str:
        """A token of an address of hers."""
        topic_id = self.topics[topic].pk if topic else None
        return make_token(Token(channel, Scope(self.controller.pk, topic_id), (of or self.contacts[channel]).said[0]))

    def path(self, channel: str = "email", of: Contact | None = None) -> str:
        return f"/preferences/{self.link(channel, of=of)}"

    def tell(self, channel: str, action: str, topic: str = "*", **more: Any) -> None:
        """A word of a system of the controller's, worked off."""
        self._say(channel, action, topic, **more)
        pipeline.drain()

    def _say(self, channel: str, action: str, topic: str, **more: Any) -> None:
        said = Statement(channel, WRITTEN[channel], action, topic, **more)  # type: ignore[arg-type]
        accept_statement(said, self.controller.pk, source="api", actor="key:test")

    def meet(self, *channels: str) -> "Ann":
        """The controller tells that the addresses are hers, with a word that changes nothing."""
        for channel in channels or ("email", "sms", "post"):
            self._say(channel, "opt_in", "service", person=PersonKnown("ann", "Ann Lee"))
        pipeline.drain()
        return self

    def reason(self, topic: str, channel: str = "email", at: datetime | None = None, sender: str | None = None) -> str:
        """Why a check allows or denies a topic at this moment, or as if it were another one."""
        configuration.at_version(configuration.current_version())
        found = self.contacts[channel]
        near = wanted(near_of([found])) if channel == "post" else ()
        now = at or timezone.now()
        _, [verdict] = status.check_many(self.controller.pk, topic, channel, [found.asked], now, sender, near)
        return verdict.reason

    def reasons(self, channel: str = "email") -> dict[str, str]:
        return {slug: self.reason(slug, channel) for slug, _, _, carried in TOPICS if channel in carried}


WRITTEN: dict[str, Any] = {"email": EMAIL, "sms": PHONE, "post": HOME}


def make_ann(name: str = "Acme") -> Ann:
    owner = Controller.objects.create(slug="acme", name=name, kind=ControllerKind.OWN, contact="privacy@acme.example")
    topics = {
        slug: Topic(
            controller=owner,
            slug=slug,
            name=title,
            topic_class=kind,
            description=f"What {title} brings.",
            frequency="Twice a month",
            position=position,
        )
        for position, (slug, title, kind, _) in enumerate(TOPICS)
    }
    Topic.objects.bulk_create(topics.values())
    TopicChannel.objects.bulk_create(
        TopicChannel(topic=topics[slug], channel=channel, basis=basis)
        for slug, _, _, channels in TOPICS
        for channel, basis in channels.items()
    )
    Topic.objects.filter(pk=topics["newsletter"].pk).update(fewer=topics["digest"])
    Sender.objects.create(controller=owner, channel="sms", kind=SenderKind.SENDER, address=NUMBER)
    return Ann(owner, topics, {channel: contact(channel, written) for channel, written in WRITTEN.items()})


def proved(ann: Ann, client: Client, channel: str = "email", **more: Any) -> Client:
    """The client after its visitor entered a code that was sent to the address."""
    response = HttpResponse()
    prove(response, Token(channel, Scope(ann.controller.pk, None), ann.contacts[channel].said[0]), **more)
    client.cookies.update(response.cookies)
    return client


# --- a page as a visitor has it before them ---


def text_of(html: str) -> str:
    """What a person reads, with single spaces."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


class Form:
    """The form of a page that a button is in. `fields` are what it sends as the page was shown; change them as a
    person would."""

    def __init__(self, html: str, button: str) -> None:
        forms = re.findall(r"<form.*?</form>", html, re.DOTALL)
        self.html = next(form for form in forms if re.search(rf"<button[^>]*value=\"{button}\"", form))
        self.fields: dict[str, list[str]] = {}
        for tag in re.findall(r"<input[^>]*>", self.html):
            kind, checked = _attribute(tag, "type"), " checked" in tag
            if kind == "hidden" or checked:
                self.fields.setdefault(_attribute(tag, "name"), []).append(_attribute(tag, "value"))
        for name, options in re.findall(r'<select[^>]*name="([^"]*)".*?>(.*?)</select>', self.html, re.DOTALL):
            chosen = re.search(r'<option value="([^"]*)"[^>]* selected', options) or re.search(
                r'value="([^"]*)"', options
            )
            self.fields[name] = [chosen[1] if chosen else ""]
        self.fields["act"] = [button]

    def sent(self, **changed: str | Sequence[str]) -> dict[str, Any]:
        return self.fields | changed


def _attribute(tag: str, name: str) -> str:
    found = re.search(rf'\b{name}="([^"]*)"', tag)
    return unescape(found[1]) if found else ""


def html_of(client: Client, path: str) -> str:
    """A page."""
    return client.get(path).content.decode()


def press(
    client: Client, path: str, button: str, headers: Mapping[str, str] = {}, **changed: str | Sequence[str]
) -> Any:
    """Open the page, change fields, press the button, and give the page that follows."""
    html = client.get(path, headers=headers).content.decode()
    return client.post(path, Form(html, button).sent(**changed), headers=headers, follow=True)


def last_save() -> Choices:
    """The evidence of the newest save."""
    kept = Inbound.objects.filter(source__startswith="page:").order_by("-id").first()
    assert kept is not None
    assert kept.sealed_raw
    return choices_kept(kept.sealed_raw)


def assert_ledger_agrees() -> None:
    """What `manage.py rebuild --check` does, within the test's transaction."""
    assert list(rebuilding._differences("consent_suppression", SUPPRESSION_COLUMNS, 0)) == []
    assert list(rebuilding._differences("consent_permission", PERMISSION_COLUMNS, 1)) == []


def statements_of(ask: Callable[[], Any]) -> int:
    """How many statements are sent to the database, as libpq sees them: not all of ours pass Django's cursors."""
    connection = db.raw_connection().pgconn
    with tempfile.TemporaryFile("w+") as traced:
        connection.trace(traced.fileno())
        ask()
        connection.untrace()
        traced.seek(0)
        return sum(line.split("\t")[1:4:2] in (["F", "Execute"], ["F", "Query"]) for line in traced)


# --- the owner's page ---


def places(html: str) -> dict[str, str]:
    """What the page says of each topic at each address: `Offers | Email to …` → its state."""
    found = {}
    for topic, rest in re.findall(
        r'<section class="topic">\s*<h3><bdi>(.*?)</bdi></h3>(.*?)</section>', html, re.DOTALL
    ):
        for legend, state in re.findall(r'<legend>(.*?)</legend>\s*<p class="state">(.*?)</p>', rest, re.DOTALL):
            found[f"{topic} | {legend.split()[0]}"] = text_of(state)
    return found


def options(html: str, name: str) -> list[str]:
    return re.findall(rf'name="{re.escape(name)}" value="(\w+)"', html)


def save(client: Client, path: str, **wanted: str) -> Any:
    """Choose, by `channel_topic=wanted`, and save; with the page that follows."""
    fields: dict[str, Any] = {_field(name): value for name, value in wanted.items()}
    return press(client, path, "save", **fields)


def _field(name: str) -> str:
    place, _, topic = name.partition("_")
    return f"w.{['email', 'sms', 'post'].index(place)}.{topic}" if topic else name


def stop_by_text(ann: Ann, text: str = "STOP") -> None:
    """As a gateway tells of it."""
    message = Message(sender=PHONE, recipient=NUMBER, kind="message", text=text, external_id=text)
    [key] = ann.contacts["sms"].said
    own = Scope(ann.controller.pk, None)
    accept(Arrival(ann.controller.pk, "sms:generic", "sms", Envelope(message=message), [(key, own)], "acme"))
    pipeline.drain()
