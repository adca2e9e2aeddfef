"""Would this webhook be believed, and what does it say? Decided by the very `verify` and `parse` of the intake."""

import base64
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import msgspec

from consent.intake.contract import Account, Forbidden, Malformed, Message, Provider, Request
from consent.intake.mail_signatures.registry import SCHEMES, Scheme, scheme_of
from consent.intake.providers import wire
from consent.intake.registry import PROVIDERS

Item = Mapping[str, Any]

NAMES = {
    "amazon-sns": "sns",
    "aws-sns": "sns",
    "bird": "messagebird",
    "nexmo": "vonage",
    "mailchimp-transactional": "mandrill",
    "sendinblue": "brevo",
    "ses": "amazon-ses",
    "unisender": "unisender-go",
}
PURPOSES = ("-inbound", "-tracking")  # of a mail provider's webhooks, which are signed alike
OF_TOPICS = {"sns", "amazon-ses"}
SIGNS_QUERY = {"messagebird"}  # parameters are the query's, whatever the method
DEFAULT_URL = "https://example.invalid/"
FORM = "application/x-www-form-urlencoded"
VONAGE_ALGORITHMS = ("md5hash", "sha512", "sha256", "sha1", "md5")
TIMESTAMP_HEADERS = (
    "telnyx-timestamp",
    "x-sinch-webhook-signature-timestamp",
    "messagebird-request-timestamp",
)


def explain_webhook(item: Item) -> dict[str, Any]:
    """Verify and read one webhook, and write nothing.

    `item`: provider, secret (or a list; `public_key` for Ed25519, `topics` for SNS), url, headers, and `params` (of the
    form, or of the query of a GET; a value may be a list) or `body` (text; `body_b64`: bytes; `message`: an object).
    Also method, now (seconds or RFC 3339), nonce, sig, algorithm, options, certificate_pem. Without `now` the webhook
    is taken as arriving at the moment that it names itself, so that an old sample can be asked about. Of a mail
    provider's webhook only the proof is judged: its `events` are none.

    Gives `valid`, `status` (200, 403 or 400, as the intake would answer), `events` and, if refused, `reason`. Raises
    `ValueError` or `KeyError` where the item cannot be read.
    """
    name = name_of(item)
    request = request_of(item, name)
    account = account_of(item, name, request)
    if scheme := scheme_of(name, account.options):
        return judge_proof(scheme, request, account, moment_of(item, claimed_moment(scheme, request)))
    moments = claimed_moments(request)
    return judge(PROVIDERS[name], request, account, moment_of(item, next(moments, None)))


def judge(provider: Provider, request: Request, account: Account, now: datetime) -> dict[str, Any]:
    proven = judge_proof(provider, request, account, now)
    if not proven["valid"]:
        return proven
    try:
        messages = provider.parse(request, account)
    except Malformed as error:
        return {"valid": True, "status": 400, "events": [], "reason": str(error)}
    return {"valid": True, "status": 200, "events": [event_of(message) for message in messages]}


def judge_proof(provider: Provider | Scheme, request: Request, account: Account, now: datetime) -> dict[str, Any]:
    try:
        provider.verify(request, account, now)
    except Forbidden as error:
        return {"valid": False, "status": 403, "events": [], "reason": str(error)}
    except Malformed as error:
        return {"valid": False, "status": 400, "events": [], "reason": str(error)}
    return {"valid": True, "status": 200, "events": []}


def event_of(message: Message) -> dict[str, Any]:
    """The message without what is empty, its time as RFC 3339."""
    return {name: value for name, value in msgspec.to_builtins(message).items() if value not in ("", None, 0, False)}


def name_of(item: Item) -> str:
    """Of a gateway in `PROVIDERS`, or of a mail provider in `SCHEMES`."""
    given = str(item["provider"]).lower()
    plain = given.replace("_", "-")
    without = next((plain.removesuffix(purpose) for purpose in PURPOSES if plain.endswith(purpose)), plain)
    for name in (plain, without, NAMES.get(plain, ""), NAMES.get(without, "")):
        if name in PROVIDERS or name in SCHEMES:
            return name
    raise ValueError(f"provider: {given} is not one of {', '.join([*PROVIDERS, *SCHEMES])}")


def request_of(item: Item, name: str) -> Request:
    headers = {key.lower(): value for key, value in texts_of(item, "headers").items()}
    method, url, body = str(item.get("method") or "POST").upper(), str(item.get("url") or DEFAULT_URL), body_of(item)
    params = params_of(item)
    if params is not None and (method == "GET" or body is not None or name in SIGNS_QUERY):
        url += ("&" if urlsplit(url).query else "?") + urlencode(params, doseq=True)
    elif params is not None:
        body = urlencode(params, doseq=True).encode()
        headers.setdefault("content-type", FORM)
    headers.setdefault("content-type", FORM if name in SCHEMES and not looks_like_json(body) else "application/json")
    return Request(method, url, with_nonce(headers, item), body or b"")


def looks_like_json(body: bytes | None) -> bool:
    return (body or b"").lstrip()[:1] in (b"{", b"[")


def body_of(item: Item) -> bytes | None:
    if item.get("body_b64") is not None:
        return base64.b64decode(str(item["body_b64"]), validate=True)
    if item.get("message") is not None:
        return json.dumps(item["message"]).encode()
    body = item.get("body")
    return None if body is None else body_text(body).encode("utf-8", "surrogatepass")


def body_text(body: object) -> str:
    return body if isinstance(body, str) else json.dumps(body)


def params_of(item: Item) -> dict[str, Any] | None:
    if item.get("params") is None:
        return None
    params = object_of(item, "params")
    return {**params, "sig": item["sig"]} if item.get("sig") is not None else params


def texts_of(item: Item, name: str) -> dict[str, str]:
    return {str(key): str(value) for key, value in object_of(item, name).items()}


def object_of(item: Item, name: str) -> dict[str, Any]:
    value = item.get(name) or {}
    if not isinstance(value, dict):
        raise ValueError(f"{name}: not an object")
    return value


def with_nonce(headers: dict[str, str], item: Item) -> dict[str, str]:
    """Plivo's samples name the nonce beside the headers."""
    for version in ("v2", "v3"):
        if item.get("nonce") is not None and f"x-plivo-signature-{version}" in headers:
            headers.setdefault(f"x-plivo-signature-{version}-nonce", str(item["nonce"]))
    return headers


def account_of(item: Item, name: str, request: Request) -> Account:
    options = texts_of(item, "options")
    if name == "vonage":
        options.setdefault("algorithm", vonage_algorithm(item))
    documents = documents_of(item, request)
    return Account(name, "explain", secrets_of(item, name, request), options, documents, hypothetical=True)


def secrets_of(item: Item, name: str, request: Request) -> list[str]:
    """For SNS the allowed topics. Where none is named, the question is about the signature alone."""
    secret = item.get("secret") or item.get("public_key") or item.get("secret")
    given = item.get("topics") if name in OF_TOPICS else secret
    if name in OF_TOPICS and given is None:
        given = text_in(request.body, "TopicArn")
    return [str(secret) for secret in (given if isinstance(given, list) else [given]) if secret is not None]


def vonage_algorithm(item: Item) -> str:
    named = str(item.get("algorithm") or item.get("scheme") or "")
    return next((algorithm for algorithm in VONAGE_ALGORITHMS if algorithm in named), ",".join(VONAGE_ALGORITHMS))


def documents_of(item: Item, request: Request) -> dict[str, bytes]:
    if not item.get("certificate_pem"):
        return {}
    url = item.get("certificate_url") or text_in(request.body, "SigningCertURL")
    return {str(url): str(item["certificate_pem"]).encode()}


def moment_of(item: Item, claimed: datetime | None) -> datetime:
    if item.get("now") is None:
        return claimed or datetime.now(UTC)
    moment = moment_from(str(item["now"]))
    if moment is None:
        raise ValueError("now: neither seconds nor RFC 3339")
    return moment


def claimed_moment(scheme: Scheme, request: Request) -> datetime | None:
    try:
        return scheme.made_at(request) if scheme.made_at else None
    except (Forbidden, Malformed):
        return None


def claimed_moments(request: Request) -> Iterator[datetime]:
    """When the request says that it was made: a header, a token, a field."""
    texts = [request.headers.get(name, "") for name in TIMESTAMP_HEADERS]
    tokens = [request.headers.get(name, "") for name in ("messagebird-signature-jwt", "authorization")]
    texts += [text_in(claims_in(token), name) for token in tokens for name in ("nbf", "iat")]
    texts += [text_in(request.body, name) for name in ("timestamp", "Timestamp")]
    for encoded in (urlsplit(request.url).query, request.body.decode("utf-8", "replace")):
        texts += parse_qs(encoded[: wire.MAX_BODY]).get("timestamp", [])
    return (moment for text in texts if (moment := moment_from(text)) is not None)


def claims_in(token: str) -> bytes:
    part = token.split(".")[1] if token.count(".") == 2 else ""
    try:
        return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except ValueError:
        return b""


def text_in(body: bytes, name: str) -> str:
    """A field of a JSON object, or nothing."""
    try:
        return wire.json_object(body).text(name, "")
    except Malformed:
        return ""


def moment_from(text: str) -> datetime | None:
    if text.isascii() and text.isdigit() and len(text) <= 11:
        return datetime.fromtimestamp(int(text), UTC)
    return wire.moment(text) if text else None
