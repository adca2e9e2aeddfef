"""Links that a controller's own system minted work wherever ours do, by the key that `manage.py link_key` prints."""

import json
from email.header import Header
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django.fixtures import Settings
from sayso_links import prepare

from consent import mailbox, pipeline
from consent.contents import contents_of
from consent.models import Inbound, Review, Sender, Topic
from consent.tokens import read_token
from consent.undoing import read_ticket, undo_url
from tests.consent.bounces.reports import BOX, DEAD, report
from tests.consent.core.doors import letter
from tests.consent.core.example import MAILBOX, Organisation, ask, key_of
from tests.subscriptions.test_api_access import Caller
from tests.subscriptions.test_api_access import acme as acme
from tests.subscriptions.test_api_access import organisation as organisation

pytestmark = pytest.mark.django_db

JANE = "jane@home.example"


def printed(controller: str = "acme") -> dict[str, Any]:
    output = StringIO()
    call_command("link_key", controller, "--json", stdout=output)
    config: dict[str, Any] = json.loads(output.getvalue())
    return config


def minted(topic: str = "offers", address: str = JANE, campaign: str = "spring", **change: Any) -> dict[str, Any]:
    return prepare(printed() | change, topic, campaign)(address)


def token_of(links: dict[str, Any]) -> str:
    return str(links["unsubscribe_url"]).rpartition("/u/")[2]


def reason(organisation: Organisation, topic: str = "offers") -> str:
    return ask(organisation, topic, [key_of("email", JANE)]).reason


def test_the_command_prints_what_the_function_reads(organisation: Organisation, settings: Settings) -> None:
    config = printed()
    assert (config["origin"], config["controller"]) == (settings.SAYSO_PUBLIC_ORIGIN, organisation.acme.pk)
    assert config["mailbox"] == MAILBOX
    assert config["topics"]["offers"] == organisation.topics["offers"].pk
    assert config["topics"]["service"] == 0
    assert read_token(token_of(minted())).scope == organisation.scope("offers")
    output = StringIO()
    call_command("link_key", "acme", stdout=output)
    assert config["key"] in output.getvalue()
    assert "password" in output.getvalue()
    assert printed("globex")["key"] != config["key"]


def test_there_is_no_key_for_nobody_and_none_that_is_revoked(organisation: Organisation, settings: Settings) -> None:
    with pytest.raises(CommandError, match="no controller"):
        printed("nobody")
    settings.SAYSO_LINK_KEYS_REVOKED = [printed()["key_id"]]
    with pytest.raises(CommandError, match="SAYSO_LINK_KEYS"):
        printed()


def test_the_answer_of_the_api_has_what_the_function_makes(acme: Caller) -> None:
    asked = {"channel": "email", "address": JANE, "topic": "offers"}
    ours, theirs = acme.call("POST", "/v1/links", asked).json(), minted(campaign="")
    assert theirs.keys() <= ours.keys()
    assert theirs["headers"].keys() <= ours["headers"].keys()
    assert read_token(token_of(ours)) == read_token(token_of(theirs))
    for name in ("unsubscribe_url", "preferences_url", "mailto"):
        assert ours[name].replace(token_of(ours), token_of(theirs)) == theirs[name]
    assert (
        ours["headers"]["List-Unsubscribe"].replace(token_of(ours), token_of(theirs))
        == (theirs["headers"]["List-Unsubscribe"])
    )


def test_one_click_counts_at_once_and_again_on_repeat(client: Client, organisation: Organisation) -> None:
    path = f"/u/{token_of(minted())}"
    assert client.get(path).status_code == 200
    assert (reason(organisation), Inbound.objects.count()) == ("opt_out_basis", 0)
    for expected in ("held", "opted_out"):
        assert client.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
        assert reason(organisation) == expected
        pipeline.drain()
    assert (reason(organisation, "events"), reason(organisation, "service")) == ("opt_out_basis", "service")


@pytest.mark.parametrize(
    ("campaign", "word"), [("spring", "spring"), ("spring-sale-2027", "sha256:6a1b75ed91c806d3")], ids=["short", "long"]
)
def test_staff_see_which_campaign_it_was(client: Client, organisation: Organisation, campaign: str, word: str) -> None:
    client.post(f"/u/{token_of(minted(campaign=campaign))}", {"List-Unsubscribe": "One-Click"})
    assert ("Campaign", word) in contents_of(Inbound.objects.get()).fields


def test_its_preference_page_opens(client: Client, organisation: Organisation) -> None:
    path = f"/preferences/{token_of(minted())}"
    assert client.get(path).status_code == 200


SUBJECTS = [
    "unsubscribe {}",
    "Unsubscribe {}",
    "unsubscribe\r\n {}",
    "=?utf-8?q?unsubscribe_{}?=",
    "unsubscribe =?utf-8?q?{}?=",
    "=?utf-8?b?folded?=",
]


@pytest.mark.parametrize("written", SUBJECTS)
def test_the_mailto_names_its_recipient_however_the_subject_is_written(
    organisation: Organisation, written: str
) -> None:
    token = token_of(minted(campaign="0123456789"))
    assert len(token) == 90
    subject = written.format(token.replace("_", "=5F") if "q?" in written else token)
    if "folded" in written:  # two encoded words, cut in the middle of the token
        subject = Header(f"unsubscribe {token}", "utf-8", maxlinelen=60).encode(linesep="\r\n")
    raw = letter(subject, "", sender="Somebody Else <other@example.com>")
    mailbox.accept_mail(raw, "other@example.com", [MAILBOX])
    assert reason(organisation) == "held"
    pipeline.drain()
    assert reason(organisation) == "opted_out"
    assert ask(organisation, "offers", [key_of("email", "other@example.com")]).reason == "opt_out_basis"
    assert not Review.objects.exists()


def test_a_returned_message_proves_a_bounce_by_it(organisation: Organisation) -> None:
    Sender.objects.create(controller=organisation.acme, channel="email", kind="bounce", address=BOX)
    field = minted()["headers"]["List-Unsubscribe"]
    mailbox.accept_mail(report((JANE, DEAD), returned=f"List-Unsubscribe: {field}"), "", [BOX])
    pipeline.drain()
    assert reason(organisation, "service") == "hard_bounce"


def test_an_answer_s_link_to_take_it_back_carries_it(organisation: Organisation) -> None:
    token = read_token(token_of(minted(campaign="a name that is far too long")))
    ticket = undo_url(uuid4(), token).rpartition("/")[2]
    assert read_ticket(ticket).token == token


def test_a_sender_who_names_another_controllers_topic_changes_nothing_there(
    client: Client, organisation: Organisation, acme: Caller
) -> None:
    foreign = prepare({**printed("globex"), "topics": {"x": organisation.topics["offers"].pk}}, "x")(JANE)
    assert client.post(f"/u/{token_of(foreign)}", {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert reason(organisation) == "opt_out_basis"
    pipeline.drain()
    assert reason(organisation) == "opt_out_basis"
    assert Inbound.objects.get().state == "done"
    answer = acme.call("GET", f"/v1/contacts/status?channel=email&address={JANE}")
    assert (answer.status_code, answer.json()["history"]) == (200, [])


def test_a_word_about_a_topic_that_is_gone_is_still_told(
    client: Client, organisation: Organisation, acme: Caller
) -> None:
    client.post(f"/u/{token_of(minted('events'))}", {"List-Unsubscribe": "One-Click"})
    pipeline.drain()
    number = organisation.topics["events"].pk
    Topic.objects.get(pk=number).delete()
    [line] = acme.call("GET", f"/v1/contacts/status?channel=email&address={JANE}").json()["history"]
    assert line["scope"] == f"topic:{number}"
