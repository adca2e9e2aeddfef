"""What the organisation has set up: topics, senders, accounts with their secrets, API keys, staff."""

import re

import msgspec
import pytest
from django.contrib.auth.models import User
from django.test import Client

from consent import configuration, vault
from consent.models import Controller, Notice, ProviderAccount, Sender, Topic, TopicChannel
from subscriptions.models import TopicText
from subscriptions.models.api_key import ApiKey, digest_of
from tests.consent.admin.office import acme, page, post, staff

PAGES = ["controller", "topic", "sender", "notice", "provideraccount"]


def secrets_of(account: ProviderAccount) -> list[str]:
    opened = vault.unseal(configuration.SECRETS_PURPOSE, account.sealed_secrets)
    return msgspec.json.decode(opened, type=list[str])


def account_fields(**more: str) -> dict[str, str]:
    plain = {"controller": str(acme().pk), "provider": "telnyx", "endpoint": "acme", "region": "US", "options": "{}"}
    return plain | {"secrets": "secret-one\nsecret-two"} | more


@pytest.mark.parametrize("name", PAGES)
def test_each_list_and_form_opens(boss: Client, name: str) -> None:
    page(boss, f"consent/{name}/")
    page(boss, f"consent/{name}/add/")


@pytest.mark.parametrize("name", PAGES)
def test_without_the_permission_nothing_is_set_up(name: str) -> None:
    page(staff("consent.view_inbound"), f"consent/{name}/", 403)
    reader = staff(f"consent.view_{name}")
    page(reader, f"consent/{name}/")
    page(reader, f"consent/{name}/add/", 403)


def test_secrets_are_sealed_and_never_shown(boss: Client) -> None:
    post(boss, "consent/provideraccount/add/", 302, **account_fields())
    account = ProviderAccount.objects.get(provider="telnyx")
    assert secrets_of(account) == ["secret-one", "secret-two"]
    path = f"consent/provideraccount/{account.pk}/change/"
    assert "secret-two" not in page(boss, path)
    post(boss, path, 302, **account_fields(secrets="", region="DE"))
    account.refresh_from_db()
    assert (secrets_of(account), account.region) == (["secret-one", "secret-two"], "DE")
    post(boss, path, 302, **account_fields(secrets="secret-three\r\n\r\n secret-one "))
    account.refresh_from_db()
    assert secrets_of(account) == ["secret-three", "secret-one"]


def test_an_account_needs_secrets_and_a_known_provider(boss: Client) -> None:
    assert "This field is required" in post(boss, "consent/provideraccount/add/", **account_fields(secrets=" "))
    assert "Select a valid choice" in post(boss, "consent/provideraccount/add/", **account_fields(provider="x"))
    assert "A JSON object" in post(boss, "consent/provideraccount/add/", **account_fields(options="[1]"))


def test_an_option_with_a_slip_is_named(boss: Client) -> None:
    found = post(boss, "consent/provideraccount/add/", **account_fields(options='{"stop_scop": "sender"}'))
    assert "stop_scop: telnyx has no such option" in found
    found = post(boss, "consent/provideraccount/add/", **account_fields(options='{"stop_scope": "everyone"}'))
    assert "stop_scope: not one of controller, sender, programme" in found
    post(boss, "consent/provideraccount/add/", 302, **account_fields(options='{"stop_scope": "sender"}'))
    account = ProviderAccount.objects.get(provider="telnyx")
    assert "How far a STOP reaches." in page(boss, f"consent/provideraccount/{account.pk}/change/")


def test_a_reader_of_accounts_sees_no_field_for_secrets(boss: Client) -> None:
    post(boss, "consent/provideraccount/add/", 302, **account_fields())
    account = ProviderAccount.objects.get(provider="telnyx")
    found = page(staff("consent.view_provideraccount"), f"consent/provideraccount/{account.pk}/change/")
    assert 'name="secrets"' not in found
    assert "secret-one" not in found


@pytest.mark.parametrize(
    ("channel", "written", "normal"),
    [
        ("sms", "+1 (555) 010-0009", "+15550100009"),
        ("sms", "55502", "55502"),
        ("email", "Mail@ACME.example", "Mail@acme.example"),
    ],
)
def test_a_sender_is_kept_in_its_normal_form(boss: Client, channel: str, written: str, normal: str) -> None:
    fields = {"controller": acme().pk, "channel": channel, "kind": "sender", "address": written}
    post(boss, "consent/sender/add/", 302, **fields)
    assert Sender.objects.filter(address__iexact=normal).exists()


def test_a_sender_that_is_no_address_is_refused(boss: Client) -> None:
    fields = {"controller": acme().pk, "channel": "email", "kind": "sender", "address": "nonsense"}
    post(boss, "consent/sender/add/", 200, **fields)


def test_a_topic_takes_its_channels(boss: Client) -> None:
    topic = Topic.objects.get(controller=acme(), slug="newsletter")
    row = TopicChannel.objects.get(topic=topic)
    fields = {
        "slug": "newsletter",
        "name": "The newsletter",
        "description": "",
        "topic_class": "marketing",
        "frequency": "On Mondays",
        "fewer": "",
        "position": "3",
        "texts-TOTAL_FORMS": "1",
        "texts-INITIAL_FORMS": "0",
        "texts-0-topic": topic.pk,
        "texts-0-language": "es",
        "texts-0-name": "Boletín",
        "channels-TOTAL_FORMS": "2",
        "channels-INITIAL_FORMS": "1",
        "channels-0-id": row.pk,
        "channels-0-topic": topic.pk,
        "channels-0-channel": "email",
        "channels-0-basis": "confirmed_opt_in",
        "channels-1-topic": topic.pk,
        "channels-1-channel": "sms",
        "channels-1-basis": "opt_in",
    }
    post(boss, f"consent/topic/{topic.pk}/change/", 302, **fields)
    kept = dict(TopicChannel.objects.filter(topic=topic).values_list("channel", "basis"))
    assert kept == {"email": "confirmed_opt_in", "sms": "opt_in"}
    topic.refresh_from_db()
    assert (topic.frequency, topic.position) == ("On Mondays", 3)
    assert [(text.language, text.name) for text in TopicText.objects.filter(topic=topic)] == [("es", "Boletín")]


def test_fewer_of_a_topic_is_another_one_of_its_controller(boss: Client) -> None:
    topic = Topic.objects.get(controller=acme(), slug="newsletter")
    html = page(boss, f"consent/topic/{topic.pk}/change/")
    offered = re.findall(
        r"<option[^>]*>\s*([^<]+?)\s*</option>", html.partition('name="fewer"')[2].partition("</select>")[0]
    )
    assert "acme/offers" in offered
    assert "acme/newsletter" not in offered
    assert not [name for name in offered if name.startswith("globex/")]


@pytest.mark.parametrize("model", [Controller, Topic, Notice])
def test_what_the_ledger_refers_to_is_never_deleted(boss: Client, model: type[Controller]) -> None:
    name, number = model._meta.model_name, model.objects.count()
    row = model.objects.first()
    assert row is not None
    post(boss, f"consent/{name}/{row.pk}/delete/", 403, post="yes")
    boss.post(f"/admin/consent/{name}/", {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"})
    assert model.objects.count() == number


def test_a_wording_that_people_saw_stays(boss: Client) -> None:
    notice = Notice.objects.get(slug="newsletter-form")
    post(boss, f"consent/notice/{notice.pk}/change/", 302, text="other words", material="on")
    notice.refresh_from_db()
    assert (notice.material, "other words" in notice.text) == (True, False)


def test_a_new_api_key_is_shown_once_and_only_its_digest_kept(boss: Client) -> None:
    fields = {"controller": acme().pk, "name": "shop", "scopes": ["check", "links"]}
    response = boss.post("/admin/subscriptions/apikey/add/", fields)
    token = response.content.decode().split('class="sayso-token">')[1].split("<")[0]
    key = ApiKey.objects.get(name="shop")
    assert (bytes(key.digest), key.prefix, key.scopes) == (digest_of(token), token[:12], ["check", "links"])
    assert "no-store" in response["Cache-Control"]
    assert token not in str(response.cookies) + str(dict(boss.session))
    for path in ("subscriptions/apikey/", f"subscriptions/apikey/{key.pk}/change/"):
        assert token not in page(boss, path)


def test_a_key_is_revoked_and_neither_deleted_nor_remade(boss: Client) -> None:
    key = ApiKey.objects.create(controller=acme(), name="shop", prefix="sayso_abc", digest=b"d" * 32, scopes=["check"])
    fields = {"name": "new shop", "digest": "x", "scopes": ["links"], "prefix": "y", "controller": acme().pk + 1}
    post(boss, f"subscriptions/apikey/{key.pk}/change/", 302, **fields)
    post(boss, f"subscriptions/apikey/{key.pk}/delete/", 403, post="yes")
    post(boss, "subscriptions/apikey/", 302, action="revoke", _selected_action=[str(key.pk)])
    key.refresh_from_db()
    assert (key.name, bytes(key.digest), key.scopes, key.prefix) == ("new shop", b"d" * 32, ["check"], "sayso_abc")
    assert key.controller_id == acme().pk
    assert key.revoked_at is not None


def test_keys_need_their_permission() -> None:
    page(staff("consent.view_controller"), "subscriptions/apikey/", 403)
    reader = staff("subscriptions.view_apikey")
    key = ApiKey.objects.create(controller=acme(), name="shop", prefix="sayso_abc", digest=b"d" * 32, scopes=["check"])
    page(reader, f"subscriptions/apikey/{key.pk}/change/")
    page(reader, "subscriptions/apikey/add/", 403)
    post(reader, "subscriptions/apikey/", 200, action="revoke", _selected_action=[str(key.pk)])
    key.refresh_from_db()
    assert key.revoked_at is None


def test_staff_and_groups_have_their_pages(boss: Client) -> None:
    user = User.objects.get(username="boss")
    for path in (
        "auth/user/",
        "auth/user/add/",
        f"auth/user/{user.pk}/change/",
        f"auth/user/{user.pk}/password/",
        "auth/group/add/",
    ):
        page(boss, path)
