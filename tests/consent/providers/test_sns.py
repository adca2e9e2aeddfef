"""Amazon SNS: whose certificate, which topic, and what a subscription asks for."""

import json

import pytest

from consent.intake.contract import Account, Forbidden, Malformed, Message, Needed, Request
from consent.intake.providers import sns
from tests.consent.providers.gateways import (
    CERTIFICATE_URL,
    NOW,
    TOPIC,
    certificate,
    documents,
    sns_envelope,
    sns_signed,
)
from tests.each import each

ACCOUNT = Account("sns", "acme", [TOPIC + "ours"], documents=documents())
CONFIRM = (
    "https://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn=arn:aws:sns:us-east-1:1:ours&Token=2f"
)


def account_with(url: str) -> Account:
    return Account("sns", "acme", [TOPIC + "ours"], documents={url: certificate()})


@pytest.mark.parametrize(
    "url",
    [
        CERTIFICATE_URL,
        "https://sns.eu-central-1.amazonaws.com/x.pem",
        "https://sns.cn-north-1.amazonaws.com.cn/SimpleNotificationService-1.pem",
        "https://sns.us-gov-west-1.amazonaws.com/SimpleNotificationService-1.pem",
    ],
)
def test_hosts_of_sns(url: str) -> None:
    request = sns_signed({**sns_envelope("ours", b"{}"), "SigningCertURL": url})
    sns.verify(request, account_with(url), NOW)


@each(
    "url",
    [
        "",
        "http://sns.us-east-1.amazonaws.com/x.pem",
        "https://sns.us-east-1.amazonaws.com.evil.example/x.pem",
        "https://evil.example/sns.us-east-1.amazonaws.com/x.pem",
        "https://sns.us-east-1.amazonaws.com@evil.example/x.pem",
        "https://evil.example#sns.us-east-1.amazonaws.com/x.pem",
        "https://sns.us-east-1.amazonaws.com:8443/x.pem",
        "https://sns.us-east-1.amazonaws.com/x.pem?y",
        "https://sns.us-east-1.amazonaws.com/x.txt",
        "https://sns.us-east-1.amazonaws.com/a/../x.pem",
        "https://sns.us-east-1.amazonaws.com/x.pem\n",
        "https://sns.us-east-1\n.amazonaws.com/x.pem",
        "https://s3.us-east-1.amazonaws.com/x.pem",
        "https://sns.x.amazonaws.com/x.pem",
        "https://xsns.us-east-1.amazonaws.com/x.pem",
        "https://sns.us-east-1.amazonaws.com/" + "a" * 5_000 + ".pem",
    ],
)
def test_other_hosts_are_refused_without_a_fetch(url: str) -> None:
    request = sns_signed({**sns_envelope("ours", b"{}"), "SigningCertURL": url})
    with pytest.raises(Forbidden) as refused:
        sns.verify(request, account_with(url), NOW)
    assert not isinstance(refused.value, Needed)


def test_a_certificate_that_is_not_there_is_asked_for() -> None:
    with pytest.raises(Needed) as needed:
        sns.verify(sns_signed(sns_envelope("ours", b"{}")), Account("sns", "acme", [TOPIC + "ours"]), NOW)
    assert needed.value.url == CERTIFICATE_URL


def test_nothing_is_asked_for_in_the_name_of_a_foreign_topic() -> None:
    with pytest.raises(Forbidden) as refused:
        sns.verify(sns_signed(sns_envelope("theirs", b"{}")), Account("sns", "acme", [TOPIC + "ours"]), NOW)
    assert not isinstance(refused.value, Needed)


@pytest.mark.parametrize("document", [b"", b"not a certificate", certificate(days=-1), certificate(days=365)[:200]])
def test_a_certificate_that_does_not_hold(document: bytes) -> None:
    account = Account("sns", "acme", [TOPIC + "ours"], documents={CERTIFICATE_URL: document})
    with pytest.raises(Forbidden):
        sns.verify(sns_signed(sns_envelope("ours", b"{}")), account, NOW)


@pytest.mark.parametrize(
    "change", [{"Subject": "x"}, {"Type": "Other"}, {"SignatureVersion": "3"}, {"Timestamp": "soon"}]
)
def test_what_was_changed_after_it_was_signed(change: dict[str, str]) -> None:
    request = sns_signed(sns_envelope("ours", b"{}"))
    fields = {**sns.envelope_of(request), **change}
    with pytest.raises(Forbidden):
        sns.verify(request_of(fields), ACCOUNT, NOW)


def request_of(fields: dict[str, str]) -> Request:
    return Request("POST", "https://sayso.example/in", {}, json.dumps(fields).encode())


def test_a_subject_is_signed() -> None:
    sns.verify(sns_signed({**sns_envelope("ours", b"{}"), "Subject": "Hello"}), ACCOUNT, NOW)


def confirmation(kind: str, url: str) -> dict[str, str]:
    return {**sns_envelope("ours", b"You have chosen to subscribe"), "Type": kind, "SubscribeURL": url, "Token": "2f"}


def test_a_subscription_gives_back_what_to_fetch() -> None:
    request = sns_signed(confirmation("SubscriptionConfirmation", CONFIRM), "1")
    sns.verify(request, ACCOUNT, NOW)
    [message] = sns.parse(request, ACCOUNT)
    assert (message.kind, message.event, message.confirm_url) == ("unknown", "SubscriptionConfirmation", CONFIRM)


def test_a_subscription_to_a_foreign_topic_is_refused() -> None:
    envelope = {**confirmation("SubscriptionConfirmation", CONFIRM), "TopicArn": TOPIC + "theirs"}
    with pytest.raises(Forbidden):
        sns.verify(sns_signed(envelope), ACCOUNT, NOW)


@pytest.mark.parametrize(
    "url",
    ["", "https://evil.example/", CONFIRM.replace("https", "http"), CONFIRM + "\n", CONFIRM.replace("Confirm", "Un")],
)
def test_a_subscription_elsewhere_is_not_given_back(url: str) -> None:
    with pytest.raises(Malformed):
        sns.parse(sns_signed(confirmation("SubscriptionConfirmation", url)), ACCOUNT)


def test_the_end_of_a_subscription_is_only_reported() -> None:
    request = sns_signed(confirmation("UnsubscribeConfirmation", CONFIRM))
    sns.verify(request, ACCOUNT, NOW)
    [message] = sns.parse(request, ACCOUNT)
    assert (message.event, message.confirm_url) == ("UnsubscribeConfirmation", "")


@pytest.mark.parametrize("inner", [b"plain text", b"[]", b'{"notificationType": "Bounce"}', b'{"a": 1, "a": 2}'])
def test_another_notification_is_unknown_and_not_lost(inner: bytes) -> None:
    request = sns_signed(sns_envelope("ours", inner))
    [message] = sns.parse(request, ACCOUNT)
    assert message == Message("unknown", "", "", "", message.external_id, NOW, event="Notification")
