"""The options of an account about answers: what is wrong is named, and what cannot be read sends nothing."""

from consent.answers.options import base_url, menu_slugs, problems, way
from consent.intake.registry import PROVIDERS
from consent.outgoing.registry import GATEWAYS
from tests.each import each

SPACE = {"api_url": "https://sms.acme.example/send"}


@each(
    ("provider", "options", "named"),
    [
        ("twilio", {}, []),
        ("twilio", {"answers": "gateway"}, []),
        ("twilio", {"answers": "response"}, []),
        ("twilio", {"answers": "api"}, []),
        ("twilio", {"answers": "yes"}, ["answers"]),
        ("vonage", {"answers": "response"}, ["answers"]),
        ("infobip", {"answers": "api"}, ["answers"]),
        ("infobip", {"answers": "api", "api_url": "https://abc.api.infobip.com"}, []),
        ("unheard-of", {"answers": "api"}, ["answers"]),
        ("generic", {"api_url": "http://sms.acme.example"}, ["api_url"]),
        ("generic", {"api_url": "http://127.0.0.1:9000/send"}, []),
        ("generic", {"api_url": "ftp://sms.acme.example"}, ["api_url"]),
        ("generic", {"api_url": "https://user:word@sms.acme.example"}, ["api_url"]),
        ("generic", {"api_url": "https://sms.acme.example:99999"}, ["api_url"]),
        ("generic", {"api_url": "https://[sms"}, ["api_url"]),
        ("twilio", {"language": "de"}, []),
        ("twilio", {"language": "klingon"}, ["language"]),
        ("twilio", {"contact": "x" * 81}, ["contact"]),
        ("twilio", {"menu": "offers, events"}, []),
        ("twilio", {"menu": "offers,pets"}, ["menu"]),
        ("twilio", {"menu": "a,b,c,d,e,f,g,h,i,j"}, ["menu"]),
        ("twilio", {"text.stopped.en": "{controller}: bye"}, []),
        ("twilio", {"text.stopped.en": "{name}: bye"}, ["text.stopped.en"]),
        ("twilio", {"text.stopped_menu.en": "bye"}, ["text.stopped_menu.en"]),
        ("twilio", {"text.stopped.en": "x" * 400}, ["text.stopped.en"]),
        ("twilio", {"text.stopped": "bye"}, ["text.stopped"]),
        ("twilio", {"text.goodbye.en": "bye"}, ["text.goodbye.en"]),
        ("twilio", {"text.stopped.xx": "bye"}, ["text.stopped.xx"]),
    ],
)
def test_what_is_wrong_is_named(provider: str, options: dict[str, str], named: list[str]) -> None:
    assert sorted(problems(provider, options, topics={"offers", "events"})) == named


def test_an_account_that_calls_needs_its_credentials() -> None:
    assert problems("twilio", {"answers": "api"}, credentials={"account_sid"}) == {
        "credentials": "twilio needs auth_token"
    }
    assert problems("twilio", {"answers": "api"}, credentials={"account_sid", "auth_token"}) == {}
    assert problems("twilio", {"answers": "response"}, credentials=set()) == {}


def test_what_cannot_be_read_is_left_to_the_gateway() -> None:
    assert [way({"answers": said}) for said in ("api", "response", "API", "", "none")] == [
        "api",
        "response",
        *["gateway"] * 3,
    ]
    assert way({}) == "gateway"


def test_a_menu_names_each_topic_once() -> None:
    assert menu_slugs({"menu": " offers , events,offers,, "}) == ["offers", "events"]


def test_what_can_be_called_can_also_post_to_us() -> None:
    assert len(GATEWAYS) >= 10
    assert GATEWAYS.keys() <= PROVIDERS.keys()


def test_where_the_api_is() -> None:
    assert base_url(GATEWAYS["sns"], {}, {"region": "eu-west-1"}) == "https://sms-voice.eu-west-1.amazonaws.com"
    assert base_url(GATEWAYS["twilio"], {"api_url": "https://eu.example/x/"}, {}) == "https://eu.example/x"
