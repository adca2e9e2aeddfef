"""Whether a letter is from whom it says: by a trusted upstream, by DKIM with injected keys; and forgeries of both."""

import base64
from collections.abc import Callable

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from dns.exception import Timeout
from dns.resolver import NXDOMAIN

from consent.intake.mail_authenticity import NOTHING, Proof, read_results, signed, stated
from consent.mail_proof import KEPT_SECONDS, PERIOD_SECONDS, Keys

TRUSTED = frozenset({"mx.ours.example"})
LETTER = b"From: Jane <jane@example.org>\r\nSubject: unsubscribe\r\n\r\nPlease.\r\n"
PASS, FAIL = "pass", "fail"

# the fields above the letter → what they prove
STATED: list[tuple[str, str]] = [
    ("mx.ours.example; dmarc=pass header.from=example.org", PASS),
    ("mx.ours.example; dmarc=fail (p=reject) header.from=example.org; dkim=pass header.d=example.org", FAIL),
    ("MX.Ours.Example 1; DMARC = PASS (a (nested; dmarc=fail) comment) HEADER.FROM = EXAMPLE.ORG", PASS),
    ('mx.ours.example; dkim=pass reason="good; signature" header.d=mail.example.org header.s=a', PASS),
    ("mx.ours.example; dkim=pass header.i=@example.org", PASS),
    ("mx.ours.example; spf=pass smtp.mailfrom=jane@example.org", PASS),
    ("mx.ours.example; spf=fail smtp.mailfrom=jane@example.org; dkim=pass header.d=example.org", PASS),
    ("mx.ours.example; spf=fail smtp.mailfrom=jane@example.org; dkim=none", FAIL),
    ("mx.ours.example;\r\n\tdkim=pass header.d=example.org;\r\n spf=none", PASS),
    # about somebody else
    ("mx.ours.example; dkim=pass header.d=attacker.example; spf=pass smtp.mailfrom=a@attacker.example", "none"),
    ("mx.ours.example; dkim=pass header.d=notexample.org", "none"),
    ("mx.ours.example; dkim=pass header.d=org", "none"),
    ("mx.ours.example; dmarc=pass header.from=attacker.example", "none"),
    # nothing was found, or nobody we trust says so
    ("mx.ours.example; none", "none"),
    ("mx.ours.example; dmarc=temperror header.from=example.org; spf=neutral", "none"),
    ("mx.attacker.example; dmarc=pass header.from=example.org", "none"),
    ("mx.ours.example.attacker.example; dmarc=pass header.from=example.org", "none"),
    ("x (mx.ours.example); dmarc=pass header.from=example.org", "none"),
    # not readable
    ("", "none"), (";;;", "none"), ("mx.ours.example; dmarc", "none"), ("mx.ours.example; ((((dmarc=pass", "none"),
    ('mx.ours.example; "dmarc=pass', "none"), ("mx.ours.example" + "; dkim=pass" * 2_000, "none"),
]  # fmt: skip


def results(value: str) -> bytes:
    return f"Authentication-Results: {value}\r\n".encode()


def test_what_a_trusted_upstream_states() -> None:
    found = [(value[:70], stated(results(value) + LETTER, TRUSTED).authenticity) for value, _ in STATED]
    assert found == [(value[:70], expected) for value, expected in STATED]


def test_only_the_topmost_field_of_a_trusted_host_counts() -> None:
    own, forged = results("mx.ours.example; dmarc=fail"), results("mx.ours.example; dmarc=pass")
    assert stated(own + b"Received: x\r\n" + forged + LETTER, TRUSTED) == Proof("fail", "dmarc (mx.ours.example)")
    assert stated(own + forged + LETTER, TRUSTED).authenticity == "fail"
    assert stated(results("mx.ours.example; spf=none") + forged + LETTER, TRUSTED) == NOTHING
    assert stated(results("inner.example; dmarc=pass") + own + LETTER, TRUSTED).authenticity == "fail"
    assert stated(forged + LETTER, frozenset()) == NOTHING


def test_no_proof_for_a_from_that_names_several_or_nobody() -> None:
    field = results("mx.ours.example; dmarc=pass header.from=example.org")
    for head in (
        b"From: jane@example.org\r\nFrom: joe@attacker.example\r\n",
        b"From: jane@example.org, joe@attacker.example\r\n",
        b"From: nobody\r\n",
        b"From: " + b"(" * 500 + b"jane@example.org\r\n",
        b"Sender: jane@example.org\r\n",
    ):
        assert stated(field + head + b"\r\nunsubscribe", TRUSTED) == NOTHING


def test_results_are_cut_apart() -> None:
    host, [one, two] = read_results(
        'mx.example 1; dkim/1=pass (ok; "x") header.d=a.example; spf=softfail smtp.helo="b c"'
    )
    assert host == "mx.example"
    assert one == ("dkim", "pass", {"header.d": "a.example"})
    assert two == ("spf", "softfail", {"smtp.helo": "b c"})


Answers = dict[str, bytes]


@pytest.fixture(scope="module")
def key() -> tuple[bytes, bytes]:
    """A private key, and the record of its public half."""
    made = rsa.generate_private_key(65_537, 1024)
    plain = serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    public = made.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return made.private_bytes(serialization.Encoding.PEM, *plain), b"v=DKIM1; k=rsa; p=" + base64.b64encode(public)


def sign(letter: bytes, private: bytes, domain: bytes = b"example.org", **more: object) -> bytes:
    signature: bytes = dkim.sign(letter, b"s", domain, private, **more)
    return signature + letter


def by(answers: Answers) -> Callable[[str], bytes | None]:
    return answers.get


def test_dkim_of_the_senders_own_domain(key: tuple[bytes, bytes]) -> None:
    private, record = key
    good = sign(LETTER, private)
    own, sub = {"s._domainkey.example.org": record}, {"s._domainkey.mail.example.org": record}
    relaxed = sign(LETTER, private, canonicalize=(b"relaxed", b"relaxed"))
    foreign = sign(LETTER, private, b"attacker.example")
    partial = sign(LETTER, private, length=True)
    cases: list[tuple[str, bytes, Answers, str]] = [
        ("good", good, own, PASS),
        ("relaxed", relaxed.replace(b"Please.", b"Please.  "), own, PASS),
        ("of a host of the domain", sign(LETTER, private, b"mail.example.org"), sub, PASS),
        ("beside a foreign one", foreign.removesuffix(LETTER) + good, own, PASS),
        ("changed words", good.replace(b"Please", b"Police"), own, FAIL),
        ("changed sender", good.replace(b"jane@", b"joan@"), own, FAIL),
        ("a second From", b"From: joe@example.org\r\n" + good, own, "none"),
        ("no key", good, {}, "none"),
        ("another's key", good, {"s._domainkey.example.org": b"v=DKIM1; p="}, FAIL),
        ("a monstrous key", good, {"s._domainkey.example.org": record + b"A" * 2_000}, "none"),
        ("of somebody else", foreign, {"s._domainkey.attacker.example": record}, "none"),
        ("of a part (l=)", partial + b"unsubscribe joe\r\n", own, "none"),
        ("unsigned", LETTER, own, "none"),
        ("broken", b"DKIM-Signature: v=1; d=example.org; b=;;=;\r\n" + LETTER, own, "none"),
        ("an endless one", b"DKIM-Signature: d=example.org; b=" + b" " * 60_000 + b"!\r\n" + LETTER, own, "none"),
        ("endless blanks", good + b" " * 900_000, own, "none"),
        ("too large", good + b"x\r\n" * 400_000, own, "none"),
    ]
    found = [(name, signed(raw, by(answers)).authenticity) for name, raw, answers, _ in cases]
    assert found == [(name, expected) for name, _, _, expected in cases]


def test_only_a_few_signatures_are_asked_about(key: tuple[bytes, bytes]) -> None:
    signature = sign(LETTER, key[0]).removesuffix(LETTER)
    asked: list[str] = []
    signed(signature * 50 + LETTER, asked.append)
    assert len(asked) == 3


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_keys_are_remembered_and_slow_names_are_not_waited_for() -> None:
    clock, asked = Clock(), list[str]()

    def resolve(name: str) -> bytes | None:
        asked.append(name)
        if name.startswith("slow"):
            clock.now += 1.0
            raise Timeout
        if name.startswith("none"):
            raise NXDOMAIN
        return b"record"

    keys = Keys(resolve, clock)
    assert [keys.find(name) for name in ("a", "a", "none", "none")] == [b"record", b"record", None, None]
    assert asked == ["a", "none"]
    assert [keys.find(name) for name in ("slow", "b", "a")] == [None, None, b"record"]
    assert asked == ["a", "none", "slow"]
    clock.now += PERIOD_SECONDS
    assert keys.find("b") == b"record"
    clock.now += KEPT_SECONDS
    keys.find("a")
    assert asked == ["a", "none", "slow", "b", "a"]
