"""The options of an account that say whether and how its texts are answered, and what may be said of them.

| Option | Values |
|---|---|
| `answers` | `gateway` (it answers itself; the default), `response` (in the answer to its post), `api` (by a call) |
| `api_url` | where the gateway's API is, if not where it is for everybody; https, or http on this machine |
| `language` | ISO 639-1: of answers to words that tell no language, such as STOP |
| `contact` | who helps: a number, address or page for the reply to HELP, if not the controller's |
| `menu` | topics that a confirmation offers to keep: slugs separated by commas |
| `text.<kind>.<language>` | a text of its own instead of that of texts.tsv |
"""

from collections.abc import Collection, Mapping
from typing import Protocol

from consent.answers import texts
from consent.intake.options import https_url
from consent.outgoing.registry import GATEWAYS
from consent.outgoing.responses import RESPONSES

GATEWAY, RESPONSE, API = "gateway", "response", "api"
TEXT_PREFIX = "text."
MAX_TOPICS = 9
_MAX_CONTACT = 80


def way(options: Mapping[str, str]) -> str:
    """How the account's texts are answered. What cannot be read is left to the gateway: better no text than two."""
    said = options.get("answers", GATEWAY)
    return said if said in (RESPONSE, API) else GATEWAY


def menu_slugs(options: Mapping[str, str]) -> list[str]:
    """The slugs of the menu, in its order."""
    slugs = [slug.strip() for slug in options.get("menu", "").split(",")]
    return list(dict.fromkeys(slug for slug in slugs if slug))[:MAX_TOPICS]


def problems(
    provider: str,
    options: Mapping[str, str],
    *,
    credentials: Collection[str] | None = None,
    topics: Collection[str] | None = None,
) -> dict[str, str]:
    """What is wrong, by the name of the option (`credentials` for what is missing among them); empty if nothing is.

    `credentials` are the names that the account has, `topics` the slugs that SMS carries for its controller; each is
    judged only where it is given.
    """
    found = {
        "answers": _problem_of_answers(provider, options),
        "api_url": _problem_of_url(options.get("api_url", "")),
        "language": _problem_of_language(options.get("language", "")),
        "contact": _problem_of_contact(options.get("contact", "")),
        "menu": _problem_of_menu(options, topics),
        "credentials": _problem_of_credentials(provider, options, credentials),
    }
    found |= {name: _problem_of_text(name, text) for name, text in options.items() if name.startswith(TEXT_PREFIX)}
    return {name: problem for name, problem in found.items() if problem}


def _problem_of_answers(provider: str, options: Mapping[str, str]) -> str:
    said = options.get("answers", GATEWAY)
    if said not in (GATEWAY, RESPONSE, API):
        return f"one of {GATEWAY}, {RESPONSE}, {API}"
    if said == RESPONSE and provider not in RESPONSES:
        return f"{provider} takes no text in the response to its post; only {', '.join(sorted(RESPONSES))} do"
    if said == API and provider not in GATEWAYS:
        return f"{provider} has no API that we know"
    if said == API and not (GATEWAYS[provider].API_URL or options.get("api_url")):
        return f"{provider} has no API address for everybody: set api_url"
    return ""


def _problem_of_url(url: str) -> str:
    return https_url(url) if url else ""


def _problem_of_language(language: str) -> str:
    known = texts.languages()
    return "" if not language or language in known else f"one of {', '.join(sorted(known))}"


def _problem_of_contact(contact: str) -> str:
    return "" if len(contact) <= _MAX_CONTACT else f"at most {_MAX_CONTACT} characters"


def _problem_of_menu(options: Mapping[str, str], topics: Collection[str] | None) -> str:
    written = [slug.strip() for slug in options.get("menu", "").split(",") if slug.strip()]
    if len(written) > MAX_TOPICS:
        return f"at most {MAX_TOPICS} topics"
    unknown = [slug for slug in written if topics is not None and slug not in topics]
    return f"SMS carries no topic {unknown[0][:50]} of this controller" if unknown else ""


def _problem_of_credentials(provider: str, options: Mapping[str, str], known: Collection[str] | None) -> str:
    gateway = GATEWAYS.get(provider)
    if known is None or gateway is None or way(options) != API:
        return ""
    missing = [name for name in gateway.CREDENTIALS if name not in known]
    return f"{provider} needs {', '.join(missing)}" if missing else ""


def _problem_of_text(name: str, text: str) -> str:
    _, _, rest = name.partition(".")
    kind, _, language = rest.partition(".")
    if kind not in texts.PLACEHOLDERS:
        return f"the kinds of texts are {', '.join(texts.PLACEHOLDERS)}"
    if not language:
        return "names no language: text.<kind>.<language>"
    return _problem_of_language(language) or texts.problem_of(kind, text)


class Api(Protocol):
    """Whatever has an API somewhere: a gateway, a holder of mail."""

    @property
    def API_URL(self) -> str: ...  # noqa: N802 - a constant of the module


def base_url(api: Api, options: Mapping[str, str], credentials: Mapping[str, str]) -> str:
    """Where an account's API is. Raise `KeyError` where a credential that names it is missing."""
    return (options.get("api_url") or api.API_URL.format_map(dict(credentials))).rstrip("/")
