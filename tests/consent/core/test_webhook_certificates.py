"""SNS at the door: its certificate is fetched, kept, and waited for with a 503 that SNS answers by coming again."""

import json
from collections.abc import Iterator

import httpx
import msgspec
import pytest
from django.test import Client
from time_machine import travel

from consent import certificates, configuration, pipeline, vault
from consent.certificates import Certificates, download
from consent.configuration import SECRETS_PURPOSE
from consent.intake.contract import Request
from consent.models import Inbound, ProviderAccount
from tests.consent.core.example import Organisation, ask, key_of
from tests.consent.providers.gateways import CERTIFICATE_URL, NOW, TOPIC, certificate, sns_envelope, sns_signed
from tests.each import each

pytestmark = pytest.mark.django_db
STOP = json.dumps(
    {
        "originationNumber": "+14155550142",
        "destinationNumber": "+15550100001",
        "messageBody": "STOP",
        "inboundMessageId": "m-1",
    }
).encode()


class Aws:
    """Stands where AWS does: at the far end of httpx."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.answer = httpx.Response(200, content=certificate())

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(str(request.url))
        headers = {"Location": self.answer.headers["Location"]} if "Location" in self.answer.headers else {}
        return httpx.Response(self.answer.status_code, headers=headers, stream=httpx.ByteStream(self.answer.content))

    def fetch(self, url: str) -> bytes:
        return download(url, httpx.Client(transport=httpx.MockTransport(self)))


@pytest.fixture
def aws(organisation: Organisation, monkeypatch: pytest.MonkeyPatch) -> Iterator[Aws]:
    sealed = vault.seal(SECRETS_PURPOSE, msgspec.json.encode([TOPIC + "ours"]))
    ProviderAccount.objects.create(
        controller=organisation.acme, provider="sns", endpoint="acme", sealed_secrets=sealed, region="US"
    )
    configuration._snapshot = None
    far = Aws()
    monkeypatch.setattr(certificates, "shared", Certificates(far.fetch))
    with travel(NOW, tick=False):
        yield far


def post(client: Client, request: Request) -> httpx.Response:
    answer = client.post("/webhooks/sms/sns/acme", data=request.body, content_type="text/plain; charset=UTF-8")
    return httpx.Response(answer.status_code, headers=dict(answer.items()), content=answer.content)


def stop(topic: str = "ours", **changed: str) -> Request:
    return sns_signed({**sns_envelope(topic, STOP), **changed})


def test_a_stop_is_obeyed_and_the_certificate_fetched_once(
    organisation: Organisation, client: Client, aws: Aws
) -> None:
    for _ in range(3):
        assert post(client, stop()).status_code == 200
    assert aws.asked == [CERTIFICATE_URL]
    pipeline.drain()
    assert Inbound.objects.count() == 1
    assert ask(organisation, "offers", [key_of("sms", "+14155550142")], "sms").reason == "opted_out"


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(500),
        httpx.Response(404),
        httpx.Response(302, headers={"Location": "https://evil.example/x.pem"}),
        httpx.Response(200, content=b"no certificate"),
        httpx.Response(200, content=b"x" * 70_000),
    ],
)
def test_without_a_certificate_sns_is_asked_to_come_again(client: Client, aws: Aws, answer: httpx.Response) -> None:
    aws.answer = answer
    refused = post(client, stop())
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "20")
    assert aws.asked == [CERTIFICATE_URL]
    assert not Inbound.objects.exists()


def test_a_forgery_under_a_real_certificate_is_refused(client: Client, aws: Aws) -> None:
    forged = stop()
    forged = msgspec.structs.replace(forged, body=forged.body.replace(b"+14155550142", b"+14155550143"))
    assert post(client, forged).status_code == 403
    assert not Inbound.objects.exists()


@each(
    "url",
    [
        "https://169.254.169.254/latest/meta-data/x.pem",
        "https://localhost/x.pem",
        "https://sns.us-east-1.amazonaws.com.evil.example/x.pem",
        "https://sns.us-east-1.amazonaws.com@evil.example/x.pem",
        "https://sns.us-east-1.amazonaws.com:22/x.pem",
        "https://sns.us-east-1.amazonaws.com\\@evil.example/x.pem",
        "https://evil.example/?https://sns.us-east-1.amazonaws.com/x.pem",
        "http://sns.us-east-1.amazonaws.com/x.pem",
        "gopher://sns.us-east-1.amazonaws.com/x.pem",
        "https://bucket.s3.amazonaws.com/x.pem",
        "https://sns.us-east-1.amazonaws.com/x.pem#",
        "https://sns。us-east-1。amazonaws。com/x.pem",
        "",
    ],
)
def test_a_certificate_elsewhere_is_never_fetched(client: Client, aws: Aws, url: str) -> None:
    assert post(client, stop(SigningCertURL=url)).status_code == 403
    assert aws.asked == []


@pytest.mark.parametrize(
    "changed",
    [{"TopicArn": TOPIC + "theirs"}, {"Timestamp": "2026-01-31T06:00:00.000Z"}, {"Timestamp": "soon"}, {"Type": "X"}],
)
def test_nothing_is_fetched_for_what_would_be_refused_anyway(client: Client, aws: Aws, changed: dict[str, str]) -> None:
    assert post(client, stop(**changed)).status_code == 403
    assert aws.asked == []
    assert not Inbound.objects.exists()


def test_a_storm_of_forgeries_makes_few_fetches_and_costs_no_genuine_message(client: Client, aws: Aws) -> None:
    assert post(client, stop()).status_code == 200
    aws.answer = httpx.Response(403)
    for number in range(40):
        url = CERTIFICATE_URL.replace("0123", f"{number:04}")
        assert post(client, stop(SigningCertURL=url)).status_code == 503
    assert len(aws.asked) <= certificates.FETCHES_A_MINUTE
    assert post(client, stop(MessageId="5b1a0f2e-0000-5000-8000-000000000002")).status_code == 200
