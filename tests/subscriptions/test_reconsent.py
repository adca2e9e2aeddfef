"""New consent after a material change of a wording: asked once, plainly, and of those alone whom it concerns."""

from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from time_machine import TimeMachineFixture

from consent import pipeline
from consent.configuration import Scope
from consent.contents import contents_of
from consent.models import ConsentEvent, Hold, Inbound
from consent.tokens import Token, make_token
from subscriptions.preferences import proof
from subscriptions.preferences.reconsent_part import asked_of
from tests.consent.core.example import entry, key_of, record
from tests.consent.core.test_ledger import differences
from tests.subscriptions.signing_up import ANN, LINK, Site, fields_of, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def site(time_machine: TimeMachineFixture) -> Site:
    """Somebody confirmed the newsletter under version 1; then version 2 changed it materially."""
    made = Site(time_machine)
    made.sign_up("newsletter")
    made.client.post(made.link())
    pipeline.drain()
    made.notice_version(2, "I want to get it, and you may count my clicks.", material=True)
    made.clock.shift(90_000)
    return made


def token(site: Site, topic: str | None = "newsletter", address: str = ANN) -> Token:
    topic_id = site.organisation.topics[topic].pk if topic else None
    return Token("email", Scope(site.organisation.acme.pk, topic_id), key_of("email", address))


def path(site: Site, **about: Any) -> str:
    return f"/preferences/{make_token(token(site, **about))}/consent"


@pytest.fixture
def owner(site: Site) -> Client:
    """A visitor who has shown to own the address."""
    response = HttpResponse()
    proof.prove(response, token(site))
    client = Client()
    client.cookies = response.cookies
    return client


def answer(client: Client, where: str, given: str, **changed: Any) -> Any:
    asked = client.get(where)
    fields = {**fields_of(asked), "answer": given, **changed}
    return client.post(where, fields)


def actions() -> list[tuple[str, str]]:
    lines = ConsentEvent.objects.order_by("seq").exclude(source__in=("signup:form", "confirm:page"))
    return list(lines.values_list("action", "source"))


def test_the_owner_reads_what_changed_and_has_three_equal_choices(site: Site, owner: Client) -> None:
    page = owner.get(path(site))
    shown = text_of(page)
    for words in ("Newsletter", "count my clicks", "Version 2", "I want to get it.", "Version 1"):
        assert words in shown
    assert page.content.decode().count('<button name="answer"') == 3
    assert site.verdict("newsletter").reason == "reconsent_needed"


def test_the_page_of_choices_asks_its_owner_the_same_once(site: Site, owner: Client) -> None:
    choices = path(site).removesuffix("/consent")
    assert owner.get(choices).content.decode().count('<button name="answer"') == 3
    assert '<button name="answer"' not in Client().get(choices).content.decode()
    answer(owner, path(site), "not_now")
    pipeline.drain()
    assert '<button name="answer"' not in owner.get(choices).content.decode()


def test_the_owners_yes_counts_at_once_with_the_new_wording_as_its_proof(site: Site, owner: Client) -> None:
    assert "You have agreed." in text_of(answer(owner, path(site), "agree"))
    pipeline.drain()
    assert site.verdict("newsletter").reason == "granted"
    line = ConsentEvent.objects.latest("seq")
    assert (line.action, line.basis, line.source) == ("grant", "confirmed_opt_in", "reconsent:page")
    assert line.notice is not None
    assert line.notice.version == 2
    assert "nothing for you to decide" in text_of(owner.get(path(site)))
    assert differences() == []


def test_a_no_stops_it_before_the_answer_is_worked_off(site: Site, owner: Client) -> None:
    assert "You have not agreed." in text_of(answer(owner, path(site), "no"))
    assert site.verdict("newsletter").reason == "held"
    pipeline.drain()
    assert site.verdict("newsletter").reason == "opted_out"
    assert not Hold.objects.exists()
    assert "nothing for you to decide" in text_of(owner.get(path(site)))


def test_not_now_is_on_record_changes_nothing_and_is_not_asked_again(site: Site, owner: Client) -> None:
    assert "Not now." in text_of(answer(owner, path(site), "not_now"))
    pipeline.drain()
    assert actions() == [("defer", "reconsent:page")]
    assert site.verdict("newsletter").reason == "reconsent_needed"
    assert "nothing for you to decide" in text_of(owner.get(path(site)))
    assert differences() == []


def test_staff_read_what_was_answered(site: Site, owner: Client) -> None:
    answer(owner, path(site), "not_now")
    said = dict(contents_of(Inbound.objects.latest("id")).fields)
    assert (said["Said"], said["About"], said["Wording"]) == ("not now", "Newsletter", "form v2 (en)")


def test_the_next_version_is_asked_about_anew(site: Site, owner: Client) -> None:
    answer(owner, path(site), "not_now")
    pipeline.drain()
    site.notice_version(3, "Yet another wording.", material=True)
    assert "Yet another wording." in text_of(owner.get(path(site)))


def test_a_change_that_is_not_material_asks_nobody(time_machine: TimeMachineFixture) -> None:
    site = Site(time_machine)
    record(
        entry(key_of("email", ANN), site.organisation.scope("newsletter"), "grant", notice=(site.notice.pk, "form", 1))
    )
    site.notice_version(2, "A comma was added.")
    assert site.verdict("newsletter").allowed
    assert asked_of("x", token(site), "en") == []


def test_who_refused_meanwhile_is_not_asked_to_come_back(site: Site, owner: Client) -> None:
    said = entry(
        key_of("email", ANN), site.organisation.scope("acme"), "withdraw", "choice", occurred_at=timezone.now()
    )
    record(said)
    assert "nothing for you to decide" in text_of(owner.get(path(site)))


def test_a_yes_after_a_no_in_another_window_opens_nothing(site: Site, owner: Client) -> None:
    fields = {**fields_of(owner.get(path(site))), "answer": "agree"}
    waiting = owner.post(path(site), fields)
    assert "You have agreed." in text_of(waiting)
    said = entry(key_of("email", ANN), site.organisation.scope("newsletter"), "withdraw", "choice")
    record(said._replace(occurred_at=timezone.now()))
    pipeline.drain()
    assert site.verdict("newsletter").reason == "opted_out"


def test_by_link_alone_the_page_shows_the_wording_and_nothing_of_the_owner(site: Site) -> None:
    own, others = Client().get(path(site)), Client().get(path(site, address="nobody@elsewhere.example"))
    assert "count my clicks" in text_of(own)
    assert "agreed to before" not in text_of(own)

    def bare(page: Any, address: str) -> str:
        return str(page.content.decode()).replace(make_token(token(site, address=address)), "LINK")

    assert bare(own, ANN) == bare(others, "nobody@elsewhere.example")


def test_by_link_alone_a_yes_asks_the_owner_first(site: Site) -> None:
    said = answer(Client(), path(site), "agree")
    assert "We sent you a message." in text_of(said)
    [message] = site.mails()
    assert "new wording" in str(message.body)
    assert site.verdict("newsletter").reason == "reconsent_needed"
    [link] = LINK.findall(str(message.body))
    shown = text_of(site.client.get(link))
    assert "count my clicks" in shown
    site.client.post(link)
    pipeline.drain()
    assert site.verdict("newsletter").reason == "granted"


@pytest.mark.parametrize("state", ["never agreed", "refused"])
def test_by_link_alone_nobody_is_written_to_who_has_nothing_to_agree_to(site: Site, state: str) -> None:
    address = ANN if state == "refused" else "bob@home.example"
    if state == "refused":
        record(
            entry(
                key_of("email", ANN), site.organisation.scope("acme"), "withdraw", "choice", occurred_at=timezone.now()
            )
        )
    said = answer(Client(), path(site, address=address), "agree")
    assert "We sent you a message." in text_of(said)  # the same words, whoever it is
    assert not site.mails()
    assert not ConsentEvent.objects.filter(
        key=key_of("email", address), action="request", source="reconsent:link"
    ).exists()


def test_by_link_alone_a_no_counts_as_every_no_of_a_link_does(site: Site) -> None:
    answer(Client(), path(site), "no")
    assert site.verdict("newsletter").reason == "held"
    pipeline.drain()
    assert site.verdict("newsletter").reason == "opted_out"


def test_a_not_now_by_link_alone_does_not_keep_the_owner_from_being_asked(site: Site, owner: Client) -> None:
    answer(Client(), path(site), "not_now")
    pipeline.drain()
    assert actions() == [("defer", "reconsent:link")]
    assert "Please decide" in text_of(owner.get(path(site)))


def test_a_link_about_everything_asks_about_what_it_concerns(site: Site) -> None:
    answer(Client(), path(site, topic=None), "no")
    assert site.verdict("newsletter").reason == "held"
    assert site.verdict("offers").reason == "opt_out_basis"
    pipeline.drain()
    assert site.verdict("newsletter").reason == "opted_out"
    assert site.verdict("offers").allowed


def test_a_yes_to_all_that_was_given_at_once_opens_nothing_that_was_refused_since(
    time_machine: TimeMachineFixture,
) -> None:
    site, key = Site(time_machine), key_of("email", ANN)
    record(entry(key, site.organisation.scope("acme"), "grant", notice=(site.notice.pk, "form", 1)))
    record(entry(key, site.organisation.scope("newsletter"), "withdraw", "choice", occurred_at=timezone.now()))
    site.notice_version(2, "Something new.", material=True)
    response = HttpResponse()
    proof.prove(response, token(site))
    owner = Client()
    owner.cookies = response.cookies
    site.clock.shift(60)
    answer(owner, path(site), "agree")
    pipeline.drain()
    assert (site.verdict("double").allowed, site.verdict("newsletter").allowed) == (True, False)


@pytest.mark.parametrize(
    "changed", [{"version": "1"}, {"notice": "other"}, {"language": "de"}, {"topic": "offers"}, {"answer": "perhaps"}]
)
def test_an_answer_to_what_is_not_asked_is_asked_again(site: Site, owner: Client, changed: dict[str, str]) -> None:
    before = Inbound.objects.count()
    page = answer(owner, path(site), "agree", **changed)
    assert "Please decide" in text_of(page)
    assert Inbound.objects.count() == before


@pytest.mark.parametrize("method", ["get", "head"])
def test_looking_changes_nothing(site: Site, owner: Client, method: str) -> None:
    before = (Inbound.objects.count(), ConsentEvent.objects.count())
    getattr(owner, method)(path(site))
    getattr(Client(), method)(path(site))
    assert (Inbound.objects.count(), ConsentEvent.objects.count()) == before


def test_the_proof_of_one_address_is_none_of_another(site: Site, owner: Client) -> None:
    page = owner.get(path(site, address="bob@home.example"))
    assert "agreed to before" not in text_of(page)


@pytest.mark.parametrize("link", ["x", "x" * 500])
def test_a_forged_link_says_nothing(link: str, db: None) -> None:
    assert Client().post(f"/preferences/{link}/consent", {"answer": "agree"}).status_code == 404


def test_the_wording_is_in_the_visitors_language_else_in_the_controllers(site: Site, owner: Client) -> None:
    site.notice_version(2, "Ich will es, und ihr dürft zählen.", "de", material=True)
    assert "ihr dürft zählen" in text_of(owner.get(path(site), headers={"Accept-Language": "de"}))
    assert "count my clicks" in text_of(owner.get(path(site), headers={"Accept-Language": "fr"}))
