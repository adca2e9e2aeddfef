"""Origins that a policy may name."""

import pytest

from subscriptions.origins import BadOrigin, origin_in, origin_of
from tests.each import each


@pytest.mark.parametrize(
    ("written", "origin"),
    [
        ("https://www.example.org", "https://www.example.org"),
        ("https://WWW.example.org/", "https://www.example.org"),
        ("https://example.org:443", "https://example.org"),
        ("https://example.org:8443", "https://example.org:8443"),
        ("http://localhost:3000", "http://localhost:3000"),
    ],
)
def test_an_origin_in_normal_form(written: str, origin: str) -> None:
    assert origin_of(written) == origin


@each(
    "written",
    [
        *("", "*", "https://*", "https://*.example.org", "http://example.org", "https://example.org/page"),
        *("example.org", "https://user@example.org", "https://example.org; script-src *", "javascript:alert(1)"),
        *("https://a b.example", "https://example.org:99999", "https://[::1", "https://example.org?x"),
        "https://example.org, https://b.example",
    ],
)
def test_what_is_none(written: str) -> None:
    with pytest.raises(BadOrigin):
        origin_of(written)


@pytest.mark.parametrize(
    ("url", "origin"),
    [("https://shop.example/page?a=b", "https://shop.example"), ("", ""), ("about:blank", ""), ("/page", "")],
)
def test_the_origin_of_what_a_browser_sends_along(url: str, origin: str) -> None:
    assert origin_in(url) == origin
