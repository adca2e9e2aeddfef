"""Signatures that the gateways publish in the tests of their own libraries (MIT), asked about as a person would.

Sources: twilio-node spec/validation.spec.js, twilio-ruby spec/security/request_validator_spec.rb, plivo-go
utils_test.go, vonage-php-sdk-core test/Client/SignatureTest.php.
"""

import hashlib
from typing import Any

from consent.intake.webhook_explain import explain_webhook
from tests.each import each

CALL = {
    "CallSid": "CA1234567890ABCDE",
    "Caller": "+14158675309",
    "Digits": "1234",
    "From": "+14158675309",
    "To": "+18005551212",
}
REST = "/myapp.php?foo=1&bar=2"
JSON_BODY = '{"property": "value", "boolean": true}'
DIGEST = "0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620"


def twilio(url: str, signature: str, **more: Any) -> dict[str, Any]:
    content = more or {"params": CALL}
    return {
        "provider": "twilio",
        "secret": "12345",
        "url": url,
        "headers": {"X-Twilio-Signature": signature},
        **content,
    }


def plivo(method: str, url: str, headers: dict[str, str], params: dict[str, str] | None, secret: str) -> dict[str, Any]:
    return {"provider": "plivo", "secret": secret, "method": method, "url": url, "headers": headers, "params": params}


def vonage(algorithm: str, signature: str, secret: str, **params: str) -> dict[str, Any]:
    return {"provider": "vonage", "secret": secret, "algorithm": algorithm, "params": params, "sig": signature}


SENT = {"api_key": "fake_api_key", "to": "14155550100", "from": "AcmeInc", "text": "Test From Nexmo", "type": "text"}
SENT["timestamp"] = "1540924779"
SENT_SECRET = "71efab63122f1d179f51c46bac838fb5"
CAME = {
    "message-timestamp": "2017-04-04 22:57:47",
    "messageId": "0B00000042AC53BD",
    "msisdn": "14843472194",
    "nonce": "929d6744-bd28-42c8-b6cf-31d5b4f43732",
    "keyword": "TEST",
    "text": "Test with & and =",
    "timestamp": "1491346667",
    "to": "12192259404",
    "type": "text",
}
RECORDED = {"CallUUID": "97ceeb52-58b6-11e1-86da-77300b68f8bb", "Duration": "300"}

GOOD: dict[str, dict[str, Any]] = {
    "twilio: https, a port that was not signed": twilio(
        f"https://mycompany.com:1234{REST}", "RSOYDt4T1cUTdK1PDd93/VVr8B8="
    ),
    "twilio: http, a port that was signed": twilio(f"http://mycompany.com:1234{REST}", "Zmvh+3yNM1Phv2jhDCwEM3q5ebU="),
    "twilio: user and password": twilio(f"https://user:pass@mycompany.com{REST}", "CukzLTc1tT5dXEDIHm/tKBanW10="),
    "twilio: user alone": twilio(f"https://user@mycompany.com{REST}", "2YRLlVAflCqxaNicjMpJcSTgzSs="),
    "twilio: user and password, signed with a port": twilio(
        f"https://user:pass@mycompany.com{REST}", "ZQFR1PTIZXF2MXB8ZnKCvnnA+rI="
    ),
    "twilio: an apostrophe in the query": twilio(
        f"https://mycompany.com{REST}&Body=It's+amazing", "dsq4Ehbj6cs+KdTkpF5sSSplOWw="
    ),
    "twilio: nothing but the body's digest in the query": twilio(
        f"https://mycompany.com/myapp.php?bodySHA256={DIGEST}", "y77kIzt2vzLz71DgmJGsen2scGs=", body=JSON_BODY
    ),
    "plivo: v1, a space in a value": plivo(
        "POST",
        "http://foo.com/answer/",
        {"X-Plivo-Signature": "n3Xfo4u+vRFyl3gsH8B0qDUIK5g="},
        {"a": "1 2"},
        "MAXXXXXXXXXXXXXXXXXX",
    ),
    "vonage: & and = in a text": vonage(
        "md5hash", "e06d9763e3fd0b9c31beb5fc2fcb011c", "my_secret_key_for_testing", **CAME
    ),
    "vonage: md5": vonage("md5", "51CDAFEBB4BBCE9525B195C1617CB8D2", SENT_SECRET, **SENT),
    "vonage: sha1": vonage("sha1", "0162AEC64BC183B2E1256545951FE5639DC98020", SENT_SECRET, **SENT),
    "vonage: sha256": vonage(
        "sha256", "9FEC5EF6D0F2B3D2BB7558B6E4042569823CAB9EA0DD30503472B7B304601975", SENT_SECRET, **SENT
    ),
    "vonage: sha512": vonage(
        "sha512",
        "40BD12B9A4B6000AD1138EEFD24FFE9FBD72AEE13C3FA04B32BB69DBC256AD0A"
        "04A463B1A9AF6660D10F6E1E769EE14B9CFF6A635502E93AFCD0BFAB29F38F87",
        SENT_SECRET,
        **SENT,
    ),
}
BAD: dict[str, dict[str, Any]] = {
    "twilio: a longer query": twilio(
        f"https://mycompany.com{REST}&somethingUnexpected=true", "RSOYDt4T1cUTdK1PDd93/VVr8B8="
    ),
    "twilio: a shortened digest of the body": twilio(
        f"https://mycompany.com{REST}&bodySHA256={DIGEST[:-1]}", "a9nBmqA0ju/hNViExpshrM61xv4=", body=JSON_BODY
    ),
    "twilio: no signature": twilio(f"https://mycompany.com{REST}", ""),
    "plivo: v1, another form": plivo(
        "POST",
        "http://foo.com/answer/",
        {"X-Plivo-Signature": "EJEt0ELanhr8hjMPIJnLNLex0dE="},
        {**RECORDED, "CallUUID": "97ceeb52-58b6-11e1-86da-77300b6b8f8bb"},
        "MAXXXXXXXXXXXXXXXXXX",
    ),
    "plivo: v3, not base64": plivo(
        "GET",
        "https://answer.url",
        {
            "X-Plivo-Signature-V3": "rXj4UwTSVxH6Kj+W0qX8LaCvVOOvmzPGzY8sQVn3d1I+",
            "X-Plivo-Signature-V3-Nonce": "12345",
        },
        RECORDED,
        "my_auth_token",
    ),
    "vonage: another secret": vonage("md5", "51CDAFEBB4BBCE9525B195C1617CB8D2", SENT_SECRET[1:], **SENT),
}


@each("item", GOOD.values())
def test_what_they_sign_is_valid(item: dict[str, Any]) -> None:
    assert explain_webhook(item)["valid"]


@each("item", BAD.values())
def test_what_they_refuse_is_not(item: dict[str, Any]) -> None:
    explained = explain_webhook(item)
    assert (explained["valid"], explained["status"]) == (False, 403)


def test_a_question_about_an_empty_secret_has_an_answer() -> None:
    """An account has none: it is refused when it is configured, and proves nothing when it is used."""
    fields = {"text": "STOP", "timestamp": "1385055102"}
    signature = hashlib.md5(b"&text=STOP&timestamp=1385055102").hexdigest()
    assert explain_webhook(vonage("md5hash", signature, "", **fields))["valid"]
    assert not explain_webhook(vonage("md5hash", signature, "x", **fields))["valid"]
    assert not explain_webhook({**vonage("md5hash", signature, "", **fields), "secret": None})["valid"]
