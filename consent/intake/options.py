"""The options of an account, as a table: what each provider understands, which values it takes, and what for.

The admin's form, `configure_accounts` and the check at start read the same table. An unknown option is refused: one
with a slip in its name would silently mean the default.
"""

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

from consent.intake.mail_providers import MAIL_PROVIDERS
from consent.intake.providers import vonage

Check = Callable[[str], str]  # gives what is wrong with a value, or nothing


class Option(NamedTuple):
    """`takes` says in words what `wrong` checks."""

    takes: str
    wrong: Check
    help: str


def one_of(*allowed: str) -> Check:
    return lambda value: "" if value in allowed else f"not one of {', '.join(allowed)}"


def some_of(*allowed: str) -> Check:
    """A list, separated by commas."""

    def wrong(value: str) -> str:
        strange = [part for part in parts(value) if part not in allowed]
        if strange:
            return f"{strange[0]} is not one of {', '.join(allowed)}"
        return "" if parts(value) else "empty"

    return wrong


def parts(value: str) -> list[str]:
    return [part.strip() for part in value.split(",") if part.strip()]


def matching(pattern: str, meaning: str) -> Check:
    compiled = re.compile(pattern)
    return lambda value: "" if compiled.fullmatch(value[:500]) else f"not {meaning}"


def list_matching(pattern: str, meaning: str) -> Check:
    compiled = re.compile(pattern)

    def wrong(value: str) -> str:
        found = parts(value[:2_000])
        strange = [part for part in found if not compiled.fullmatch(part)]
        if strange:
            return f"{strange[0][:60]} is not {meaning}"
        return "" if found else "empty"

    return wrong


def https_url(value: str) -> str:
    try:
        url = urlsplit(value[:500])
        plain = bool(url.hostname) and url.port != 0 and not (url.username or url.password or url.query or url.fragment)
    except ValueError:
        plain = False
    local = plain and url.scheme == "http" and url.hostname in ("127.0.0.1", "localhost", "::1")
    return "" if plain and (url.scheme == "https" or local) else "not an https:// address without user and query"


def shorter_than(limit: int) -> Check:
    return lambda value: "" if len(value) < limit else f"longer than {limit} characters"


GENERAL: dict[str, Option] = {
    "stop_scope": Option(
        "controller, sender or programme",
        one_of("controller", "sender", "programme"),
        "How far a STOP reaches. Unless set: controller, everything of the controller.",
    ),
    "programme": Option(
        "topic slugs, separated by commas",
        list_matching(r"[-a-zA-Z0-9_]{1,50}", "a topic's slug"),
        "The topics of this account's programme, for stop_scope programme.",
    ),
    "answers": Option(
        "gateway, response or api",
        one_of("gateway", "response", "api"),
        "Who answers a text: the gateway by itself, our response to its webhook, or a call of its API.",
    ),
    "language": Option(
        "a language such as en or pt-BR",
        matching(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}", "a language tag (BCP 47)"),
        "The language of answers where the request tells none.",
    ),
    "contact": Option("at most 80 characters", shorter_than(81), "Who helps, in the reply to HELP."),
    "menu": Option(
        "topic slugs, separated by commas",
        list_matching(r"[-a-zA-Z0-9_]{1,50}", "a topic's slug"),
        "The topics that a confirmation offers to keep. No answer means that all stop.",
    ),
    "sender": Option(
        "a number, short code or name of ours",
        matching(r"[+0-9A-Za-z .()-]{2,40}", "a number, short code or name"),
        "The number that the gateway's list of opt-outs is of, where the list names none.",
    ),
    "api_url": Option("an https:// address", https_url, "Where the gateway's API is, if not where it usually is."),
}

PREFIXES: dict[str, Option] = {
    "text.": Option(
        "text.<kind>.<language> = a text",
        shorter_than(1_001),
        "A text of the account's own instead of an answer of ours.",
    ),
}

OWN: dict[str, dict[str, Option]] = {
    "vonage": {
        "algorithm": Option(
            f"{', '.join(vonage.SIGNERS)}, separated by commas",
            some_of(*vonage.SIGNERS),
            f"Signature methods that are accepted. Unless set: {vonage.DEFAULT_ALGORITHMS}.",
        )
    },
    "plivo": {
        "signature": Option(
            "v3, v2, v1, separated by commas",
            some_of("v3", "v2", "v1"),
            "Signature versions that are accepted; v3 alone demands a signed body. Unless set: all.",
        )
    },
    "sinch": {
        "authentication": Option(
            "basic or signature",
            one_of("basic", "signature"),
            "HTTP Basic, where a secret is user:password. Unless set: signature.",
        )
    },
    "sns": {
        "region": Option(
            "an AWS region",
            matching(r"[a-z]{2}(-[a-z]+){1,3}-\d{1,2}", "an AWS region"),
            "Where its opt-out lists are.",
        ),
        "lists": Option(
            "sms-voice, sns, separated by commas",
            list_matching(r"[A-Za-z0-9_.:/-]{1,256}", "the name of a service or list"),
            "Which opt-out lists are reconciled.",
        ),
    },
    "infobip": {
        "header": Option(
            "the name of a header",
            matching(r"[A-Za-z0-9-]{1,60}", "the name of a header"),
            "The header that holds the secret. Unless set: HTTP Basic, where a secret is user:password.",
        )
    },
}


_API_URL = Option("an https:// address", https_url, "Where the API for received mail is, if not where it usually is.")
_MAILBOX = Option(
    "an address of ours",
    matching(r"[^\s<>\"@,;:]{1,64}@[^\s<>\"@,;:]{1,255}", "an address"),
    "Our mailbox that received mail is for, where it names none of ours.",
)
# of mail providers that must be asked for what they received
ASKED: dict[str, dict[str, Option]] = {
    "amazon_ses": {"api_url": _API_URL},
    "mailtrap": {"api_url": _API_URL, "mailbox": _MAILBOX},
    "resend": {"api_url": _API_URL, "mailbox": _MAILBOX},
}


def options_of(provider: str) -> dict[str, Option]:
    """What an account of the provider may have."""
    if provider in MAIL_PROVIDERS:
        return {**_of_mail(MAIL_PROVIDERS[provider].proofs), **ASKED.get(provider, {})}
    return {**OWN.get(provider, {}), **GENERAL}


def _of_mail(proofs: tuple[str, ...]) -> dict[str, Option]:
    """Where a provider signs but need not, the account says how its posts are proved."""
    if len(proofs) == 1:
        return {}
    help_text = f"How its posts are proved. Basic: a secret is user:password. Unless set: {proofs[0]}."
    return {"authentication": Option(" or ".join(proofs), one_of(*proofs), help_text)}


def prefixed(name: str) -> Option | None:
    return next((option for prefix, option in PREFIXES.items() if name.startswith(prefix)), None)


def problems(provider: str, options: Mapping[str, object]) -> list[str]:
    """What is wrong with an account's options, one sentence each, beginning with the option's name."""
    known = options_of(provider)
    found = []
    for name, value in options.items():
        option = known.get(name) or prefixed(name)
        if option is None:
            found.append(f"{name[:60]}: {provider} has no such option, but {', '.join(known)}")
        elif not isinstance(value, str):
            found.append(f"{name}: not a text; it takes {option.takes}")
        elif wrong := option.wrong(value):
            found.append(f"{name}: {wrong}; it takes {option.takes}")
    if options.get("stop_scope") == "programme" and not options.get("programme"):
        found.append("programme: missing, though stop_scope is programme")
    return found


def described(provider: str) -> str:
    """A line of help for each option."""
    return "\n".join(f"{name}: {option.help} Takes {option.takes}." for name, option in options_of(provider).items())
