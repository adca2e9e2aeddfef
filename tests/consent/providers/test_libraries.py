"""The gateways' own libraries beside our adapters: what they sign we believe, what they believe we believe.

Those of Twilio, Plivo and MessageBird sign in `gateways.py` and in tests of their own. Those of Telnyx and Sinch only
judge: what they accept and refuse, so must we. AWS has none that signs for SNS; OpenSSL's command judges what we do.
"""

import json
import subprocess
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

import msgspec
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st
from time_machine import travel
from vonage_http_client.auth import Auth
from vonage_jwt.verify_jwt import verify_signature

from consent.intake.contract import Account, Forbidden, Request
from consent.intake.providers import proof, sns
from consent.intake.registry import PROVIDERS
from tests.alone import load
from tests.consent.providers.gateways import (
    FORM,
    GATEWAYS,
    NOW,
    ORIGIN,
    SECONDS,
    certificate,
    post,
    sns_envelope,
    sns_signed,
    telnyx_public,
)

TELNYX = load("telnyx.lib.webhook_verification")
SECRET, OTHER = "the secret of a library, 0123456789", "another secret, 0123456789 0123456789"
NAME = st.text("abcXYZ-", min_size=1, max_size=5).filter(lambda name: name not in ("sig", "timestamp"))
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)


def believed(request: Request, account: Account) -> bool:
    try:
        PROVIDERS[account.provider].verify(request, account, NOW)
    except Forbidden:
        return False
    return True


# --- Vonage signs ---


@pytest.mark.parametrize("method", ["md5", "sha1", "sha256", "sha512"])
@settings(max_examples=40, deadline=None)
@given(fields=st.dictionaries(NAME, TEXT, max_size=4))
def test_what_vonages_library_signs(method: str, fields: dict[str, str]) -> None:
    fields = {**fields, "timestamp": SECONDS}
    signer = Auth(api_key="key", signature_secret=SECRET, signature_method=method)
    signed = {**fields, "sig": signer.sign_params(dict(fields)).upper()}
    account = Account("vonage", "acme", [SECRET], {"algorithm": method})
    requests = [
        post(urlencode(signed).encode(), {}, FORM),
        post(json.dumps(signed).encode(), {}),
        Request("GET", f"{ORIGIN}/in?{urlencode(signed)}", {}, b""),
    ]
    assert [believed(request, account) for request in requests] == [True, True, True]
    assert not believed(requests[0], msgspec.structs.replace(account, secrets=[OTHER]))


def test_vonages_library_believes_our_forms_and_tokens() -> None:
    signed = dict(
        part.split("=") for part in GATEWAYS["vonage-form"].sign(SECRET, b"msisdn=1&to=2").body.decode().split("&")
    )
    assert Auth(api_key="key", signature_secret=SECRET, signature_method="sha256").check_signature(signed)
    with travel(NOW, tick=False):
        token = GATEWAYS["vonage-token"].sign(SECRET, b"{}").headers["authorization"].removeprefix("Bearer ")
        assert verify_signature(token, SECRET)
        assert not verify_signature(token, OTHER)


# --- Telnyx and Sinch judge ---


def telnyx_believes(request: Request, secret: str) -> bool:
    try:
        TELNYX.verify_webhook_signature(request.body.decode(), dict(request.headers), telnyx_public(secret))
    except TELNYX.WebhookVerificationError:
        return False
    return True


def sinch_believes(request: Request, secret: str) -> bool:
    # Here, and not above: it takes a second to import, in each process that shares the tests.
    from sinch.domains.sms.sinch_events.v1.sms_sinch_event import SmsSinchEvent

    return bool(SmsSinchEvent(secret).validate_authentication_header(dict(request.headers), request.body))


JUDGES = {"telnyx": telnyx_believes, "sinch": sinch_believes}


@pytest.mark.parametrize("name", JUDGES)
def test_we_judge_as_the_gateways_own_library(name: str) -> None:
    gateway, judge = GATEWAYS[name], JUDGES[name]
    good = gateway.sign(SECRET, gateway.stop)
    changed = msgspec.structs.replace(good, body=good.body.replace(b"STOP", b"STAY"))
    bare = msgspec.structs.replace(good, headers={"content-type": "application/json"})
    cases = [(good, SECRET), (good, OTHER), (changed, SECRET), (bare, SECRET)]
    with travel(NOW, tick=False):
        theirs = [judge(request, secret) for request, secret in cases]
    assert theirs == [True, False, False, False]
    assert [believed(request, gateway.account(secret)) for request, secret in cases] == theirs


def test_telnyx_refuses_what_is_old_as_we_do() -> None:
    request = GATEWAYS["telnyx"].sign(SECRET, b"{}")
    for seconds in (-301, -299, 0, 299, 301):
        with travel(NOW + timedelta(seconds=seconds), tick=False):
            theirs = telnyx_believes(request, SECRET)
        ours = True
        try:
            PROVIDERS["telnyx"].verify(request, GATEWAYS["telnyx"].account(SECRET), NOW + timedelta(seconds=seconds))
        except Forbidden:
            ours = False
        assert ours is theirs


# --- SNS: OpenSSL judges ---

ORDER = {  # https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html, written out by hand
    "Notification": "Message\n{Message}\nMessageId\n{MessageId}\nSubject\n{Subject}\nTimestamp\n{Timestamp}\n"
    "TopicArn\n{TopicArn}\nType\n{Type}\n",
    "SubscriptionConfirmation": "Message\n{Message}\nMessageId\n{MessageId}\nSubscribeURL\n{SubscribeURL}\n"
    "Timestamp\n{Timestamp}\nToken\n{Token}\nTopicArn\n{TopicArn}\nType\n{Type}\n",
}


@pytest.mark.parametrize("kind", ORDER)
@pytest.mark.parametrize(("version", "digest"), [("1", "-sha1"), ("2", "-sha256")])
def test_openssl_believes_what_we_believe(tmp_path: Path, kind: str, version: str, digest: str) -> None:
    envelope = {
        **sns_envelope("ours", "É\n{}".encode()),
        "Type": kind,
        "Subject": "S",
        "SubscribeURL": "U",
        "Token": "T",
    }
    if kind == "SubscriptionConfirmation":
        del envelope["Subject"]
    else:
        del envelope["SubscribeURL"], envelope["Token"]
    request = sns_signed(envelope, version)
    account = GATEWAYS["sns-v2"].account("ours")
    assert believed(request, account)
    content = ORDER[kind].format(**envelope).encode()
    assert sns.signed_content(sns.envelope_of(request)) == content
    key = x509.load_pem_x509_certificate(certificate()).public_key()
    (tmp_path / "key").write_bytes(key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    (tmp_path / "signature").write_bytes(proof.from_base64(json.loads(request.body)["Signature"]))
    (tmp_path / "content").write_bytes(content)
    arguments = ["openssl", "dgst", digest, "-verify", "key", "-signature", "signature", "content"]
    done = subprocess.run(arguments, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=20)
    assert done.stdout == "Verified OK\n"
