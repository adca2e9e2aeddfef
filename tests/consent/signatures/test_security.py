"""One suite of security for every gateway and mail provider, and every way in which they prove their posts."""

from datetime import timedelta

import msgspec
import pytest

from consent.intake.contract import Forbidden, Request
from consent.intake.mail_signatures.registry import SCHEMES
from consent.intake.registry import PROVIDERS
from tests.consent.mail_signatures.senders import SENDERS
from tests.consent.providers.gateways import GATEWAYS, NOW, Gateway
from tests.consent.signatures.proofs import (
    CONTENT_TYPES,
    EVERY,
    MANGLED,
    OTHER,
    SECRET,
    believed,
    content_of,
    those,
    verify,
    with_content,
    with_headers,
)

CHANGES = ((b"STOP", b"STOQ"), (b"%53%54%4f%50", b"%53%54%4f%51"))
TAILS = (b"&x=1", b"\x80\0\0", b"}")
BLANK_TAILS = (b" ", b"\n")
NO_PROOFS = (
    None, "", " ", "x", "=", "Basic ", "Bearer ", "Bearer a.b.c", "a.b", "v1,", "v1a,", "t=,v1=", "t=x", "é", "\0",
    "," * 99,
)  # fmt: skip
NO_KEYS = ("x", "====", "é", "-----BEGIN PUBLIC KEY-----", "whsec_", "whsec_é", "whpk_", "whpk_x")


def test_every_provider_is_here_and_none_is_both() -> None:
    assert {gateway.provider for gateway in GATEWAYS.values()} == set(PROVIDERS)
    assert {sender.provider for sender in SENDERS.values()} == set(SCHEMES)
    assert not SCHEMES.keys() & PROVIDERS.keys()
    assert not SENDERS.keys() & GATEWAYS.keys()


@EVERY
def test_what_is_signed_is_believed(signer: Gateway) -> None:
    verify(signer, signer.sign(SECRET, signer.stop), SECRET)


@those(covers_body=True)
def test_changed_content_is_refused(signer: Gateway) -> None:
    request = signer.sign(SECRET, signer.stop)
    changed = content_of(request)
    for old, new in CHANGES:
        changed = changed.replace(old, new)
    assert changed != content_of(request)
    assert not believed(signer, with_content(request, changed), SECRET)


@those(covers_body=True)
def test_lengthened_and_shortened_content_is_refused(signer: Gateway) -> None:
    request = signer.sign(SECRET, signer.stop)
    content = content_of(request)
    # Where fields are signed, white space between them is no change.
    tails = (
        TAILS if signer.provider in ("amazon-ses", "plivo", "sns") or request.method == "GET" else TAILS + BLANK_TAILS
    )
    others = [content + tail for tail in tails] + [content[:-1]]
    assert [other for other in others if believed(signer, with_content(request, other), SECRET)] == []


@those(covers_body=True)
def test_a_query_signed_for_a_get_proves_no_post_with_other_fields(signer: Gateway) -> None:
    request = signer.sign(SECRET, signer.stop)
    if request.method != "GET":
        return
    for content_type in ("application/x-www-form-urlencoded", "application/json"):
        headers = {**request.headers, "content-type": content_type}
        posted = msgspec.structs.replace(request, method="POST", headers=headers, body=signer.stop + b"&x=1")
        assert not believed(signer, posted, SECRET)


@those(proof=True)
def test_a_missing_or_mangled_proof_is_refused(signer: Gateway) -> None:
    request = signer.sign(SECRET, signer.stop)
    for value in NO_PROOFS:
        headers = {name: text for name, text in request.headers.items() if name != signer.proof}
        if value is not None:
            headers[signer.proof] = value
        elif signer.proof == "x-postal-signature-256":
            del headers["x-postal-signature"]
        assert not believed(signer, msgspec.structs.replace(request, headers=headers), SECRET), value


@EVERY
def test_without_any_header_nothing_is_believed(signer: Gateway) -> None:
    assert not believed(signer, Request("POST", "https://sayso.example/in", {}, signer.stop), SECRET)


@EVERY
def test_secrets(signer: Gateway) -> None:
    request = signer.sign(SECRET, signer.stop)
    assert not believed(signer, request, OTHER)
    assert believed(signer, request, OTHER, SECRET), "while it is rotated, either secret holds"
    assert not believed(signer, request), "no secret believes nothing"
    assert not believed(signer, request, "", OTHER)


@EVERY
def test_an_empty_secret_proves_nothing(signer: Gateway) -> None:
    assert not believed(signer, signer.sign("", signer.stop), "")


@EVERY
def test_a_key_that_cannot_be_read_proves_nothing(signer: Gateway) -> None:
    request = signer.sign("", signer.stop)
    prover = PROVIDERS.get(signer.provider) or SCHEMES[signer.provider]
    for key in NO_KEYS:
        with pytest.raises(Forbidden):
            prover.verify(request, msgspec.structs.replace(signer.account(), secrets=[key]), NOW)


@those(lasts=True)
def test_a_replay_is_refused(signer: Gateway) -> None:
    request, second = signer.sign(SECRET, signer.stop), timedelta(seconds=1)
    assert believed(signer, request, SECRET, after=signer.lasts - second)
    assert not believed(signer, request, SECRET, after=signer.lasts + 2 * second)
    assert not believed(signer, request, SECRET, after=-timedelta(seconds=302))


@EVERY
def test_a_mangled_body_is_refused_but_never_crashes(signer: Gateway) -> None:
    genuine = signer.sign(SECRET, signer.stop)
    for name, body in MANGLED.items():
        for content_type in CONTENT_TYPES:
            request = with_headers(with_content(genuine, body), **{"content-type": content_type})
            assert not (signer.covers_body and believed(signer, request, SECRET)), name
