"""What is peculiar to one way of signing, and vectors that providers publish."""

import hashlib
from typing import Any

import pytest

from consent.intake.contract import Account, Forbidden, Request
from consent.intake.mail_signatures.registry import SCHEMES
from consent.intake.webhook_explain import explain_webhook
from tests.consent.mail_signatures.senders import (
    SENDERS,
    curve_public,
    mailgun_fields,
    mailgun_form,
    mailgun_multipart,
    mandrill,
    postal,
    rsa_public,
    standard_webhooks,
    unisender_go,
    whsec,
)
from tests.consent.providers.gateways import FORM, NOW, SECONDS, TOPIC, certificate, mac, post, telnyx_public
from tests.consent.signatures.proofs import SECRET, believed, with_content, with_headers
from tests.each import each

SVIX = {  # https://docs.svix.com/receiving/verifying-payloads/how-manual
    "provider": "svix",
    "secret": "whsec_plJ3nmyCDGBKInavdOK15jsl",
    "body": '{"event_type":"ping","data":{"success":true}}',
    "headers": {
        "svix-id": "msg_loFOjxBNrRLzqYUf",
        "svix-timestamp": "1731705121",
        "svix-signature": "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=",
    },
}
SENDGRID = {  # sendgrid-go, helpers/eventwebhook/eventwebhook_test.go (MIT)
    "provider": "sendgrid",
    "public_key": "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEEDr2LjtURuePQzplybdC+u4CwrqDqBaWjcMMsTbhdbcwHBcepxo7yAQGhHPTnlv"
    "FYPAZFceEu/1FwCM/QmGUhA==",
    "body": '{"category":"example_payload","event":"test_event","message_id":"message_id"}',
    "headers": {
        "X-Twilio-Email-Event-Webhook-Signature": "MEUCIQCtIHJeH93Y+qpYeWrySphQgpNGNr/U+UyUlBkU6n7RAwIgJTz2C+8a8xonZG"
        "i6BpSzoQsbVRamr2nlxFDWYNH2j/0=",
        "X-Twilio-Email-Event-Webhook-Timestamp": "1588788367",
    },
}
UNISENDER = {  # django-anymail, tests/test_unisender_go_webhooks.py (BSD)
    "provider": "unisender_go",
    "secret": "api_key",
    "body": '{"auth":"8c64386327f53722434f44021a7a0d40","key":"value"}',
}


@pytest.mark.parametrize("vector", [SVIX, SENDGRID, UNISENDER], ids=lambda vector: str(vector["provider"]))
def test_a_published_vector(vector: dict[str, Any]) -> None:
    assert explain_webhook(vector) == {"valid": True, "status": 200, "events": []}
    changed = explain_webhook({**vector, "body": vector["body"].replace("e", "E", 1)})
    assert (changed["valid"], changed["status"], changed["events"]) == (False, 403, [])


@each("name", SENDERS)
def test_explained_as_of_the_moment_that_it_names(name: str) -> None:
    sender = SENDERS[name]
    request = sender.sign(SECRET, sender.stop)
    public = {"postal": rsa_public, "sendgrid": curve_public, "mailpace": telnyx_public}.get(sender.provider)
    item = {
        "provider": sender.provider.replace("-", "_"),
        "secret": None if public else sender.configured(SECRET),
        "public_key": public(SECRET) if public else None,
        "topics": [TOPIC + SECRET],
        "certificate_pem": certificate().decode(),
        "url": request.url,
        "headers": dict(request.headers),
        "body": request.body.decode(),
        "options": dict(sender.options),
    }
    explained = explain_webhook(item)
    assert explained == {"valid": True, "status": 200, "events": []}
    later = explain_webhook({**item, "now": int(NOW.timestamp()) + 7 * 86_400})
    assert later["valid"] is not bool(sender.lasts)


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ("mailgun_inbound", "mailgun"),
        ("Mandrill-Tracking", "mandrill"),
        ("sendinblue", "brevo"),
        ("ses_inbound", "amazon-ses"),
        ("mailpace_inbound", "mailpace-inbound"),
    ],
)
def test_other_names(given: str, named: str) -> None:
    sender = SENDERS[named]
    request = sender.sign(SECRET, sender.stop)
    item = {"secret": SECRET, "url": request.url, "headers": dict(request.headers), "body": request.body.decode()}
    item["certificate_pem"] = certificate().decode()
    assert explain_webhook({"provider": given, **item})["valid"]


def test_without_a_secret_nothing_is_valid() -> None:
    explained = explain_webhook({**UNISENDER, "secret": None})
    assert (explained["valid"], explained["reason"]) == (False, "no secret is configured")


def test_a_form_given_as_fields() -> None:
    item = {"provider": "mailgun", "secret": SECRET, "params": {"event": "unsubscribed", **mailgun_fields(SECRET)}}
    assert explain_webhook(item)["valid"]
    raw = "&".join(f"{name}={value}" for name, value in mailgun_fields(SECRET).items())
    assert explain_webhook({"provider": "mailgun", "secret": SECRET, "body": raw})["valid"]


@pytest.mark.parametrize("padding", ["", "=", "=="])
def test_a_secret_of_standard_webhooks_needs_no_padding(padding: str) -> None:
    secret = SECRET + "x" * len(padding)
    request = standard_webhooks(secret, b"{}")
    account = Account("resend", "acme", [whsec(secret).rstrip("=")])
    SCHEMES["resend"].verify(request, account, NOW)


@pytest.mark.parametrize("missing", ["webhook-id", "webhook-timestamp"])
def test_each_header_of_standard_webhooks_is_needed(missing: str) -> None:
    request = with_headers(standard_webhooks(SECRET, b"{}"), **{missing: ""})
    assert not believed(SENDERS["standard-webhooks"], request, SECRET)


@pytest.mark.parametrize("version", ["v2", "v1a", "", "V1"])
def test_a_right_digest_under_another_version_proves_nothing(version: str) -> None:
    request = standard_webhooks(SECRET, b"{}")
    code = request.headers["webhook-signature"].rpartition(",")[2]
    assert believed(SENDERS["svix"], with_headers(request, **{"webhook-signature": f"v1,{code}"}), SECRET)
    for given in (f"{version},{code}", code):
        changed = with_headers(request, **{"webhook-signature": given})
        assert not believed(SENDERS["standard-webhooks"], changed, SECRET)


def test_only_so_many_signatures_are_tried() -> None:
    request = standard_webhooks(SECRET, b"{}")
    right = request.headers["webhook-signature"]
    request = with_headers(request, **{"webhook-signature": "v1,x " * 16 + right})
    assert not believed(SENDERS["standard-webhooks"], request, SECRET)


def test_mandrill_signs_the_url_as_configured() -> None:
    request = mandrill(SECRET, b"[]")
    called = Request("POST", "https://sayso.example/in", request.headers, request.body)
    account = Account("mandrill", "acme", [SECRET], {"url": request.url})
    SCHEMES["mandrill"].verify(called, account, NOW)
    assert not believed(SENDERS["mandrill"], called, SECRET)
    assert not believed(SENDERS["mandrill"], with_headers(request, **{"content-type": "application/json"}), SECRET)


def test_a_thousand_events_of_mandrill_are_one_post() -> None:
    assert believed(SENDERS["mandrill"], mandrill(SECRET, b"[" + b" " * 1_000_000 + b"]"), SECRET)


def test_mailgun_reads_its_fields_beside_a_long_mail() -> None:
    request = mailgun_form(SECRET, b"a" * 1_000_000)
    assert believed(SENDERS["mailgun"], request, SECRET)
    assert not believed(SENDERS["mailgun"], with_content(request, request.body + b"&token=" + b"0" * 50), SECRET)


def test_postal_with_both_signatures_must_prove_the_better_one() -> None:
    request = postal(SECRET, b"{}")
    worse = with_headers(request, **{"x-postal-signature-256": request.headers["x-postal-signature"]})
    assert not believed(SENDERS["postal"], worse, SECRET)


def test_a_key_of_another_kind_proves_nothing() -> None:
    for name, key in (("postal", curve_public(SECRET)), ("sendgrid", rsa_public(SECRET))):
        account = Account(name, "acme", [key])
        with pytest.raises(Forbidden):
            SCHEMES[name].verify(SENDERS[name].sign(SECRET, b"{}"), account, NOW)


def test_unisender_with_its_digest_in_escapes_is_refused() -> None:
    body = b'{"auth":"\\u0030%s"}' % (b"a" * 31)
    with pytest.raises(Forbidden, match="not written as a digest"):
        SCHEMES["unisender-go"].verify(post(body, {}), Account("unisender-go", "acme", [SECRET]), NOW)


@pytest.mark.parametrize("tail", [b"\x80" + b"\0" * 20 + b',"text":"more"}', b"[]", b"\0"])
def test_unisender_with_text_behind_its_object_is_refused(tail: bytes) -> None:
    """The digest is right, as that of a lengthened text can be made without the key."""
    content = b'{"auth":"%s","text":"STOP"}' + tail
    digest = hashlib.md5(content % SECRET.encode()).hexdigest()
    assert not believed(SENDERS["unisender-go"], post(content % digest.encode(), {}), SECRET)
    right = content.removesuffix(tail)
    digest = hashlib.md5(right % SECRET.encode()).hexdigest()
    assert believed(SENDERS["unisender-go"], post(right % digest.encode(), {}), SECRET)


def test_unisender_keeps_to_the_first_place_of_its_digest() -> None:
    request = unisender_go(SECRET, b"")
    twice = request.body.replace(b"STOP", request.body[9:41])
    assert not believed(SENDERS["unisender-go"], with_content(request, twice), SECRET)


@pytest.mark.parametrize(
    "change",
    [
        (b'boundary="b-1"', b"x"),
        (b'name="token"', b'filename="token"'),
        (b'name="timestamp"', b'name="timestamps"'),
        (b"\r\n\r\n", b"\n\n"),
        (b'name="token"\r\n\r\n', b'name="token"\r\n\r\n' + b"0" * 200),
    ],
)
def test_mailgun_multipart_that_lacks_a_field(change: tuple[bytes, bytes]) -> None:
    request = mailgun_multipart(SECRET, b"x")
    kind = request.headers["content-type"].encode().replace(*change).decode()
    changed = with_headers(with_content(request, request.body.replace(*change)), **{"content-type": kind})
    assert changed != request
    assert not believed(SENDERS["mailgun"], changed, SECRET)


def test_mailgun_reads_its_fields_behind_a_long_attachment() -> None:
    assert believed(SENDERS["mailgun"], mailgun_multipart(SECRET, b"a" * 3_000_000 + b"\r\n--b-2\r\n"), SECRET)


@each("timestamp", ["", "-1", "1e9", "9" * 12, "soon", "\u0661"])
def test_mailgun_with_a_moment_that_is_none(timestamp: str) -> None:
    fields = {**mailgun_fields(SECRET), "timestamp": timestamp}
    fields["signature"] = mac(SECRET, (timestamp + fields["token"]).encode()).hex()
    params = {"provider": "mailgun", "secret": SECRET, "params": fields, "headers": {"Content-Type": FORM}}
    assert not explain_webhook(params)["valid"]
    assert explain_webhook({**params, "params": mailgun_fields(SECRET), "now": SECONDS})["valid"]
