"""What is posted to the door of a mail provider without its proof is refused, whatever it is."""

from contextlib import suppress
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consent.intake.contract import Account, Forbidden, Malformed, Request
from consent.intake.mail_signatures.registry import SCHEMES
from tests.consent.mail_signatures.senders import SENDERS
from tests.consent.providers.gateways import NOW, Gateway
from tests.consent.signatures.proofs import SECRET
from tests.each import each


@each("sender", SENDERS.values())
def test_the_moment_that_is_named(sender: Gateway) -> None:
    made_at = SCHEMES[sender.provider].made_at
    assert bool(made_at) is bool(sender.lasts)
    if made_at:
        at: datetime = made_at(sender.sign(SECRET, sender.stop))
        assert at.replace(microsecond=0) == NOW


HEADERS = sorted({name for sender in SENDERS.values() for name in sender.sign(SECRET, sender.stop).headers})
TEXTS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(["v1,x", "v1a,", "t=1,v1=", "Bearer x", "Basic eA==", "1769846400", "application/json", "=" * 8]),
    st.sampled_from(["multipart/form-data; boundary=b", "application/x-www-form-urlencoded"]),
)
BODIES = st.one_of(
    st.binary(max_size=60),
    st.sampled_from([b'{"signature": 7}', b'{"auth": null}', b'{"signature": {"token": {}}}', b"token&signature=%"]),
    st.just(b'--b\r\nContent-Disposition: form-data; name="token"\r\n\r\n\xff\r\n--b--'),
)


@pytest.mark.parametrize("provider", SCHEMES)
@settings(max_examples=40, deadline=None)
@given(headers=st.dictionaries(st.sampled_from(HEADERS), TEXTS, max_size=6), body=BODIES, secret=TEXTS)
def test_whatever_is_posted_is_refused(provider: str, headers: dict[str, str], body: bytes, secret: str) -> None:
    scheme, request = SCHEMES[provider], Request("POST", "https://sayso.example/in", headers, body)
    account = Account(provider, "acme", [secret + "another:secret"])
    with pytest.raises((Forbidden, Malformed)):
        scheme.verify(request, account, NOW)
    if scheme.made_at:
        with suppress(Forbidden, Malformed):
            scheme.made_at(request)
