"""Accounts from a file: made, left alone, rotated, and every mistake named."""

import hashlib
import hmac
import io
from pathlib import Path

import msgspec
import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from consent import configuration, vault
from consent.checks import check_access_to_mail, check_account_options
from consent.configuration import SECRETS_PURPOSE
from consent.credentials import open_credentials
from consent.models import Inbound, ProviderAccount
from tests.consent.core.example import Organisation

pytestmark = pytest.mark.django_db

SINCH = """
[[account]]
controller = "acme"
provider = "sinch"
endpoint = "acme"
region = "US"
secrets = ["env:SINCH_NEW", "file:sinch-old"]

[account.options]
stop_scope = "sender"
"""
GENERIC = """
[[account]]
controller = "globex"
provider = "generic"
endpoint = "globex"
secrets = ["plain text of a secret"]
"""


@pytest.fixture
def file(tmp_path: Path, organisation: Organisation, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SINCH_NEW", "new-secret")
    (tmp_path / "sinch-old").write_text("old-secret\nand a second line\n")
    path = tmp_path / "accounts.toml"
    path.write_text(SINCH + GENERIC)
    return path


def run(path: Path, **options: bool) -> str:
    written = io.StringIO()
    call_command("configure_accounts", path, stdout=written, **options)
    return written.getvalue()


def complaints(path: Path, text: str) -> str:
    path.write_text(text)
    before = list(ProviderAccount.objects.order_by("pk").values())
    with pytest.raises(CommandError) as refused:
        run(path)
    assert list(ProviderAccount.objects.order_by("pk").values()) == before, "nothing of a wrong file is taken"
    return str(refused.value)


def secrets_of(provider: str, endpoint: str) -> list[str]:
    account = ProviderAccount.objects.get(provider=provider, endpoint=endpoint)
    return msgspec.json.decode(vault.unseal(SECRETS_PURPOSE, account.sealed_secrets), type=list[str])


def test_accounts_are_made_and_then_left_alone(file: Path) -> None:
    assert run(file) == "sinch/acme: made\ngeneric/globex: made\n"
    account = ProviderAccount.objects.get(provider="sinch")
    assert (account.controller.slug, account.region, account.options) == ("acme", "US", {"stop_scope": "sender"})
    assert secrets_of("sinch", "acme") == ["new-secret", "old-secret"]
    assert secrets_of("generic", "globex") == ["plain text of a secret"]
    version = configuration.current_version()
    assert run(file) == "sinch/acme: unchanged\ngeneric/globex: unchanged\n"
    assert configuration.current_version() == version
    file.write_text(SINCH.replace('"US"', '"DE"'))
    assert run(file) == "sinch/acme: changed\n"
    assert ProviderAccount.objects.get(provider="sinch").region == "DE"


def test_what_is_not_in_the_file_goes_only_if_asked(file: Path) -> None:
    assert ProviderAccount.objects.count() == 2
    run(file)
    assert ProviderAccount.objects.count() == 4
    assert run(file, prune=True).endswith("generic/acme: removed\ninfobip/acme: removed\n")
    assert ProviderAccount.objects.count() == 2


def test_a_check_changes_nothing(file: Path) -> None:
    assert run(file, check=True) == "2 accounts, nothing wrong with them.\n"
    assert ProviderAccount.objects.count() == 2


WRONG = {
    '"acme"\nprovider': ('"nobody"\nprovider', "controller: there is no controller nobody"),
    'provider = "sinch"': ('provider = "sinhc"', "provider: not one of bandwidth"),
    'endpoint = "acme"': ('endpoint = "a/b"', "endpoint: not a name"),
    '"US"': ('"usa"', "region: not two capital letters"),
    "region": ("regoin", "regoin: unknown; an account has controller"),
    '["env:SINCH_NEW", "file:sinch-old"]': ("[]", "secrets: a list of at least one"),
    '"env:SINCH_NEW"': ('"env:SINCH_NWE"', "secrets[0]: SINCH_NWE is not in the environment"),
    '"file:sinch-old"': ('"file:sinch-odl"', "secrets[1]: sinch-odl: No such file or directory"),
    'secrets = ["env:SINCH_NEW"': ('secrets = [""', "secrets[0]: empty"),
    "file:sinch-old": ("env:HOME\\u0000", "secrets[1]"),
    'stop_scope = "sender"': (
        'stop_scope = "senders"',
        "options: stop_scope: not one of controller,",
    ),
    "stop_scope": ("stopscope", "options: stopscope: sinch has no such option, but authentication, stop_scope"),
    '"sender"': ("7", "options: a table of texts"),
    "[account.options]": ('credentials = "x"\n[account.options]', "credentials: a table of texts"),
    "[[account]]": ("[[accounts]]", "accounts: only [[account]] tables are known"),
    "controller =": ("controller", "accounts.toml: "),
}


@pytest.mark.parametrize(("good", "bad", "complaint"), [(good, *bad) for good, bad in WRONG.items()])
def test_a_mistake_is_named_with_file_account_and_field(file: Path, good: str, bad: str, complaint: str) -> None:
    said = complaints(file, SINCH.replace(good, bad, 1))
    assert complaint in said
    assert str(file) in said
    assert "new-secret" not in said
    assert "old-secret" not in said


def test_all_mistakes_are_told_at_once(file: Path) -> None:
    said = complaints(file, SINCH.replace('"US"', '"usa"') + GENERIC.replace('"generic"', '"nobody"'))
    assert "account 1 (sinch/acme): region" in said
    assert "account 2 (nobody/globex): provider" in said


def test_an_account_is_given_once_and_stays_with_its_controller(file: Path) -> None:
    assert "account sinch/acme: given twice" in complaints(file, SINCH + SINCH)
    said = complaints(file, GENERIC.replace('"globex"\nsecrets', '"acme"\nsecrets'))
    assert "controller: the account belongs to acme" in said


def test_there_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="No such file"):
        run(tmp_path / "nothing.toml")


def post(client: Client, secret: str, number: int) -> int:
    body = msgspec.json.encode({"id": str(number), "from": f"+1415555010{number}", "to": "55501", "text": "STOP"})
    signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    answer = client.post(
        "/webhooks/sms/generic/globex",
        data=body,
        content_type="application/json",
        headers={"X-Signature": f"sha256={signature}"},
    )
    return answer.status_code


def test_secrets_are_rotated_through_the_file_without_a_gap(file: Path, client: Client) -> None:
    steps = ['["old"]', '["new", "old"]', '["new"]']
    accepted = []
    for step, secrets in enumerate(steps):
        file.write_text(GENERIC.replace('["plain text of a secret"]', secrets))
        run(file)
        configuration._looked_at = 0.0
        accepted.append([post(client, secret, 2 * step + place) for place, secret in enumerate(("old", "new"))])
    assert accepted == [[200, 403], [200, 200], [403, 200]]
    assert Inbound.objects.count() == 4


def test_credentials_are_sealed_and_replaced_by_the_next_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SINCH_TOKEN", "t-1")
    table = SINCH.replace(
        "secrets =", 'credentials = {service_plan_id = "plan", api_token = "env:SINCH_TOKEN"}\nsecrets ='
    )
    file.write_text(table + 'answers = "api"\n')
    assert "made" in run(file)
    account = ProviderAccount.objects.get(provider="sinch")
    assert open_credentials(account) == {"service_plan_id": "plan", "api_token": "t-1"}
    assert b"t-1" not in bytes(account.sealed_credentials or b"")
    assert "unchanged" in run(file)
    monkeypatch.setenv("SINCH_TOKEN", "t-2")
    assert "changed" in run(file)
    account.refresh_from_db()
    assert open_credentials(account)["api_token"] == "t-2"
    file.write_text(SINCH)
    run(file)
    account.refresh_from_db()
    assert account.sealed_credentials is None


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ('answers = "api"', "credentials: sinch needs service_plan_id, api_token"),
        ('answers = "response"', "options.answers: sinch takes no text in the response"),
        ('menu = "pets"', "options.menu: SMS carries no topic pets"),
        ('language = "xx"', "options.language: one of"),
        ('"text.help.en" = "{who}?"', "options.text.help.en: the placeholder {who}"),
    ],
)
def test_what_keeps_answers_from_going_out_is_named(file: Path, line: str, complaint: str) -> None:
    assert complaint in complaints(file, f"{SINCH}{line}\n")


RESEND = GENERIC.replace('"generic"', '"resend"')


@pytest.mark.parametrize(
    ("lines", "complaint"),
    [
        ('credentials = {api_token = "x"}\n', "credentials: resend needs api_key"),
        ('[account.options]\nmailbox = "nobody"\n', "options: mailbox: not an address"),
        ('[account.options]\napi_url = "http://api.resend.example"\n', "options: api_url: not an https:// address"),
    ],
)
def test_what_keeps_mail_from_being_asked_for_is_named(file: Path, lines: str, complaint: str) -> None:
    assert complaint in complaints(file, RESEND + lines)


def test_an_account_that_can_ask_for_no_mail_is_warned_of(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text(RESEND + GENERIC.replace('"generic"', '"amazon_ses"'))
    run(file)
    [found] = check_access_to_mail(None, databases=["default"])
    assert (found.id, found.msg) == ("sayso.W004", "Account resend/globex takes no mail: it lacks api_key.")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    messages = [one.msg for one in check_access_to_mail(None, databases=["default"])]
    assert "Account amazon_ses/globex takes no mail: it lacks secret_access_key, region." in messages
    file.write_text(
        RESEND + 'credentials = {api_key = "re_x"}\n[account.options]\nmailbox = "unsubscribe@acme.example"\n'
    )
    run(file)
    assert "resend" not in "".join(one.msg for one in check_access_to_mail(None, databases=["default"]))
    assert check_access_to_mail(None, databases=None) == []


def test_an_option_that_is_stored_and_wrong_is_warned_of(organisation: Organisation) -> None:
    assert check_account_options(None, databases=["default"]) == []
    ProviderAccount.objects.filter(provider="generic").update(options={"stop_scop": "sender", "answers": 7})
    found = check_account_options(None, databases=["default"])
    assert [warning.id for warning in found] == ["sayso.W002"] * 2
    assert found[1].msg.startswith("Account generic/acme: stop_scop: generic has no such option")
    assert check_account_options(None, databases=None) == []
