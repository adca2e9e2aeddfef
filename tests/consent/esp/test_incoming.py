"""How a provider is asked for a letter, and where it may send us on."""

import pytest

from consent.collecting import Collecting, _is_theirs
from consent.incoming import amazon_ses, mailtrap, resend
from consent.incoming.contract import Holder
from consent.intake.mail_notice import MailNotice
from consent.outgoing.contract import Access
from tests.each import each

KEYS = {"access_key_id": "AKIDEXAMPLE", "secret_access_key": "secret", "session_token": "temporary"}


def s3_url(bucket: str, key: str, region: str = "eu-west-1", api_url: str = "") -> str:
    url = api_url or amazon_ses.API_URL.format(region=region)
    return amazon_ses.call(MailNotice(key, bucket), Access({**KEYS, "region": region}, url)).url


@pytest.mark.parametrize(
    ("made", "url"),
    [
        (s3_url("our-mail", "in/o1"), "https://our-mail.s3.eu-west-1.amazonaws.com/in/o1"),
        (s3_url("our.mail", "in/o1"), "https://s3.eu-west-1.amazonaws.com/our.mail/in/o1"),
        (s3_url("our-mail", "o1", "cn-north-1"), "https://our-mail.s3.cn-north-1.amazonaws.com.cn/o1"),
        (s3_url("our-mail", "a b+ü?#%/1"), "https://our-mail.s3.eu-west-1.amazonaws.com/a%20b%2B%C3%BC%3F%23%25/1"),
        (s3_url("our-mail", "o1", api_url="http://127.0.0.1:9"), "http://127.0.0.1:9/our-mail/o1"),
    ],
)
def test_an_object_is_asked_for_at_its_bucket(made: str, url: str) -> None:
    assert made == url


@pytest.mark.parametrize("region", ["", "evil.example/", "us-east-1.evil.example", "US-EAST-1", "us-east-1\n"])
def test_a_region_that_is_none_is_no_host(region: str) -> None:
    with pytest.raises(ValueError, match="region"):
        s3_url("our-mail", "o1", region)


def test_temporary_credentials_are_signed_along() -> None:
    call = amazon_ses.call(MailNotice("o1", "our-mail"), Access({**KEYS, "region": "eu-west-1"}, "https://x"))
    assert call.headers["X-Amz-Security-Token"] == "temporary"
    assert "x-amz-security-token" in call.headers["Authorization"]


THEIRS = [
    (resend, "https://inbound-cdn.resend.com/e1/raw?signature=x", True),
    (resend, "https://api.resend.com:443/x", True),
    (resend, "http://inbound-cdn.resend.com/e1", False),
    (resend, "https://inbound-cdn.resend.com:8443/e1", False),
    (resend, "https://me@inbound-cdn.resend.com/e1", False),
    (resend, "https://resend.com.evil.example/e1", False),
    (resend, "https://evilresend.com/e1", False),
    (resend, "https://127.0.0.1/e1", False),
    (resend, "https://[::1", False),
    (resend, "file:///etc/passwd", False),
    (mailtrap, "https://mail-bodies.s3.amazonaws.com/raw.eml?X-Amz-Signature=x", True),
    (mailtrap, "https://mail-bodies.s3.us-east-1.amazonaws.com/raw.eml", True),
    (mailtrap, "https://s3-us-west-2.amazonaws.com/mail/raw.eml", True),
    (mailtrap, "https://s3.amazonaws.com/inbound-mail/raw.eml", True),
    (mailtrap, "https://files.mailtrap.io/raw.eml", True),
    (mailtrap, "https://ec2-1-2-3-4.compute-1.amazonaws.com/raw.eml", False),
    (mailtrap, "https://s3.amazonaws.com.evil.example/x", False),
    (mailtrap, f"https://s3{'-a' * 100}.evil.example/x", False),
    (amazon_ses, "https://s3.eu-west-1.amazonaws.com/x", False),
]


@each(("holder", "url", "theirs"), THEIRS)
def test_where_a_letter_may_lie(holder: Holder, url: str, theirs: bool) -> None:
    usual = Access({}, "https://api.of-the-provider.example")
    assert _is_theirs(url, Collecting(MailNotice("1"), holder, usual, 1)) is theirs
