"""The certificate of a webhook's signature: fetched narrowly, once, and never at a forger's pleasure."""

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from time_machine import travel

from consent import certificates
from consent.certificates import Certificates, Unavailable
from tests.consent.providers.gateways import CERTIFICATE_URL, NOW, certificate
from tests.each import each

URL = CERTIFICATE_URL


class Source:
    """Gives what it was told to, and counts."""

    def __init__(self, *answers: bytes | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    def __call__(self, url: str) -> bytes:
        self.asked.append(url)
        answer = self.answers[min(len(self.asked), len(self.answers)) - 1]
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture(autouse=True)
def _then() -> Iterator[None]:
    with travel(NOW, tick=True):
        yield


def test_it_is_fetched_once_and_kept_until_it_expires() -> None:
    source = Source(certificate())
    held = Certificates(source)
    assert [held.get(URL) for _ in range(5)] == [certificate()] * 5
    assert source.asked == [URL]
    with travel(NOW + timedelta(days=366), tick=True), pytest.raises(Unavailable):
        held.get(URL)


@each("answer", [Unavailable("status 404"), ValueError("x"), b"", b"<html>", certificate(days=-1), b"-----BEGIN x"])
def test_what_is_no_certificate_is_not_kept_and_not_asked_for_again_at_once(answer: bytes | Exception) -> None:
    source = Source(answer, certificate())
    held = Certificates(source)
    for _ in range(5):
        with pytest.raises(Unavailable):
            held.get(URL)
    assert source.asked == [URL]


def test_a_failure_is_forgotten_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(certificates, "FORGET_FAILURE", 0.0)
    source = Source(Unavailable("status 500"), certificate())
    held = Certificates(source)
    with pytest.raises(Unavailable):
        held.get(URL)
    assert held.get(URL) == certificate()


def test_forged_addresses_cannot_make_us_fetch_without_end() -> None:
    source = Source(Unavailable("status 403"))
    held = Certificates(source)
    for number in range(200):
        with pytest.raises(Unavailable):
            held.get(URL.replace("0123", f"{number:04}"))
    assert len(source.asked) == certificates.FETCHES_A_MINUTE


def test_what_is_kept_stays_available_however_many_forgeries_come() -> None:
    held = Certificates(lambda url: certificate() if url == URL else b"")
    held.get(URL)
    for number in range(100):
        with pytest.raises(Unavailable):
            held.get(f"{URL}{number}")
    assert held.get(URL) == certificate()


def test_one_flight_serves_those_who_wait_and_the_others_come_again() -> None:
    started, go = threading.Event(), threading.Event()
    asked: list[str] = []

    def slow(url: str) -> bytes:
        asked.append(url)
        started.set()
        go.wait(10)
        return certificate()

    held, results = Certificates(slow), list[object]()
    waiting = [threading.Thread(target=lambda: results.append(held.get(URL))) for _ in range(certificates.WAITING)]
    for thread in waiting:
        thread.start()
    started.wait(10)
    while held._places._value:
        threading.Event().wait(0.001)
    with pytest.raises(Unavailable, match="others wait"):
        held.get(URL)
    go.set()
    for thread in waiting:
        thread.join(10)
    assert (results, asked) == ([certificate()] * certificates.WAITING, [URL])


def test_nobody_waits_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(certificates, "PATIENCE", 0.01)
    go = threading.Event()

    def slow(url: str) -> bytes:
        go.wait(10)
        return certificate()

    held = Certificates(slow)
    with pytest.raises(Unavailable, match="too slow"):
        held.get(URL)
    go.set()
