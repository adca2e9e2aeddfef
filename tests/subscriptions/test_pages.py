"""The pages behind an unsubscribe link: what they show, what their forms do, and what they never give away."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from consent import configuration, pipeline, status
from consent.addresses import contact
from consent.configuration import Scope
from consent.inbox import open_envelope
from consent.models import Controller, Hold, Inbound, Topic, TopicChannel
from consent.models.vocabulary import Basis, ControllerKind, TopicClass
from consent.normalise.keys import Key
from consent.stated import accept_statement
from consent.statement import Statement
from consent.tokens import Token, make_token
from tests.each import each

pytestmark = pytest.mark.django_db

ADDRESS = "ann.lee@example.com"
PAGES = ("u", "preferences")
OUR_SCRIPT = '<script src="/static/preferences/page.js" defer></script>'
TOPICS = [
    ("offers", "Offers", TopicClass.MARKETING, Basis.OPT_OUT),
    ("events", "Events", TopicClass.MARKETING, Basis.OPT_OUT),
    ("newsletter", "Newsletter", TopicClass.MARKETING, Basis.OPT_IN),
    ("sharing", "Sharing your data", TopicClass.SHARING, Basis.OPT_IN),
    ("service", "Service messages", TopicClass.SERVICE, Basis.NONE),
]


class Site(NamedTuple):
    """A controller with topics by slug, and one person's address."""

    controller: Controller
    topics: Mapping[str, Topic]
    key: Key

    def token(self, topic: str | None = "offers", channel: str = "email", key: Key | None = None) -> str:
        topic_id = self.topics[topic].pk if topic else None
        return make_token(Token(channel, Scope(self.controller.pk, topic_id), key or self.key))

    def reason(self, topic: str) -> str:
        """Why a check allows or denies the topic at this moment."""
        configuration.at_version(configuration.current_version())
        _, [verdict] = status.check_many(self.controller.pk, topic, "email", [[self.key]], timezone.now())
        return verdict.reason


def make_site(controller: str = "Acme", suffix: str = "") -> Site:
    owner = Controller.objects.create(slug="acme", name=controller, kind=ControllerKind.OWN)
    topics = {
        slug: Topic(controller=owner, slug=slug, name=name + suffix, topic_class=topic_class)
        for slug, name, topic_class, _ in TOPICS
    }
    Topic.objects.bulk_create(topics.values())
    TopicChannel.objects.bulk_create(
        TopicChannel(topic=topics[slug], channel="email", basis=basis) for slug, _, _, basis in TOPICS
    )
    [key] = contact("email", ADDRESS).said
    return Site(owner, topics, key)


@pytest.fixture
def site() -> Site:
    return make_site()


class Answer(Protocol):
    """A response of Django's test client."""

    @property
    def content(self) -> bytes: ...


def text_of(response: Answer) -> str:
    """What a person reads, with single spaces."""
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def fields_of(response: Answer) -> dict[str, list[str]]:
    """The hidden fields of the last form on the page: what its button sends."""
    form = response.content.decode().rpartition("<form")[2]
    fields: dict[str, list[str]] = {}
    for name, value in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form):
        fields.setdefault(name, []).append(value)
    return fields


# --- looking ---


@each("page", PAGES)
@each("method", ["GET", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH"])
def test_only_post_writes(client: Client, site: Site, page: str, method: str) -> None:
    response = client.generic(method, f"/{page}/{site.token()}?page=unsubscribe&scope=all&List-Unsubscribe=One-Click")
    assert response.status_code == (200 if method in ("GET", "HEAD") else 405)
    assert (Inbound.objects.count(), Hold.objects.count()) == (0, 0)
    assert site.reason("offers") == "opt_out_basis"


@pytest.mark.parametrize("page", PAGES)
def test_the_headers(client: Client, site: Site, page: str) -> None:
    for response in (client.get(f"/{page}/{site.token()}"), client.post(f"/{page}/{site.token()}"), client.get("/u/x")):
        assert response["Referrer-Policy"] == "no-referrer"
        assert "no-store" in response["Cache-Control"]
        assert response["X-Robots-Tag"] == "noindex, nofollow"
        assert "default-src 'none'" in response["Content-Security-Policy"]
        assert "unsafe" not in response["Content-Security-Policy"]
        assert not response.cookies


@pytest.mark.parametrize("page", PAGES)
def test_a_page_has_no_inline_script_or_style(client: Client, site: Site, page: str) -> None:
    html = client.get(f"/{page}/{site.token()}").content.decode()
    assert not re.search(r"<script|<style|\sstyle=|\son\w+=|https?://", html.replace(OUR_SCRIPT, ""))
    assert '<meta name="referrer" content="no-referrer">' in html


def test_the_unsubscribe_page_names_controller_and_topic(client: Client, site: Site) -> None:
    text = text_of(client.get(f"/u/{site.token()}"))
    assert "Acme" in text
    assert "Stop Offers" in text
    assert "Stop everything" in text


def test_a_link_for_everything_offers_everything(client: Client, site: Site) -> None:
    html = client.get(f"/u/{site.token(topic=None)}").content.decode()
    assert html.count("<button") == 1
    assert fields_of(client.get(f"/u/{site.token(topic=None)}"))["scope"] == ["all"]


def test_the_preference_page_lists_what_can_be_stopped_with_nothing_ticked(client: Client, site: Site) -> None:
    html = client.get(f"/preferences/{site.token()}").content.decode()
    assert re.findall(r'name="topic" value="(\w+)"', html) == ["offers", "events", "newsletter"]
    assert "checked" not in html


@pytest.mark.parametrize(
    ("channel", "messages"), [("email", "marketing emails"), ("sms", "marketing text messages"), ("post", "letters")]
)
def test_the_wording_follows_the_channel(client: Client, site: Site, channel: str, messages: str) -> None:
    assert messages in text_of(client.get(f"/u/{site.token(None, channel)}"))


# --- giving nothing away ---


@pytest.mark.parametrize("page", PAGES)
def test_a_page_looks_the_same_whatever_the_person_chose(client: Client, site: Site, page: str) -> None:
    token = site.token()
    before = without_signatures(client.get(f"/{page}/{token}"))
    client.post(f"/u/{token}", {"page": "unsubscribe", "scope": "all"})
    pipeline.drain()
    assert without_signatures(client.get(f"/{page}/{token}")) == before


def without_signatures(answer: Any) -> str:
    """A page without what differs from one second to the next."""
    return re.sub(r'name="(undo|shown)" value="[^"]+"', "", answer.content.decode())


@pytest.mark.parametrize("page", PAGES)
def test_a_known_address_and_an_unknown_one_look_the_same(client: Client, site: Site, page: str) -> None:
    client.post(f"/u/{site.token()}")
    pipeline.drain()
    pages = []
    for key in (site.key, contact("email", "nobody@example.net").said[0]):
        token = site.token(key=key)
        answers = [client.get(f"/{page}/{token}"), client.post(f"/{page}/{token}", {"page": "unsubscribe"})]
        texts = [without_signatures(answer) for answer in answers]
        pages.append(
            [(answer.status_code, text.replace(token, "")) for answer, text in zip(answers, texts, strict=True)]
        )
    assert pages[0] == pages[1]


def test_no_page_holds_the_address_or_its_key(client: Client, site: Site) -> None:
    token = site.token()
    seen = [client.get(f"/{page}/{token}") for page in PAGES]
    seen += [client.post(f"/u/{token}", {"page": "unsubscribe", "word": word}) for word in ("no", "")]
    for response in seen:
        html = response.content.decode().lower()
        assert not re.search(r"ann\.lee|example\.com", html)
        assert site.key.hex() not in html


def test_script_in_names_is_inert(client: Client) -> None:
    hostile = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>{{ 7|add:7 }}"
    site = make_site(controller=hostile, suffix=hostile)
    token = site.token()
    seen = [client.get(f"/{page}/{token}") for page in PAGES]
    seen += [client.post(f"/u/{token}", {"page": "unsubscribe", "word": word}) for word in ("no", "yes")]
    for response in seen:
        html = response.content.decode()
        assert "&lt;script&gt;" in html
        assert "<script" not in html.replace(OUR_SCRIPT, "")
        assert "<img" not in html


# --- choosing ---


@pytest.mark.parametrize(
    ("fields", "stopped"),
    [
        ({"page": "unsubscribe"}, {"offers"}),
        ({"page": "unsubscribe", "scope": "all"}, {"offers", "events", "newsletter", "sharing"}),
        ({"page": "preferences", "topic": ["events"]}, {"events"}),
        ({"page": "preferences", "topic": ["offers", "events", "events"]}, {"offers", "events"}),
        ({"page": "preferences", "scope": "all", "topic": ["events"]}, {"offers", "events", "newsletter", "sharing"}),
        ({"page": "unsubscribe", "word": "maybe"}, {"offers"}),
    ],
)
def test_what_is_stopped_is_denied_when_the_page_shows(
    client: Client, site: Site, fields: dict[str, str | list[str]], stopped: set[str]
) -> None:
    response = client.post(f"/u/{site.token()}", fields)
    assert response.status_code == 200
    assert "<h1>Stopped</h1>" in response.content.decode()
    assert {slug for slug in site.topics if site.reason(slug) == "held"} == stopped
    pipeline.drain()
    assert {slug for slug in site.topics if site.reason(slug) == "opted_out"} == stopped
    assert site.reason("service") == "service"


def test_the_page_says_what_was_stopped(client: Client, site: Site) -> None:
    response = client.post(f"/u/{site.token()}", {"page": "preferences", "topic": ["events", "sharing"]})
    assert re.findall(r"<li><bdi>([^<]+)", response.content.decode()) == ["Events", "Sharing your data"]
    text = text_of(client.post(f"/u/{site.token()}", {"page": "unsubscribe", "scope": "all"}))
    assert "Acme sends you no marketing emails and does not share your data" in text
    assert "Service messages, such as invoices, go on." in text


@pytest.mark.parametrize("channel", ["email", "sms", "post"])
def test_the_page_says_that_something_may_still_arrive(client: Client, site: Site, channel: str) -> None:
    assert "may still arrive" in text_of(client.post(f"/u/{site.token(None, channel)}", {"page": "unsubscribe"}))


@pytest.mark.parametrize(
    ("fields", "undo"),
    [
        ({"page": "unsubscribe"}, {"topic": ["offers"]}),
        ({"page": "preferences", "topic": ["events", "offers"]}, {"topic": ["offers", "events"]}),
        ({"page": "unsubscribe", "scope": "all"}, {"scope": ["all"]}),
    ],
)
def test_undo_is_for_just_what_was_done(
    client: Client, site: Site, fields: dict[str, str | list[str]], undo: dict[str, list[str]]
) -> None:
    done = client.post(f"/u/{site.token()}", fields)
    assert {**fields_of(done), "undo": []} == {"page": ["unsubscribe"], "undo": [], **undo}
    pipeline.drain()
    undone = client.post(f"/u/{site.token()}", fields_of(done))
    assert "<h1>Undo received</h1>" in undone.content.decode()
    pipeline.drain()
    assert (site.reason("offers"), site.reason("events")) == ("opt_out_basis", "opt_out_basis")
    assert fields_of(undone) == {"page": ["unsubscribe"], **undo}


def test_an_undo_takes_back_its_own_click_and_no_earlier_one(client: Client, site: Site) -> None:
    """Whoever got the message forwarded can press the link too, and undo that; not what the person had said."""
    client.post(f"/u/{site.token()}", {"page": "unsubscribe"})
    pipeline.drain()
    strangers = client.post(f"/u/{site.token()}", {"page": "unsubscribe"})
    client.post(f"/u/{site.token()}", fields_of(strangers))
    pipeline.drain()
    assert site.reason("offers") == "opted_out"


@pytest.mark.parametrize("ticket", ["", "x", "0190b5f0-0000-7000-8000-000000000000|x:1:y"])
def test_an_undo_without_proof_of_the_click_is_refused(client: Client, site: Site, ticket: str) -> None:
    client.post(f"/u/{site.token()}", {"page": "unsubscribe"})
    refused = client.post(f"/u/{site.token()}", {"page": "unsubscribe", "undo": ticket})
    assert refused.status_code == 400
    pipeline.drain()
    assert site.reason("offers") == "opted_out"


def test_an_undo_of_another_link_is_refused(client: Client, site: Site) -> None:
    ticket = fields_of(client.post(f"/u/{site.token()}", {"page": "unsubscribe"}))["undo"]
    other = client.post(f"/u/{site.token('events')}", {"page": "unsubscribe", "undo": ticket})
    assert other.status_code == 400


def test_an_undo_gives_back_the_yes_that_was_there(client: Client, site: Site) -> None:
    yes = Statement(channel="email", address=ADDRESS, action="opt_in", topic="newsletter")
    accept_statement(yes, site.controller.pk, source="api", actor="key:test")
    pipeline.drain()
    done = client.post(f"/u/{site.token('newsletter')}", {"page": "unsubscribe"})
    client.post(f"/u/{site.token('newsletter')}", fields_of(done))
    pipeline.drain()
    assert site.reason("newsletter") == "granted"


def test_nothing_ticked_is_said_and_changes_nothing(client: Client, site: Site) -> None:
    response = client.post(f"/preferences/{site.token()}", {"page": "preferences"})
    assert response.status_code == 400
    assert 'role="alert"' in response.content.decode()
    assert "<title>Please choose" in response.content.decode()
    assert Inbound.objects.count() == 0


@pytest.mark.parametrize("topic", ["gone", "service", "", "offers,events", "all", "\x00"])
def test_an_unknown_topic_is_said_and_nothing_is_narrowed_or_widened(client: Client, site: Site, topic: str) -> None:
    for path in ("preferences", "u"):
        response = client.post(f"/{path}/{site.token()}", {"page": "preferences", "topic": ["offers", topic]})
        assert response.status_code == 400
        assert "Please choose again" in text_of(response)
    assert 'value="unsubscribe"' in response.content.decode()
    assert Inbound.objects.count() == 0


def test_any_number_of_topics_is_kept_whole(client: Client, site: Site) -> None:
    slugs = [f"a-topic-with-a-long-name-{number}" for number in range(60)]
    for slug in slugs:
        topic = Topic.objects.create(controller=site.controller, slug=slug, name=slug, topic_class=TopicClass.MARKETING)
        TopicChannel.objects.create(topic=topic, channel="email", basis=Basis.OPT_OUT)
    client.post(f"/preferences/{site.token()}", {"page": "preferences", "topic": slugs})
    assert Hold.objects.count() == 60
    pipeline.drain()
    assert {site.reason(slug) for slug in slugs} == {"opted_out"}


def test_the_evidence_is_kept(client: Client, site: Site) -> None:
    token = site.token()
    client.post(f"/u/{token}", {"page": "unsubscribe"}, headers={"user-agent": "Browser 1", "cookie": "private=1"})
    kept = Inbound.objects.get()
    assert (kept.source, kept.channel, kept.endpoint) == ("link:page", "email", token)
    envelope = open_envelope(kept.sealed_raw or b"")
    assert envelope.headers["user-agent"] == "Browser 1"
    assert "cookie" not in envelope.headers
    assert b"unsubscribe" in envelope.body


# --- failing ---


@pytest.mark.parametrize("fields", [{"page": "unsubscribe"}, {"List-Unsubscribe": "One-Click"}])
def test_what_cannot_be_stored_is_never_called_done(client: Client, site: Site, fields: dict[str, str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE consent_inbound RENAME TO consent_inbound_is_away")
    response = client.post(f"/u/{site.token()}", fields)
    assert response.status_code == 503
    assert response["Retry-After"]
    assert "Please try again" in text_of(response)
    assert "Stopped" not in text_of(response)
