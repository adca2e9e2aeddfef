"""Posts that only tell of mail: who is held from the 2xx on, what is refused, what is not acknowledged yet."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from time_machine import travel

from consent import certificates, configuration, pipeline
from consent.certificates import Certificates
from consent.inbox import open_envelope
from consent.intake.contract import Malformed, Request
from consent.intake.mail_notice import MailNotice, told
from consent.mail_explain import explain_mail_webhook
from consent.models import Errand, Hold, Inbound, Sender
from consent.models.vocabulary import SenderKind
from consent.tokens import Token, make_token
from tests.consent.core.example import MAILBOX, key_of, make_organisation
from tests.consent.esp import notices
from tests.consent.esp.holding import CREDENTIALS, holding
from tests.consent.esp.notices import ANN, EVENTS, PROVIDERS, Desk, post_of
from tests.consent.esp.posts import ESPS, Post
from tests.consent.providers.gateways import NOW, certificate, sns_envelope, sns_signed
from tests.each import each

pytestmark = pytest.mark.django_db
every_provider = pytest.mark.parametrize("provider", PROVIDERS)


@pytest.fixture(autouse=True)
def _moment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Amazon's certificate is fetched before, and holds at this moment."""
    monkeypatch.setattr(certificates, "shared", Certificates(lambda url: certificate()))
    with travel(NOW, tick=False):
        yield


@pytest.fixture
def desk(db: None, client: Client) -> Iterator[Desk]:
    with holding() as holder:
        made = Desk(make_organisation(), holder, client)
        for provider in PROVIDERS:
            made.set_up(provider)
        yield made


@every_provider
def test_the_sender_is_held_from_the_acknowledgement_on(desk: Desk, provider: str) -> None:
    assert desk.reason() == "opt_out_basis"
    assert desk.tell(provider) == 200
    assert desk.reason() == "held"
    assert desk.holder.asked == []  # nobody was called before it
    row = Inbound.objects.get()
    assert (row.source, row.endpoint, row.state) == (f"esp:{provider}", "acme", "pending")
    assert row.controller == desk.organisation.acme
    pipeline.drain()
    assert (desk.reason(), Inbound.objects.get().state) == ("held", "fetching")
    assert Errand.objects.values_list("kind", "provider", "state").get() == ("fetch", provider, "waiting")


@every_provider
def test_the_bytes_are_kept_as_they_came(desk: Desk, provider: str) -> None:
    post = post_of(provider, EVENTS[provider]())
    desk.post(provider, post)
    assert open_envelope(Inbound.objects.get().sealed_raw or b"").body == post.body


@every_provider
def test_told_again_it_is_the_same(desk: Desk, provider: str) -> None:
    assert [desk.tell(provider) for _ in range(3)] == [200] * 3
    pipeline.drain()
    assert desk.tell(provider) == 200
    assert (Inbound.objects.count(), Errand.objects.count(), Hold.objects.count()) == (1, 1, 1)


@every_provider
def test_what_is_forged_is_refused_and_nothing_written(desk: Desk, provider: str) -> None:
    post = post_of(provider, EVENTS[provider]())
    forged = post._replace(body=post.body.replace(ANN.encode(), b"eve.lee@example.com"))
    assert [desk.post(provider, one) for one in (forged, post._replace(headers={}, body=b"{}"))] == [403, 403]
    assert not Inbound.objects.exists()


def test_another_topic_is_refused(desk: Desk) -> None:
    assert desk.post("amazon_ses", notices.signed_by_sns(notices.ses(), topic="theirs")) == 403
    assert not Inbound.objects.exists()


@every_provider
@pytest.mark.parametrize("left_out", [0, 1])
def test_an_account_that_cannot_ask_for_it_takes_nothing(desk: Desk, provider: str, left_out: int) -> None:
    some = dict(list(CREDENTIALS[provider].items())[left_out + 1 :]) if left_out else {}
    desk.set_up(provider, credentials=some)
    assert desk.tell(provider) == 403
    assert not Inbound.objects.exists()


@pytest.mark.parametrize(("provider", "name"), [("resend", "RESEND_API_KEY"), ("mailtrap", "MAILTRAP_API_TOKEN")])
def test_credentials_may_be_in_the_environment(
    desk: Desk, provider: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.set_up(provider, credentials={})
    monkeypatch.setenv(name, next(iter(CREDENTIALS[provider].values())))
    assert desk.tell(provider) == 200


@pytest.mark.parametrize("provider", ["amazon_ses", "resend"])
def test_mail_for_somebody_else_is_refused(desk: Desk, provider: str) -> None:
    theirs = "unsubscribe@globex.example"
    kind = SenderKind.OPT_OUT
    Sender.objects.create(controller=desk.organisation.globex, channel="email", kind=kind, address=theirs)
    configuration._snapshot = None
    for to in (["somebody@else.example"], [theirs], ["somebody@else.example", theirs]):
        assert desk.tell(provider, to=to) == 400
    assert not Inbound.objects.exists()


def test_a_mailbox_of_the_account_stands_for_mail_that_names_none_of_ours(desk: Desk) -> None:
    desk.set_up("resend", mailbox=MAILBOX)
    assert desk.tell("resend", to=["list@else.example"]) == 200
    desk.set_up("resend", mailbox="nobody@acme.example")
    assert desk.tell("resend", name="e2", to=["list@else.example"]) == 400


def test_a_link_in_the_head_is_held_as_in_a_letter(desk: Desk) -> None:
    """A request by our own unsubscribe address is about the link's address, whoever writes."""
    jane = key_of("email", "jane@example.net")
    token = make_token(Token("email", desk.organisation.scope("acme"), jane))
    assert desk.tell("amazon_ses", to=[MAILBOX.replace("@", f"+{token}@")]) == 200
    assert (desk.reason("jane@example.net"), desk.reason()) == ("held", "opt_out_basis")


@pytest.mark.parametrize("name", ["Ann Lee", "Ann Lee ", "", None])
def test_who_is_not_named_is_kept_and_not_acknowledged(desk: Desk, name: Any) -> None:
    assert [desk.tell("mailtrap", sender=name) for _ in range(2)] == [503, 503]
    assert (Inbound.objects.count(), Hold.objects.count()) == (1, 0)
    pipeline.drain()
    assert Errand.objects.get().state == "waiting"


def test_several_in_one_post_are_each_its_own(desk: Desk) -> None:
    events = [notices.mailtrap(name=str(number), sender=f"p{number}@example.com") for number in range(3)]
    assert desk.post("mailtrap", post_of("mailtrap", *events, {"event": "inbound.message_received"})) == 200
    assert Inbound.objects.filter(state="pending").count() == 4  # one of them cannot be read
    assert {desk.reason(f"p{number}@example.com") for number in range(3)} == {"held"}


def test_one_that_cannot_be_read_waits_for_a_person_and_costs_no_other(desk: Desk) -> None:
    strange = {"event": "inbound.message_received", "inbox_id": 7, "message_id": "../x", "email": "x@example.com"}
    assert desk.post("mailtrap", post_of("mailtrap", notices.mailtrap(), strange)) == 200
    pipeline.drain()
    assert sorted(Inbound.objects.values_list("state", flat=True)) == ["fetching", "review"]


@pytest.mark.parametrize(
    "event", [{"inbox_id": 1}, {"inbox_id": None}, {"event": "inbound_message_received", "inbox_id": 1}]
)
def test_the_test_button_of_mailtrap_is_acknowledged_and_nothing_asked(desk: Desk, event: Any) -> None:
    assert desk.post("mailtrap", post_of("mailtrap", {**notices.mailtrap(), **event})) == 200
    pipeline.drain()
    assert Inbound.objects.get().outcome == "unknown"
    assert not Errand.objects.exists()


@each(
    ("provider", "event"),
    [
        ("resend", {"type": "email.bounced", "data": {}}),
        ("resend", {"type": "email.received"}),
        ("resend", notices.resend(name="../../emails")),
        ("resend", notices.resend(name="")),
        ("resend", []),
        ("mailtrap", {"event": "delivery"}),
        ("mailtrap", notices.mailtrap(name="1/2")),
        ("mailtrap", notices.mailtrap(inbox_id="7/../8")),
        ("amazon_ses", notices.ses(bucketName="evil.example/x")),
        ("amazon_ses", notices.ses(bucketName="127.0.0.1")),
        ("amazon_ses", notices.ses(bucketName="a..b")),
        ("amazon_ses", notices.ses(objectKey="mail/../../x")),
        ("amazon_ses", notices.ses(objectKey=7)),
        ("amazon_ses", {"receipt": {"action": {"type": "S3"}}}),
        ("amazon_ses", {"receipt": {"action": {"type": "Lambda"}}}),
    ],
)
def test_what_cannot_be_read_is_refused(desk: Desk, provider: str, event: Any) -> None:
    assert desk.post(provider, post_of(provider, event)) == 400
    assert not Inbound.objects.exists()


@each("body", [b"", b"[", b"null", b"7", b'"x"', b"\xff", b'{"events": {}}', b'{"events": []}'])
def test_a_mangled_post_is_no_error_of_ours(body: bytes) -> None:
    for provider in ("mailtrap", "resend"):
        try:
            found = told(provider, Request("POST", "https://x/", {}, body))
        except Malformed:
            continue
        assert all(isinstance(one, Malformed) for one in found or [])


def test_a_subscription_of_the_inbound_topic_is_confirmed_by_an_errand(desk: Desk) -> None:
    url = "https://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn=x&Token=2f"
    asked = {"Type": "SubscriptionConfirmation", "SubscribeURL": url, "Token": "2f"}
    request = sns_signed({**sns_envelope("mail", b"You have chosen to subscribe"), **asked})
    assert desk.post("amazon_ses", Post(request.body, {}, "text/plain")) == 200
    pipeline.drain()
    assert Errand.objects.get().kind == "confirm"


@every_provider
def test_it_can_be_explained(provider: str) -> None:
    post = post_of(provider, EVENTS[provider]())
    item = {"provider": provider, "headers": dict(post.headers), "body": post.body.decode()}
    item["content_type"] = post.content_type
    explained = explain_mail_webhook(item)
    [event] = explained["events"]
    assert (explained["status"], event["kind"]) == (200, "letter")
    assert event["id"].endswith(notices.NAMES[provider])
    assert ANN in event["head"]["From"]
    if provider != "amazon_ses":
        assert explain_mail_webhook({**item, "secret": ESPS[provider].secret})["valid"] is True
        assert explain_mail_webhook({**item, "secret": "some:other"})["status"] == 403


def test_a_head_cannot_bring_in_a_field() -> None:
    head = MailNotice("1", head=(("Subject", "x\r\nFrom: eve@example.com"),)).as_head()
    assert head == b"Subject: x From: eve@example.com\r\n\r\n"
