"""System checks: a start with missing, default or malformed secrets is refused.

Every process runs those of `TAG`. What only the others need is loaded within them.
"""

import base64
import re
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks
from django.db import DatabaseError

from consent import broker, vault
from consent.answers import letters
from consent.mailing import where
from consent.models import ProviderAccount

if TYPE_CHECKING:
    from consent.outside.ages import Age

_MIN_SECRET_CHARACTERS = 32
_DEFAULTS = {"missing", "secret", "changeme", "django-insecure"}
_LINK_KEY_ID = re.compile(r"[0-9a-f]{12}")
TAG = "sayso"


def _is_default(value: str) -> bool:
    return any(value.lower().startswith(word) for word in _DEFAULTS) or len(set(value)) < 8


@checks.register(TAG)
def check_secret_key(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[checks.CheckMessage]:
    # A fallback verifies links just as the key does: a weak one lets anybody forge them.
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    if any(len(key) < _MIN_SECRET_CHARACTERS or _is_default(key) for key in keys):
        hint = "Set it to 50 random characters; old ones go to SECRET_KEY_FALLBACKS: links already sent still work."
        return [checks.Error("SECRET_KEY (or a fallback) is missing, short or a default.", hint=hint, id="sayso.E001")]
    return []


@checks.register(TAG)
def check_link_keys(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[checks.CheckMessage]:
    if any(len(key) < _MIN_SECRET_CHARACTERS or _is_default(key) for key in settings.SAYSO_LINK_KEYS):
        hint = "Each is 50 random characters, the newest first; keep the old ones for ever (docs/LINKS.md)."
        return [checks.Error("One of SAYSO_LINK_KEYS is short or a default.", hint=hint, id="sayso.E012")]
    unread = [name for name in settings.SAYSO_LINK_KEYS_REVOKED if not _LINK_KEY_ID.fullmatch(name)]
    if unread:
        hint = "`manage.py link_key CONTROLLER` prints the id of each: 12 hex digits."
        return [checks.Error(f"SAYSO_LINK_KEYS_REVOKED has no ids: {unread}.", hint=hint, id="sayso.E013")]
    return []


@checks.register(TAG)
def check_address_secret(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[checks.CheckMessage]:
    try:
        secret = base64.b64decode(settings.SAYSO_ADDRESS_SECRET, validate=True)
    except ValueError:
        secret = b""
    if len(secret) < 32 or len(set(secret)) < 8:
        hint = "Set it once to the base64 of 32 random bytes and keep it for ever: all keys depend on it."
        return [checks.Error("SAYSO_ADDRESS_SECRET is missing, short or a default.", hint=hint, id="sayso.E002")]
    return []


@checks.register(TAG)
def check_encryption_keys(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[checks.CheckMessage]:
    hint = "Set it to '1:' and the base64 of 32 random bytes; to rotate, put a new key in front, separated by a comma."
    try:
        ring = vault.parse_ring(settings.SAYSO_ENCRYPTION_KEYS)
    except ValueError as error:
        return [checks.Error(f"SAYSO_ENCRYPTION_KEYS cannot be read ({error}).", hint=hint, id="sayso.E003")]
    if not ring or any(len(set(key)) < 8 for key in ring.values()):
        return [checks.Error("SAYSO_ENCRYPTION_KEYS is missing or a default.", hint=hint, id="sayso.E003")]
    return []


@checks.register(TAG)
def check_servers(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[checks.CheckMessage]:
    found: list[checks.CheckMessage] = []
    if urlsplit(settings.DATABASE_URL).scheme not in ("postgres", "postgresql"):
        found.append(checks.Error("DATABASE_URL is missing or not a postgresql:// URL.", id="sayso.E004"))
    if urlsplit(settings.REDIS_URL).scheme not in ("redis", "rediss"):
        found.append(checks.Error("REDIS_URL is missing or not a redis:// URL.", id="sayso.E005"))
    elif urlsplit(settings.SAYSO_BROKER_URL).scheme not in broker.SCHEMES:
        found.append(checks.Error("SAYSO_BROKER_URL is no redis:// or amqp:// URL.", id="sayso.E016"))
    return found


@checks.register(TAG)
def check_public_origin(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[checks.CheckMessage]:
    origin = urlsplit(settings.SAYSO_PUBLIC_ORIGIN)
    plain = f"{origin.scheme}://{origin.netloc}" == settings.SAYSO_PUBLIC_ORIGIN and "@" not in origin.netloc
    if origin.scheme not in ("http", "https") or not origin.hostname or not plain:
        hint = "The origin as the world sees it, such as https://sayso.example: links and signatures build on it."
        return [checks.Error("SAYSO_PUBLIC_ORIGIN is missing or not an origin.", hint=hint, id="sayso.E006")]
    if origin.scheme == "http" and not _is_local(origin.hostname):
        return [checks.Error("SAYSO_PUBLIC_ORIGIN must be https (RFC 8058 asks for HTTPS links).", id="sayso.E007")]
    return []


@checks.register(TAG)
def check_listener(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[checks.CheckMessage]:
    certificate, key = settings.SAYSO_SMTP_TLS_CERT, settings.SAYSO_SMTP_TLS_KEY
    found: list[checks.CheckMessage] = []
    if (key or settings.SAYSO_SMTP_TLS_REQUIRED) and not certificate:
        name = "SAYSO_SMTP_TLS_KEY" if key else "SAYSO_SMTP_TLS_REQUIRED"
        found.append(checks.Error(f"{name} is set without SAYSO_SMTP_TLS_CERT.", id="sayso.E008"))
    limits = ("SAYSO_MAX_MAIL_BYTES", "SAYSO_SMTP_RECIPIENTS", "SAYSO_SMTP_CONNECTIONS", "SAYSO_SMTP_TIMEOUT")
    low = [name for name in limits if getattr(settings, name) <= 0]
    return found + [checks.Error(f"{name} must be above 0.", id="sayso.E009") for name in low]


def _is_local(host: str | None) -> bool:
    return host in ("127.0.0.1", "localhost", "::1")


@checks.register(TAG)
def check_answers_to_letters(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[checks.CheckMessage]:
    found: list[checks.CheckMessage] = []
    if settings.SAYSO_MAIL_URL_PROBLEM:
        problem = f"SAYSO_MAIL_URL cannot be used: {settings.SAYSO_MAIL_URL_PROBLEM}."
        found.append(checks.Error(problem, id="sayso.E010"))
    if settings.SAYSO_ANSWER_LANGUAGE not in letters.languages():
        known = ", ".join(sorted(letters.languages()))
        found.append(checks.Error(f"SAYSO_ANSWER_LANGUAGE is none of {known}.", id="sayso.E011"))
    return found


@checks.register("mail_out")
def check_mail_leaves_us(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[checks.CheckMessage]:
    local = _is_local(urlsplit(settings.SAYSO_PUBLIC_ORIGIN).hostname)
    if settings.EMAIL_BACKEND != where.FILES or local:
        return []
    hint = "Set SAYSO_MAIL_URL to a mail server or a mail provider (docs/ACKNOWLEDGEMENTS.md)."
    return [checks.Warning("The answers to letters are files, and reach nobody.", hint=hint, id="sayso.W010")]


@checks.register("quiet_hours")
def check_public_holidays(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[checks.CheckMessage]:
    from consent.quiet import holidays

    if holidays.last_year() > datetime.now(UTC).year:
        return []
    hint = "docs/QUIET_HOURS.md tells how to add years: without them no day is a holiday."
    return [checks.Warning("The table of public holidays ends this year, or has ended.", hint=hint, id="sayso.W001")]


@checks.register(checks.Tags.database)
def check_account_options(
    app_configs: Sequence[Any] | None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[checks.CheckMessage]:
    """What Django checks where a database may be asked: `migrate`, and `check --database default`."""
    if not databases:
        return []
    from consent.intake.options import problems

    try:
        accounts = list(ProviderAccount.objects.only("provider", "endpoint", "options"))
    except DatabaseError:
        return []  # there are no tables yet
    hint = "Correct it in the admin, or by configure_accounts; meanwhile the account's default holds."
    return [
        checks.Warning(f"Account {account}: {problem}.", hint=hint, id="sayso.W002")
        for account in accounts
        for problem in problems(account.provider, account.options)
    ]


@checks.register(checks.Tags.database)
def check_access_to_mail(
    app_configs: Sequence[Any] | None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[checks.CheckMessage]:
    """Accounts whose inbound webhook answers 403, as they cannot ask for a letter that they are told of."""
    if not databases:
        return []
    from consent.incoming.registry import HOLDERS

    try:
        accounts = list(ProviderAccount.objects.filter(provider__in=HOLDERS))
    except DatabaseError:
        return []  # there are no tables yet
    hint = "Set them (docs/MAIL_PROVIDERS.md); an account that takes events alone needs none."
    return [
        checks.Warning(f"Account {account} takes no mail: it lacks {', '.join(missing)}.", hint=hint, id="sayso.W004")
        for account in accounts
        if (missing := _lacking(account))
    ]


def _lacking(account: ProviderAccount) -> list[str]:
    """Nothing for Amazon SES without any: its notifications may hold the letters themselves."""
    from consent.credentials import credentials_of
    from consent.incoming.registry import lacking

    known = credentials_of(account)
    return [] if account.provider == "amazon_ses" and not known else lacking(account.provider, known)


@checks.register(checks.Tags.database)
def check_outside_lists(
    app_configs: Sequence[Any] | None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[checks.CheckMessage]:
    """Lists that are too old, or will be within days. They go on denying."""
    if not databases:
        return []
    from consent.outside.ages import ages

    try:
        found = [age for age in ages() if age.expired or age.soon]
    except DatabaseError:
        return []  # there are no tables yet
    hint = "Import its next version (docs/LISTS.md), or retire it in the admin. Until then it denies as it stands."
    return [checks.Warning(f"Outside list {age.slug}: {_how_old(age)}.", hint=hint, id="sayso.W003") for age in found]


def _how_old(age: "Age") -> str:
    if age.expired:
        return f"its version of {age.as_of} has been too old for {-age.days_left} days"
    return f"its version of {age.as_of} will be too old in {age.days_left} days"


def refuse_bad_settings() -> None:
    """End the process with one line an error, for the servers that run no checks of their own."""
    errors = [message for message in checks.run_checks(tags=[TAG]) if message.is_serious()]
    if errors:
        sys.exit("\n".join(f"{error.id}: {error.msg} {error.hint or ''}".rstrip() for error in errors))
