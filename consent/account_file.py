"""Accounts from a file: read, checked whole, then written in one transaction.

    [[account]]
    controller = "acme"
    provider = "sinch"
    endpoint = "acme"
    region = "US"
    secrets = ["env:SINCH_SECRET", "file:/run/secrets/sinch-old"]   # the newest first; all are valid
    credentials = {service_plan_id = "…", api_token = "env:SINCH_TOKEN"}

    [account.options]
    stop_scope = "sender"

A secret or credential is `env:NAME` (of the environment), `file:PATH` (its first line; relative to the file) or the
text itself.
"""

import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec
from django.db import transaction

from consent import vault
from consent.answers import options as answers
from consent.configuration import CREDENTIALS_PURPOSE, SECRETS_PURPOSE
from consent.credentials import of_environment
from consent.incoming.registry import lacking
from consent.intake.mail_providers import MAIL_PROVIDERS
from consent.intake.options import problems
from consent.intake.registry import PROVIDERS
from consent.models import Controller, ProviderAccount, Topic
from consent.models.vocabulary import Channel

MAX_BYTES = 1_000_000
MAX_SECRET = 10_000
SLUG = re.compile(r"[-a-zA-Z0-9_]{1,50}")
REGION = re.compile(r"([A-Z]{2})?")
FIELDS = ("controller", "provider", "endpoint", "region", "secrets", "credentials", "options")


class Wrong(Exception):
    """The file cannot be used. `problems` are sentences that name the account and the field."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(self.problems))


class Wanted(msgspec.Struct, frozen=True):
    """An account as the file has it, its secrets at hand."""

    controller: Controller
    provider: str
    endpoint: str
    region: str
    secrets: list[str]
    credentials: dict[str, str]
    options: dict[str, str]

    @property
    def name(self) -> str:
        return f"{self.provider}/{self.endpoint}"


def read(path: Path, environment: Mapping[str, str] = os.environ) -> list[Wanted]:
    """The accounts of a file. Raise `Wrong` with everything that is wrong with it."""
    tables = _tables(path)
    readers = [_Reader(table, place, path, environment) for place, table in enumerate(tables, start=1)]
    wanted = [reader.read() for reader in readers]
    wrong = [problem for reader in readers for problem in reader.wrong]
    names = [one.name.lower() for one in wanted if one is not None]
    wrong += [f"{path}: account {name}: given twice" for name in sorted(set(names)) if names.count(name) > 1]
    if wrong:
        raise Wrong(wrong)
    return [one for one in wanted if one is not None]


def _tables(path: Path) -> list[Any]:
    try:
        with path.open("rb") as file:
            content = tomllib.loads(file.read(MAX_BYTES).decode())
    except (OSError, ValueError) as error:
        raise Wrong([f"{path}: {error}"]) from error
    strange = [name for name in content if name != "account"]
    tables = content.get("account", [])
    if strange or not isinstance(tables, list):
        raise Wrong([f"{path}: {strange[0] if strange else 'account'}: only [[account]] tables are known"])
    return tables


class _Reader:
    """Reads one table, and gathers what is wrong with it."""

    def __init__(self, table: Any, place: int, path: Path, environment: Mapping[str, str]) -> None:
        self.table = table if isinstance(table, dict) else {}
        self.place, self.path, self.environment = place, path, environment
        self.wrong: list[str] = []

    def read(self) -> Wanted | None:
        for name in self.table:
            if name not in FIELDS:
                self.refuse(name[:60], f"unknown; an account has {', '.join(FIELDS)}")
        provider, endpoint = self.provider(), self.matching("endpoint", SLUG, "a name of letters, digits, - and _")
        region = self.matching("region", REGION, "two capital letters, such as US")
        controller, secrets = self.controller(), self.secrets()
        credentials, options = self.texts("credentials"), self.options(provider)
        if controller is None or self.wrong:
            return None
        credentials = {name: self.secret(f"credentials.{name}", text) for name, text in credentials.items()}
        wanted = Wanted(controller, provider, endpoint, region, secrets, credentials, options)
        self.check_against_what_is_there(wanted)
        self.check_answers(wanted)
        self.check_credentials_for_mail(wanted)
        return None if self.wrong else wanted

    def refuse(self, field: str, problem: str) -> None:
        known = "/".join(str(self.table.get(name, "?"))[:50] for name in ("provider", "endpoint"))
        self.wrong.append(f"{self.path}: account {self.place} ({known}): {field}: {problem}")

    def text(self, field: str) -> str:
        value = self.table.get(field, "")
        if not isinstance(value, str):
            self.refuse(field, "not a text")
            return ""
        return value

    def matching(self, field: str, pattern: re.Pattern[str], meaning: str) -> str:
        value = self.text(field)
        if not pattern.fullmatch(value[:200]):
            self.refuse(field, f"not {meaning}" if value else "missing")
        return value

    def provider(self) -> str:
        name = self.text("provider")
        if name not in PROVIDERS and name not in MAIL_PROVIDERS:
            self.refuse("provider", f"not one of {', '.join((*PROVIDERS, *MAIL_PROVIDERS))}" if name else "missing")
        return name

    def controller(self) -> Controller | None:
        slug = self.text("controller")
        found = Controller.objects.filter(slug=slug[:50]).first()
        if found is None:
            self.refuse("controller", f"there is no controller {slug[:50]}" if slug else "missing")
        return found

    def secrets(self) -> list[str]:
        given = self.table.get("secrets", [])
        if not isinstance(given, list) or not given:
            self.refuse("secrets", "a list of at least one")
            return []
        return [self.secret(f"secrets[{place}]", text) for place, text in enumerate(given)]

    def secret(self, field: str, given: object) -> str:
        if not isinstance(given, str):
            self.refuse(field, "not a text")
            return ""
        kind, _, name = given.partition(":")
        reader = {"env": self.from_environment, "file": self.from_file}.get(kind)
        found = reader(field, name) if reader else given
        if found is not None and not 0 < len(found) <= MAX_SECRET:
            self.refuse(field, "empty" if not found else "too long")
        return found or ""

    def from_environment(self, field: str, name: str) -> str | None:
        if name not in self.environment:
            self.refuse(field, f"{name[:60]} is not in the environment")
        return self.environment.get(name)

    def from_file(self, field: str, name: str) -> str | None:
        try:
            with (self.path.parent / name).open() as file:
                return file.readline(MAX_SECRET + 2).rstrip("\r\n")
        except (OSError, ValueError) as error:
            self.refuse(field, f"{name[:200]}: {error.strerror if isinstance(error, OSError) else 'not a text'}")
            return None

    def texts(self, field: str) -> dict[str, str]:
        given = self.table.get(field, {})
        if not isinstance(given, dict) or not all(isinstance(value, str) for value in given.values()):
            self.refuse(field, "a table of texts")
            return {}
        return {str(name): value for name, value in given.items()}

    def options(self, provider: str) -> dict[str, str]:
        options = self.texts("options")
        for problem in problems(provider, options):
            self.refuse("options", problem)
        return options

    def check_against_what_is_there(self, wanted: Wanted) -> None:
        there = ProviderAccount.objects.filter(provider=wanted.provider, endpoint=wanted.endpoint).first()
        if there is not None and there.controller_id != wanted.controller.pk:
            self.refuse(
                "controller", f"the account belongs to {there.controller.slug}; what came in for it stays there"
            )

    def check_credentials_for_mail(self, wanted: Wanted) -> None:
        """Some of them are a slip; none at all will do for whoever takes no mail from the provider."""
        missing = lacking(wanted.provider, wanted.credentials)
        if wanted.credentials and missing:
            self.refuse("credentials", f"{wanted.provider} needs {', '.join(missing)}")

    def check_answers(self, wanted: Wanted) -> None:
        topics = Topic.objects.filter(controller=wanted.controller, channels__channel=Channel.SMS)
        slugs = set(topics.values_list("slug", flat=True))
        credentials = wanted.credentials or of_environment(wanted.provider)
        found = answers.problems(wanted.provider, wanted.options, credentials=credentials, topics=slugs)
        for name, problem in found.items():
            self.refuse(name if name == "credentials" else f"options.{name}", problem)


def apply(wanted: Iterable[Wanted], *, prune: bool = False) -> list[tuple[str, str]]:
    """Make the accounts so, all or none. Give each one's name with made, changed, unchanged or removed."""
    with transaction.atomic():
        done = [(one.name, _apply_one(one)) for one in wanted]
        return done + (_prune({name for name, _ in done}) if prune else [])


def _apply_one(wanted: Wanted) -> str:
    account = ProviderAccount.objects.select_for_update().filter(
        provider=wanted.provider, endpoint=wanted.endpoint
    ).first() or ProviderAccount(provider=wanted.provider, endpoint=wanted.endpoint, controller=wanted.controller)
    made = account._state.adding
    differs = _set(account, region=wanted.region, options=wanted.options)
    differs |= _seal(account, "sealed_secrets", SECRETS_PURPOSE, wanted.secrets)
    differs |= _seal(account, "sealed_credentials", CREDENTIALS_PURPOSE, wanted.credentials or None)
    if differs:
        account.save()
    return "made" if made else "changed" if differs else "unchanged"


def _set(account: ProviderAccount, **values: object) -> bool:
    differs = any(getattr(account, name) != value for name, value in values.items())
    for name, value in values.items():
        setattr(account, name, value)
    return differs


def _seal(account: ProviderAccount, column: str, purpose: str, plain: object) -> bool:
    """Seal a value anew only where it is another one: sealing differs every time, and each change is a new version."""
    sealed = getattr(account, column)
    known = msgspec.json.decode(vault.unseal(purpose, sealed)) if sealed else None
    if known == plain:
        return False
    setattr(account, column, None if plain is None else vault.seal(purpose, msgspec.json.encode(plain)))
    return True


def _prune(kept: set[str]) -> list[tuple[str, str]]:
    removed = [
        account for account in ProviderAccount.objects.order_by("provider", "endpoint") if str(account) not in kept
    ]
    for account in removed:
        account.delete()
    return [(f"{account.provider}/{account.endpoint}", "removed") for account in removed]
