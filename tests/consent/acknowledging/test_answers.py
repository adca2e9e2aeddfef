"""Each letter is answered once, with what was done, to whom it was done; nobody else is."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from consent import pipeline, reviewing
from consent.addresses import contact
from consent.configuration import Scope
from consent.decision import Seen
from consent.models import Acknowledgement, ContactPoint, Decision, Errand, Review
from consent.models.vocabulary import Action, Cause
from consent.resolve import keep_address
from consent.tokens import Token, make_token
from tests.consent.acknowledging.writing import HOME, HOME_LINE, Office, letter, text_of
from tests.consent.core.example import MAILBOX, PRIVACY, ask, entry, key_of, record

pytestmark = pytest.mark.django_db

# words, subject → what the answer holds, what it does not
CASES: list[tuple[str, str, list[str], list[str]]] = [
    ("", "unsubscribe", ["no more marketing by e-mail to ann@home.example", "/undo/"], ["post", "production"]),
    ("Please unsubscribe me.", "", ["no more marketing by e-mail to ann@home.example"], ["by post"]),
    (HOME, "NO SNAIL MAIL", ["no more marketing by post to:", HOME_LINE, "until"], ["by e-mail", "/undo/"]),
    ("", "NO SNAIL MAIL", ["your full postal address"], ["no more marketing", "by e-mail", "invoices"]),
    (
        f"Remove me from all lists, e-mail and post.\n\n{HOME}",
        "",
        ["by e-mail to ann@home.example", "by post to:", HOME_LINE, "/undo/"],
        ["A member of our staff"],
    ),
    (
        "Take me off your e-mail list. Also no paper mail please.",
        "",
        ["by e-mail to ann@home.example", "your full postal address"],
        ["by post to:"],
    ),
    (
        "Bitte melden Sie mich vom Newsletter ab.",
        "",
        ["keine Werbung mehr per E-Mail an ann@home.example"],
        ["no more"],
    ),
    ("Merci de me désabonner de vos e-mails.", "", ["n'enverra plus de publicité par e-mail à ann@home"], ["no more"]),
]


def test_a_letter_is_told_what_was_done_in_its_language(office: Office) -> None:
    wrong = []
    for place, (words, subject, holds, lacks) in enumerate(CASES):
        Acknowledgement.objects.all().delete()
        text = text_of(office.answer(words, subject=subject))
        wrong += [(place, one) for one in [*holds, "Acme Hosting", "help@acme.example"] if one not in text]
        wrong += [(place, one) for one in lacks if one in text]
    assert wrong == []


def test_the_headers_are_those_of_an_automatic_answer(office: Office) -> None:
    answer = office.answer("Please unsubscribe me.", subject="About your mails", more="Reply-To: other@evil.example\n")
    assert answer["To"] == "ann@home.example"
    assert answer["From"] == f"Acme Hosting <{MAILBOX}>"
    assert answer["Subject"] == "Re: About your mails"
    assert (answer["Auto-Submitted"], answer["X-Auto-Response-Suppress"]) == ("auto-replied", "All")
    assert answer["In-Reply-To"] == answer["References"]
    assert answer["In-Reply-To"].endswith("@home.example>")
    row = Errand.objects.get()
    assert answer["Message-ID"] == f"<{row.pk}@acme.example>"
    assert (row.state, row.sealed_payload, row.sender, row.provider) == ("done", None, MAILBOX, "mail")
    assert answer["Date"]


def test_our_own_answer_that_comes_back_is_not_answered(office: Office) -> None:
    answer = office.answer("Please unsubscribe me.")
    Acknowledgement.objects.all().delete()
    assert office.answers(answer.as_bytes(), "ann@home.example") == []
    assert len(office.errands()) == 1


def test_the_second_letter_of_the_day_is_obeyed_and_not_answered(office: Office) -> None:
    assert len(office.answers(letter("Please unsubscribe me."))) == 1
    assert office.answers(letter(HOME, subject="NO SNAIL MAIL"), to=PRIVACY) == []
    assert ask(office.organisation, "offers", contact("post", HOME).asked, "post").reason == "opted_out"
    assert len(office.answers(letter("Please unsubscribe me.", sender="bob@home.example"), "bob@home.example")) == 1
    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        assert len(office.answers(letter("Please unsubscribe me, again."))) == 1
    assert Acknowledgement.objects.count() == 2


def test_two_in_one_batch_get_one_answer(office: Office) -> None:
    for _ in range(5):
        office.take(letter("Please unsubscribe me."))
    assert len(office.work()) == 1
    assert office.errands() == [("mail", "acknowledged", "done")]


@pytest.mark.parametrize("cause", [Cause.HARD_BOUNCE, Cause.DECEASED])
def test_an_address_that_takes_no_mail_is_not_written_to(office: Office, cause: str) -> None:
    said = {"action": Action.INVALIDATE} if cause == Cause.HARD_BOUNCE else {"action": Action.OBJECT}
    record(entry(key_of("email", "ann@home.example"), office.organisation.scope("acme"), cause=cause, **said))
    assert office.answers(letter("Please unsubscribe me.")) == []


def test_nobody_is_answered_who_must_not_be(office: Office) -> None:
    answered = [
        (sender, mail_from)
        for sender, mail_from, more in [
            ("ann@home.example", "", ""),
            ("ann@home.example", "ann@home.example", "Auto-Submitted: auto-generated\n"),
            ("ann@home.example", "ann@home.example", "Precedence: bulk\n"),
            ("ann@home.example", "ann@home.example", "List-Id: <x.y.example>\n"),
            ("ann@home.example", "ann@home.example", "Date: Tue, 3 Mar 2015 10:00:00 +0000\n"),
            ("no-reply@home.example", "ann@home.example", ""),
            (PRIVACY, PRIVACY, ""),
            ("jörg@home.example", "ann@home.example", ""),
            ("", "", ""),
        ]
        if office.answers(letter("Please unsubscribe me.", sender=sender, subject="unsubscribe", more=more), mail_from)
    ]
    assert answered == []


def test_what_asks_nothing_is_not_answered(office: Office) -> None:
    assert office.answers(letter("When does your shop open?", to=PRIVACY), to=PRIVACY) == []
    assert office.errands() == []


class TestLinks:
    """A letter with the token of a link is about the link's address."""

    @staticmethod
    def token(office: Office, address: str, topic: str = "") -> str:
        scope = office.organisation.scope(topic) if topic else Scope(office.organisation.acme.pk, None)
        return make_token(Token("email", scope, key_of("email", address)))

    def test_the_owner_is_told_and_not_the_stranger(self, office: Office) -> None:
        owner = contact("email", "owner@home.example")
        keep_address(Seen(owner.said[0], "email", owner.normal), timezone.now())
        token = self.token(office, owner.normal, "offers")
        answer = office.answer("Viagra cheap", sender="mallory@evil.example", subject=f"unsubscribe {token}")
        text = text_of(answer)
        assert answer["To"] == "owner@home.example"
        assert answer["Subject"] == "Acme Hosting: your request"
        assert answer["In-Reply-To"] is None
        assert "about “Offers” to owner@home.example" in text
        assert "link that was made for you" in text
        assert "mallory" not in answer.as_string()

    def test_an_owner_whose_address_is_not_known_is_not_told_nor_is_the_stranger(self, office: Office) -> None:
        token = self.token(office, "owner@home.example")
        assert not ContactPoint.objects.filter(key=key_of("email", "owner@home.example")).exists()
        raw = letter("", sender="mallory@evil.example", subject=f"unsubscribe {token}")
        assert office.answers(raw, "mallory@evil.example") == []

    def test_the_owner_who_writes_is_answered_and_the_token_is_not_repeated(self, office: Office) -> None:
        token = self.token(office, "ann@home.example")
        answer = office.answer("", subject=f"unsubscribe {token}")
        assert answer["To"] == "ann@home.example"
        assert token not in answer.as_string().replace("=\n", "").split("/undo/")[0]


class TestReviews:
    """What staff decide is answered when they have decided."""

    @pytest.fixture
    def user(self, db: None) -> int:
        made: int = get_user_model().objects.create_user("staff").pk
        return made

    def decide(self, user: int, decision: str, **more: object) -> None:
        for review in Review.objects.filter(decision=""):
            reviewing.decide(review.pk, Decision(decision), user_id=user, reason="read", **more)  # type: ignore[arg-type]

    def test_a_doubtful_letter_is_answered_once_decided(self, office: Office, user: int) -> None:
        assert office.answers(letter("Could you stop sending so many of these?")) == []
        self.decide(user, "opt_out")
        [answer] = office.work()
        assert "by e-mail to ann@home.example" in text_of(answer)
        assert office.errands() == [("mail", "decided", "done")]

    def test_what_was_no_request_is_not_answered(self, office: Office, user: int) -> None:
        office.answers(letter("Could you stop sending so many of these?"))
        self.decide(user, "none")
        assert office.work() == []

    def test_what_was_answered_in_part_is_not_answered_again(self, office: Office, user: int) -> None:
        assert "full postal address" in text_of(office.answer("", subject="NO SNAIL MAIL"))
        Acknowledgement.objects.all().delete()
        self.decide(user, "opt_out", contact=contact("post", HOME))
        assert office.work() == []

    def test_a_home_that_staff_entered_is_not_repeated_and_what_may_arrive_is_told(
        self, office: Office, user: int
    ) -> None:
        office.answers(letter("Could you stop sending so many of these?"))
        inbound = Review.objects.get().inbound
        Review.objects.update(channel="post")
        self.decide(user, "opt_out", contact=contact("post", HOME))
        [answer] = office.work()
        assert "the address that you named" in text_of(answer)
        assert "may still arrive until" in text_of(answer)
        assert "OAK" not in answer.as_string()
        assert Errand.objects.get().inbound_id == inbound.pk

    def test_an_address_that_staff_entered_is_not_repeated(self, office: Office, user: int) -> None:
        office.answers(letter("Could you stop sending so many of these?"))
        self.decide(user, "opt_out", contact=contact("email", "secret@home.example"))
        [answer] = office.work()
        assert "the address that you named" in text_of(answer)
        assert "secret" not in answer.as_string()
        assert "ann@home.example" not in text_of(answer)


class TestUndo:
    """The owner of the address takes back what a letter said in their name."""

    def path(self, office: Office) -> str:
        text = text_of(office.answer("Please unsubscribe me."))
        return "/undo/" + next(line for line in text.splitlines() if "/undo/" in line).partition("/undo/")[2]

    def test_it_takes_back_that_letter_alone(self, office: Office, client: Client) -> None:
        key = key_of("email", "ann@home.example")
        record(entry(key, office.organisation.scope("events"), Action.WITHDRAW, Cause.CHOICE))
        path = self.path(office)
        shown = client.get(path)
        assert shown.status_code == 200
        assert b"home.example" not in shown.content
        assert ask(office.organisation, "offers", [key]).reason == "opted_out"
        assert client.post(path).status_code == 200
        pipeline.drain()
        assert ask(office.organisation, "offers", [key]).allowed
        assert ask(office.organisation, "events", [key]).reason == "opted_out"
        assert client.post(path).status_code == 200  # once more changes nothing
        office.take(letter("Please unsubscribe me, really."))
        pipeline.drain()
        assert ask(office.organisation, "offers", [key]).reason == "opted_out"

    def test_what_is_no_ticket_does_nothing(self, office: Office, client: Client, settings: Settings) -> None:
        path = self.path(office)
        forged = [path[:-1] + ("A" if path[-1] != "A" else "B"), path[:40], "/undo/x", "/undo/" + "a" * 5_000]
        forged += [
            f"/undo/{make_token(Token('email', office.organisation.scope('acme'), key_of('email', 'a@b.example')))}"
        ]
        assert {client.post(bad).status_code for bad in forged} == {404}
        assert client.put(path).status_code == 405
        with time_machine.travel(timezone.now() + timedelta(days=61)):
            assert client.post(path).status_code == 404
