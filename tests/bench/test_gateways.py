"""What the bench posts is what the adapters take: a figure made of refusals would mean nothing."""

from datetime import UTC, datetime

import pytest

from bench import classify, gateways, sns
from consent.classify.text_normal import LIMIT
from consent.intake.contract import Account, Forbidden, Request
from consent.intake.registry import PROVIDERS
from tests.each import each

URL = "https://sayso.example/webhooks/sms/any/acme"
SECRET = "user:secret"


def posted(provider: str) -> Request:
    post = gateways.SIGNERS[provider](URL, SECRET, "+14158675309")
    return Request("POST", URL, {name.lower(): value for name, value in post.headers.items()}, post.body)


def account(provider: str, secret: str = SECRET) -> Account:
    return Account(provider, "acme", [gateways.configured(provider, secret)])


@each("provider", gateways.SIGNERS)
def test_a_post_is_accepted_and_read(provider: str) -> None:
    PROVIDERS[provider].verify(posted(provider), account(provider), datetime.now(UTC))
    (message,) = PROVIDERS[provider].parse(posted(provider), account(provider))
    assert (message.kind, message.text, message.sender.lstrip("+")) == ("message", "STOP", "14158675309")


@each("provider", gateways.SIGNERS)
def test_a_post_proves_itself_by_the_secret(provider: str) -> None:
    with pytest.raises(Forbidden):
        PROVIDERS[provider].verify(posted(provider), account(provider, "user:other"), datetime.now(UTC))


def test_a_notification_of_sns_is_accepted_and_read() -> None:
    now = datetime.now(UTC)
    request, owner = sns.notification(now)
    PROVIDERS["sns"].verify(request, owner, now)
    assert [message.text for message in PROVIDERS["sns"].parse(request, owner)] == ["STOP"]


def test_every_gateway_is_measured() -> None:
    assert {*gateways.SIGNERS, "twilio", "sns"} == set(PROVIDERS)


def test_the_mix_is_half_keywords_and_half_sentences() -> None:
    texts = classify.mix()
    assert len(texts) == 4_000
    assert texts[0] == "STOP"
    assert max(map(len, texts)) < LIMIT


@each("name", classify.WORST)
def test_a_hostile_text_has_its_size(name: str) -> None:
    assert len(classify.hostile(name, 5_000)) == 5_000
