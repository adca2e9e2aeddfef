"""The signed posts of each SMS gateway, against a view that commits one row."""

import time
from datetime import UTC, datetime

import msgspec

from bench import gateways, messages, sns
from bench.client import Connection, Load, request
from bench.figures import Aim, BenchError, Figure, median
from bench.intake import ensure_table
from bench.stack import Stack
from consent import vault
from consent.configuration import SECRETS_PURPOSE
from consent.intake.registry import PROVIDERS
from consent.models import Controller, ProviderAccount

_SECRET = "user:0123456789abcdef"
_ROUNDS = 3
_SECONDS = 0.8
_MOST = 4_000  # requests signed beforehand for each round
_BARE = "a bare insert"
_PATIENCE_SECONDS = 10.0
_ALONE = 500


def measure(stack: Stack) -> Figure:
    """Requests per second: of the gateway with the fewest. All of them are in the note."""
    ensure_table(stack)
    _configure(stack)
    names = [*sorted({*gateways.SIGNERS, "twilio"}), _BARE]
    with stack.paused():
        for name in names:
            _rate(stack, name, 0.2)
        rounds = [{name: _rate(stack, name, _SECONDS) for name in names} for _ in range(_ROUNDS)]
    stack.wait_until_idle()
    rates = {name: median(one[name] for one in rounds) for name in names}
    bare = rates.pop(_BARE)
    slowest = min(rates, key=rates.__getitem__)
    each = ", ".join(f"{name} {rate:,.0f} ({rate / bare:.2f})" for name, rate in rates.items())
    note = (
        f"Signed STOPs of each gateway, all different, pipeline frozen, and their ratios: {each}; {slowest} counts. "
        "sns: its certificate can be had from Amazon only, so its adapter alone was measured, in process: "
        f"{_sns():,.0f}/s verified and read."
    )
    return Figure("intake_gateways", rates[slowest], bare, "requests/s", "higher", Aim("ratio", 0.5), note)


def _configure(stack: Stack) -> None:
    """An account for each gateway that the example organisation has none for, known to the web before we go on."""
    acme = Controller.objects.get(slug=messages.CONTROLLER)
    for provider in gateways.SIGNERS:
        secrets = msgspec.json.encode([gateways.configured(provider, _SECRET)])
        ProviderAccount.objects.update_or_create(
            provider=provider,
            endpoint=acme.slug,
            defaults={"controller": acme, "sealed_secrets": vault.seal(SECRETS_PURPOSE, secrets), "region": "US"},
        )
    for provider in gateways.SIGNERS:
        _wait_for(stack, provider)


def _wait_for(stack: Stack, provider: str) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        connection = Connection(stack.port)
        answer = connection.ask(_post(stack, provider))
        connection.close()
        if answer.status < 300:
            return
        if time.monotonic() > deadline:
            raise BenchError(f"{provider}: answered {answer.status}: {answer.body[:300].decode(errors='replace')}")
        time.sleep(0.1)


def _post(stack: Stack, provider: str) -> bytes:
    if provider == "twilio":
        return messages.stop(stack)
    path = f"/webhooks/sms/{provider}/{messages.CONTROLLER}"
    url = stack.values["SAYSO_PUBLIC_ORIGIN"] + path
    post = gateways.SIGNERS[provider](url, _SECRET, messages.new_number())
    return request("POST", path, post.body, **post.headers)


def _rate(stack: Stack, name: str, seconds: float) -> float:
    count = int(_MOST * seconds / _SECONDS)
    signed = [messages.stop(stack, "/bench/insert") if name == _BARE else _post(stack, name) for _ in range(count)]
    with Load(stack.port) as load:
        return load.rate(iter(signed), seconds)


def _sns() -> float:
    """Notifications verified and read, a second."""
    now = datetime.now(UTC)
    received, account = sns.notification(now)
    began = time.perf_counter()
    for _ in range(_ALONE):
        PROVIDERS["sns"].verify(received, account, now)
        if not PROVIDERS["sns"].parse(received, account):
            raise BenchError("sns: nothing was read")
    return _ALONE / (time.perf_counter() - began)
