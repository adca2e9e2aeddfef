"""How far a STOP reaches: what its account is configured for, shown wherever the denial is shown."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from consent import configuration, pipeline, reviewing, status
from consent.addresses import contact_of_normal
from consent.models import ConsentEvent, Decision, ProviderAccount, Review, Sender, Suppression
from consent.story import read_story
from tests.consent.core import doors
from tests.consent.core.example import ACME_NUMBER, Organisation, ask, key_of
from tests.consent.core.test_ledger import differences

pytestmark = pytest.mark.django_db
NUMBER, OTHER_NUMBER = "+14155550134", "55501"
KEY_TOPICS = ("offers", "events", "newsletter", "service")


@pytest.fixture
def client() -> Client:
    return Client()


def configure(organisation: Organisation, **options: str) -> None:
    ProviderAccount.objects.update(options=options)
    for address in (ACME_NUMBER, OTHER_NUMBER):
        Sender.objects.create(controller=organisation.acme, channel="sms", kind="sender", address=address)


def said(client: Client, text: str, identifier: str = "m-1") -> None:
    assert doors.generic(client, NUMBER, text, identifier).status_code == 200
    pipeline.drain()


def reasons(organisation: Organisation, sender: str | None = None) -> list[str]:
    return [ask(organisation, topic, [key_of("sms", NUMBER)], "sms", sender=sender).reason for topic in KEY_TOPICS]


ALL_NO = ["opted_out"] * 4
FREE = ["opt_out_basis", "opt_out_basis", "no_consent", "service"]


@pytest.mark.parametrize(
    ("options", "from_there", "from_elsewhere", "scopes"),
    [
        pytest.param({}, ALL_NO, ALL_NO, ["controller:acme"], id="controller"),
        pytest.param({"stop_scope": "controller"}, ALL_NO, ALL_NO, ["controller:acme"], id="controller by name"),
        pytest.param({"stop_scope": "sender"}, ALL_NO, FREE, [f"sender:{ACME_NUMBER}"], id="sender"),
        pytest.param(
            {"stop_scope": "programme", "programme": "offers, service"},
            ["opted_out", "opt_out_basis", "no_consent", "opted_out"],
            ["opted_out", "opt_out_basis", "no_consent", "opted_out"],
            ["topic:offers", "topic:service"],
            id="programme",
        ),
        pytest.param({"stop_scope": "programme"}, ALL_NO, ALL_NO, ["controller:acme"], id="programme without topics"),
        pytest.param(
            {"stop_scope": "programme", "programme": "offers,gone"}, ALL_NO, ALL_NO, ["controller:acme"], id="unknown"
        ),
        pytest.param({"stop_scope": "what?"}, ALL_NO, ALL_NO, ["controller:acme"], id="nonsense"),
    ],
)
def test_a_stop_reaches_what_its_account_says_and_a_start_gives_all_of_it_back(
    organisation: Organisation,
    client: Client,
    options: dict[str, str],
    from_there: list[str],
    from_elsewhere: list[str],
    scopes: list[str],
) -> None:
    configure(organisation, **options)
    said(client, "STOP")
    assert reasons(organisation, ACME_NUMBER) == from_there
    assert reasons(organisation, OTHER_NUMBER) == from_elsewhere
    assert reasons(organisation) == from_there, "who does not say from where gets the no of everywhere"
    assert sorted(shown(client)) == scopes
    said(client, "START", "m-2")
    assert reasons(organisation) == FREE
    assert not Suppression.objects.exists()
    assert not differences()


def shown(client: Client) -> set[str]:
    """The scopes as the API and the story show them, which must agree."""
    snapshot, key = configuration.current(), key_of("sms", NUMBER)
    verdicts = [
        status.check_many(snapshot.controller_id("acme"), topic, "sms", [[key]], timezone.now())[1][0]
        for topic in KEY_TOPICS
    ]
    names = {snapshot.scope_name(one.scope, one.sender) for one in verdicts if one.scope and not one.allowed}
    story = read_story([key], contact_of_normal("sms", NUMBER), with_contents=False)
    words = {standing.scope for standing in story.standing}
    confined = {name.partition(":")[2] for name in names if name.startswith("sender:")}
    assert {word.rpartition(" from ")[2] for word in words if " from " in word} == confined
    return {name for name in names if not name.endswith("newsletter")}


def test_stopall_reaches_everything_whatever_the_account_says(organisation: Organisation, client: Client) -> None:
    configure(organisation, stop_scope="sender")
    said(client, "STOPALL")
    assert reasons(organisation, OTHER_NUMBER) == ALL_NO
    assert ask(organisation, "offers", [key_of("sms", NUMBER)], "sms").scope == configuration.EVERYTHING


def test_an_option_that_changed_in_between_keeps_no_start_from_lifting(
    organisation: Organisation, client: Client
) -> None:
    configure(organisation, stop_scope="programme", programme="offers,events")
    said(client, "STOP")
    ProviderAccount.objects.update(options={"stop_scope": "sender"})
    said(client, "STOP", "m-2")
    assert Suppression.objects.count() == 3
    said(client, "START", "m-3")
    assert not Suppression.objects.exists()


def test_a_wider_stop_to_the_same_number_is_not_narrowed_by_a_later_one(
    organisation: Organisation, client: Client
) -> None:
    configure(organisation)
    said(client, "STOP")
    ProviderAccount.objects.update(options={"stop_scope": "sender"})
    said(client, "STOP", "m-2")
    assert reasons(organisation, OTHER_NUMBER) == ALL_NO
    assert not differences()


def test_staff_decide_within_the_same_reach(organisation: Organisation, client: Client, admin_user: Any) -> None:
    configure(organisation, stop_scope="sender")
    said(client, "para")
    review = Review.objects.get()
    reviewing.decide(review.pk, Decision.OPT_OUT, user_id=admin_user.pk, reason="reads as a request")
    assert ConsentEvent.objects.get().sender_only
    assert (reasons(organisation, ACME_NUMBER), reasons(organisation, OTHER_NUMBER)) == (ALL_NO, FREE)
    said(client, "START", "m-2")
    assert reasons(organisation) == FREE


def test_the_lists_of_the_admin_show_the_number(
    organisation: Organisation, client: Client, admin_client: Client
) -> None:
    configure(organisation, stop_scope="sender")
    said(client, "STOP")
    for page in ("suppression", "consentevent"):
        shown_there = admin_client.get(f"/admin/consent/{page}/").content.decode()
        assert f"Acme: everything from {ACME_NUMBER}" in shown_there
