"""What staff see of answers, and how they set an account up to be answered."""

import msgspec
import pytest
from django.test import Client

from consent import collecting, configuration, inbox, outbox, pipeline, vault
from consent.addresses import contact
from consent.configuration import Scope
from consent.credentials import open_credentials
from consent.inbox import Arrival, Envelope
from consent.intake.mail_notice import MailNotice
from consent.models import ConsentEvent, Errand, Inbound, ProviderAccount, Review
from tests.consent.admin.office import NUMBER, SCRIPT, acme, mail, page, post, staff, text
from tests.consent.core.example import MAILBOX, key_of
from tests.each import each

ADD = "consent/provideraccount/add/"


def fields(**more: str) -> dict[str, str]:
    plain = {"controller": str(acme().pk), "provider": "twilio", "endpoint": "two", "region": "US", "options": "{}"}
    return plain | {"secrets": "secret", "credentials": ""} | more


@pytest.fixture
def answered(boss: Client) -> Errand:
    account, _ = ProviderAccount.objects.get_or_create(
        provider="generic",
        endpoint="acme",
        defaults={"controller": acme(), "sealed_secrets": vault.seal(configuration.SECRETS_PURPOSE, b'["s"]')},
    )
    account.options = {"answers": "api", "api_url": "http://127.0.0.1:9", "menu": "offers"}
    account.sealed_credentials = vault.seal(configuration.CREDENTIALS_PURPOSE, b'{"secret": "s"}')
    account.save()
    text("STOP")
    return Errand.objects.get()


def test_the_outbox_is_read_and_never_edited(boss: Client, answered: Errand) -> None:
    assert "stopped" in page(boss, "consent/errand/")
    found = page(boss, f"consent/errand/{answered.pk}/change/")
    assert "generic/acme" in found
    assert "Offers" in found
    assert "what came in" in found
    page(boss, "consent/errand/add/", 403)
    page(boss, f"consent/errand/{answered.pk}/delete/", 403)


def test_who_may_not_see_it_does_not(answered: Errand) -> None:
    page(staff("consent.view_inbound"), "consent/errand/", 403)


def test_the_story_and_the_inbound_tell_that_it_was_confirmed_and_when(boss: Client, answered: Errand) -> None:
    story = f"consent/contactpoint/{key_of('sms', NUMBER).hex()}/"
    inbound = f"consent/inbound/{answered.inbound_id}/change/"
    for path in (story, inbound):
        found = page(boss, path)
        assert "The confirmation of a STOP" in found
        assert "0 attempts" in found
    outbox.drain()
    assert "ConnectError" in page(boss, story)
    Errand.objects.update(state="done", done_at="2026-03-03T10:11:12Z")
    assert "sent 2026-03-03 10:11:12" in page(boss, story)


def test_credentials_are_sealed_and_never_shown(boss: Client) -> None:
    written = "account_sid = AC123\r\n\r\nauth_token=to=ken"
    post(boss, ADD, 302, **fields(options='{"answers": "api"}', credentials=written))
    account = ProviderAccount.objects.get(endpoint="two")
    sealed = vault.unseal(configuration.CREDENTIALS_PURPOSE, account.sealed_credentials or b"")
    assert msgspec.json.decode(sealed) == {"account_sid": "AC123", "auth_token": "to=ken"}
    path = f"consent/provideraccount/{account.pk}/change/"
    assert "to=ken" not in page(boss, path)
    post(boss, path, 302, **fields(options='{"answers": "api", "language": "de"}', secrets=""))
    account.refresh_from_db()
    assert account.options["language"] == "de"
    assert open_credentials(account)["auth_token"] == "to=ken"


@each(
    ("more", "problem"),
    [
        ({"options": '{"answers": "api"}'}, "credentials: twilio needs account_sid, auth_token"),
        ({"options": '{"answers": "sometimes"}'}, "answers: not one of gateway, response, api"),
        ({"options": '{"answers": "response"}', "provider": "vonage"}, "answers: vonage takes no text"),
        ({"options": '{"menu": "pets"}'}, "menu: SMS carries no topic pets"),
        ({"options": '{"text.help.en": "{who}?"}'}, "text.help.en: the placeholder {who}"),
        ({"credentials": "account_sid"}, "Line 1 is no name=value."),
        ({"provider": "resend", "credentials": "api_token=x"}, "resend needs api_key"),
    ],
)
def test_what_is_wrong_is_said_where_it_can_be_mended(boss: Client, more: dict[str, str], problem: str) -> None:
    assert problem in post(boss, ADD, **fields(**more))
    assert not ProviderAccount.objects.filter(endpoint="two").exists()


def test_the_answer_to_a_letter_is_told_of_and_not_shown(boss: Client) -> None:
    mail("Mails", "Please unsubscribe me.")
    row = Errand.objects.get(kind="mail")
    paths = [
        f"consent/contactpoint/{key_of('email', 'jane.roe@example.com').hex()}/",
        f"consent/inbound/{row.inbound_id}/change/",
    ]
    assert [path for path in paths if "The answer to a letter" not in page(boss, path)] == []
    found = page(boss, f"consent/errand/{row.pk}/change/")
    assert "The answer to a letter" in found
    assert "mail/privacy@acme.example" in found
    assert "no more marketing" not in found


@pytest.fixture
def told() -> Inbound:
    """A letter at a provider, of which there is only the notification."""
    notice = MailNotice("e1", recipients=(MAILBOX,), head=(("From", "Jane <jane@example.org>"), ("Subject", SCRIPT)))
    holds = [(key, Scope(acme().pk, None)) for key in contact("email", "jane@example.org").said]
    envelope = Envelope(body=b"{}", mail_notice=notice)
    inbox.accept(Arrival(acme().pk, "esp:resend", "email", envelope, holds, "acme", same=("e1",)))
    pipeline.drain()
    return Inbound.objects.get()


def test_a_letter_that_is_only_told_of_is_shown(boss: Client, told: Inbound) -> None:
    found = page(boss, f"consent/inbound/{told.pk}/change/")
    for text_of_it in (
        "Jane &lt;jane@example.org&gt;",
        "Asking the provider for the letter",
        "the letter is asked for",
    ):
        assert text_of_it in found
    assert SCRIPT not in found
    assert "fetching" in page(boss, "consent/inbound/", 200, state="fetching")


def test_one_that_cannot_be_had_is_a_review_and_may_be_asked_for_again(boss: Client, told: Inbound) -> None:
    Errand.objects.update(state="failed", error="http 404")
    collecting.give_up([told.pk])
    pipeline.drain()
    review = Review.objects.get()
    found = page(boss, f"consent/review/{review.pk}/change/")
    assert "jane@example.org" in found
    assert "http 404" in page(boss, f"consent/inbound/{told.pk}/change/")
    asked = {"action": "ask_again", "_selected_action": str(Errand.objects.get().pk)}
    post(staff("consent.view_errand"), "consent/errand/", 200, **asked)
    assert Errand.objects.get().state == "failed"
    post(boss, "consent/errand/", 302, **asked)
    assert Errand.objects.get().state == "waiting"
    post(boss, f"consent/review/{review.pk}/change/", 302, one_click="opt_out")
    assert Inbound.objects.get().state == "done"
    assert ConsentEvent.objects.get().key == contact("email", "jane@example.org").said[0]


def test_only_letters_are_asked_for_again(boss: Client, answered: Errand) -> None:
    Errand.objects.update(state="failed")
    post(boss, "consent/errand/", 302, action="ask_again", _selected_action=str(answered.pk))
    answered.refresh_from_db()
    assert answered.state == "failed"
