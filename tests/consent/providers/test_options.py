"""The options of accounts: what adapters read is in the table, and a slip is named."""

import re
from pathlib import Path

from consent.intake import options
from consent.intake.registry import PROVIDERS
from tests.each import each

SOURCES = Path(options.__file__).parent / "providers"
READ = re.compile(r'account\.options\.get\("(\w+)"')


def test_what_the_adapters_read_is_in_the_table() -> None:
    for name in PROVIDERS:
        read = {option for path in SOURCES.glob(f"{name}*.py") for option in READ.findall(path.read_text())}
        assert read <= set(options.options_of(name)), name


def test_the_table_names_providers_that_exist() -> None:
    assert set(options.OWN) <= set(PROVIDERS)


GOOD: list[tuple[str, dict[str, object]]] = [
    ("twilio", {}),
    ("twilio", {"stop_scope": "programme", "programme": "offers, events", "menu": "offers"}),
    ("twilio", {"answers": "response", "language": "pt-BR", "api_url": "https://api.twilio.example/2010-04-01"}),
    ("twilio", {"api_url": "http://127.0.0.1:9999", "contact": "+1 555 0100", "text.help.en": "Call us."}),
    ("vonage", {"algorithm": "sha256, sha512"}),
    ("plivo", {"signature": "v3"}),
    ("sinch", {"authentication": "basic"}),
    ("infobip", {"header": "X-Gateway-Key"}),
    ("sns", {"region": "us-gov-west-1", "lists": "sms-voice,sns"}),
]
BAD: list[tuple[str, dict[str, object], str]] = [
    ("twilio", {"stop_scop": "sender"}, "stop_scop: twilio has no such option, but stop_scope"),
    ("twilio", {"signature": "v3"}, "signature: twilio has no such option"),
    ("twilio", {"stop_scope": "Sender"}, "stop_scope: not one of controller, sender, programme; it takes"),
    ("twilio", {"stop_scope": "programme"}, "programme: missing, though stop_scope is programme"),
    ("twilio", {"programme": "offers;events"}, "programme: offers;events is not a topic's slug"),
    ("twilio", {"menu": " , "}, "menu: empty"),
    ("twilio", {"answers": True}, "answers: not a text; it takes gateway, response or api"),
    ("twilio", {"language": "english please"}, "language: not a language tag"),
    ("twilio", {"api_url": "http://api.twilio.example"}, "api_url: not an https:// address"),
    ("twilio", {"api_url": "https://user:password@api.twilio.example"}, "api_url: not an https:// address"),
    ("twilio", {"api_url": "https://[::1"}, "api_url: not an https:// address"),
    ("vonage", {"algorithm": "sha256,none"}, "algorithm: none is not one of sha512, sha256, sha1, md5, md5hash"),
    ("vonage", {"algorithm": ""}, "algorithm: empty"),
    ("plivo", {"signature": "v4"}, "signature: v4 is not one of v3, v2, v1"),
    ("sinch", {"authentication": "Basic"}, "authentication: not one of basic, signature"),
    ("infobip", {"header": "X Key: 1"}, "header: not the name of a header"),
    ("infobip", {"header": "x" * 100_000}, "header: not the name of a header"),
]


@each(("provider", "given"), GOOD)
def test_good_options(provider: str, given: dict[str, object]) -> None:
    assert options.problems(provider, given) == []


@each(("provider", "given", "complaint"), BAD)
def test_bad_options(provider: str, given: dict[str, object], complaint: str) -> None:
    [said] = options.problems(provider, given)
    assert said.startswith(complaint)


@each("provider", PROVIDERS)
def test_every_option_is_described(provider: str) -> None:
    lines = options.described(provider).splitlines()
    assert len(lines) == len(options.options_of(provider))
    assert all(len(line) < 200 for line in lines)
