"""Whether the domain of a message's From stands by it: evidence, and nothing more. A no counts whatever comes out here.

Asked are what an upstream that we trust wrote on top (Authentication-Results, RFC 8601) and the DKIM signatures (RFC
6376) of the From's own domain. Domains are aligned as DMARC has it (RFC 7489, 3.1, relaxed).
"""

import functools
import logging
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Final, Literal, NamedTuple

from publicsuffixlist import PublicSuffixList

from consent.intake.mail_headers import Block, addresses, raw_values
from consent.intake.mail_limits import TooComplex
from consent.intake.mail_mime import split_head

Authenticity = Literal["pass", "fail", "none"]
LookUp = Callable[[str], bytes | None]

RESULTS_CHARS: Final = 8_000
SIGNATURES: Final = 3
SIGNATURE_CHARS: Final = 4_000  # dkimpy's checks of its fields take time quadratic in it
SIGNED_BYTES: Final = 1_000_000
KEY_BYTES: Final = 1_200  # a key of 4,096 bits has 740; whoever writes larger ones buys our time
BLANKS: Final = re.compile(rb"[ \t]{200}")  # dkimpy's canonical form takes time quadratic in a run of them

_RESULT: Final = re.compile(r"\s*([A-Za-z][\w-]{0,40})\s*(?:/\s*\d+\s*)?=\s*([A-Za-z]+)")
_PROPERTY: Final = re.compile(r"([A-Za-z][\w-]{0,20}\.[\w-]{1,40})\s*=\s*(\"[^\"]*\"|[^\s;]+)")
_silent: Final = logging.getLogger("sayso.dkim")
_silent.addHandler(logging.NullHandler())
_silent.propagate = False  # it writes down domains and signatures


class Proof(NamedTuple):
    """`by` says what proves or disproves it, and for whom: `dmarc (mx.example)`, `dkim (signature)`."""

    authenticity: Authenticity = "none"
    by: str = ""


class Result(NamedTuple):
    """What one method found: `dkim`, `pass`, {`header.d`: `example.org`}; all in lower case."""

    method: str
    result: str
    properties: Mapping[str, str]


NOTHING: Final = Proof()


def stated(raw: bytes, trusted: Collection[str]) -> Proof:
    """What the topmost results of a trusted upstream say. `trusted` are authserv-ids in lower case.

    Whoever sends a message can write such a field too, with any name in it: it then stands further down. So the
    topmost field alone counts, and only if it is one of a host that we trust.
    """
    fields = _fields(raw)
    domain = from_domain(fields) if fields and trusted else ""
    for value in raw_values(fields, "authentication-results") if fields and domain else ():
        host, results = read_results(value)
        if host in trusted:
            return _judge(host, results, domain)
    return NOTHING


def _fields(raw: bytes) -> Block | None:
    try:
        return split_head(raw, 0, len(raw))[0]
    except TooComplex:
        return None


def from_domain(fields: Block) -> str:
    """The domain of the one From address; empty where there are several: nobody could say whose word it is."""
    try:
        found = addresses(fields, ("from",))
    except TooComplex:
        return ""
    if len(found) != 1 or len(raw_values(fields, "from")) != 1:
        return ""
    return _ascii(found[0].rpartition("@")[2])


def _judge(host: str, results: list[Result], domain: str) -> Proof:
    for one in results:
        about = one.properties.get("header.from", domain)
        if one.method == "dmarc" and one.result in ("pass", "fail") and _ascii(about) == domain:
            return Proof("pass" if one.result == "pass" else "fail", f"dmarc ({host})")
    ours = [one for one in results if _is_aligned(_named(one), domain)]
    for wanted, proves in (("pass", "pass"), ("fail", "fail")):
        for one in ours:
            if one.result == wanted:
                return Proof("pass" if proves == "pass" else "fail", f"{one.method} ({host})")
    return NOTHING


def _named(result: Result) -> str:
    """The domain that a method's result is about."""
    name = {"dkim": ("header.d", "header.i"), "spf": ("smtp.mailfrom",)}.get(result.method, ())
    found = next((result.properties[one] for one in name if one in result.properties), "")
    return _ascii(found.rpartition("@")[2])


def read_results(value: str) -> tuple[str, list[Result]]:
    """The authserv-id and the results of a field's value. What cannot be read is left out."""
    first, *rest = _pieces(value[:RESULTS_CHARS])
    words = first.split()
    found = [(_RESULT.match(piece), piece) for piece in rest]
    return (words[0].strip('"').lower() if words else ""), [
        Result(match[1].lower(), match[2].lower(), _properties(piece[match.end() :])) for match, piece in found if match
    ]


def _properties(text: str) -> dict[str, str]:
    return {name.lower(): value.strip('"').lower() for name, value in _PROPERTY.findall(text)}


def _pieces(value: str) -> list[str]:
    """Cut at semicolons, comments left out (RFC 5322, 3.2.2; they nest), quoted strings whole."""
    pieces, depth, quoted, escaped = [""], 0, False, False
    for character in value:
        if escaped or character == "\\":
            escaped = not escaped
        elif character == '"' and not depth:
            quoted = not quoted
        elif not quoted and character in "()":
            depth = max(depth + (1 if character == "(" else -1), 0)
            continue
        elif character == ";" and not quoted and not depth:
            pieces.append("")
            continue
        if not depth:
            pieces[-1] += character
    return pieces


@functools.cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()


def _is_aligned(named: str, domain: str) -> bool:
    if not named or not domain:
        return False
    return named == domain or _organisation(named) == _organisation(domain)


def _organisation(domain: str) -> str:
    return _suffixes().privatesuffix(domain) or domain


def _ascii(domain: str) -> str:
    try:
        return domain.strip(" .<>").lower().encode("idna").decode()[:255]
    except UnicodeError:
        return ""


def signed(raw: bytes, look_up: LookUp) -> Proof:
    """Whether a DKIM signature of the From's own domain is good. `look_up` gives the TXT record of a name, or none.

    A signature over only a part of the body (`l=`) proves nothing about the rest, so it counts for nothing.
    """
    fields = _fields(raw) if len(raw) <= SIGNED_BYTES and not BLANKS.search(raw) else None
    domain = from_domain(fields) if fields else ""
    if not fields or not domain:
        return NOTHING
    found = [_verify(raw, place, look_up) for place in _signatures_of(fields, domain)]
    for outcome in ("pass", "fail"):
        if outcome in found:
            return Proof("pass" if outcome == "pass" else "fail", "dkim (signature)")
    return NOTHING


def _signatures_of(fields: Block, domain: str) -> Iterator[int]:
    written = [value[: SIGNATURE_CHARS + 1] for value in raw_values(fields, "dkim-signature")]
    aligned = [place for place, value in enumerate(written) if _may_be_asked(value, domain)]
    yield from aligned[:SIGNATURES]


def _may_be_asked(signature: str, domain: str) -> bool:
    tags = dict(part.strip().partition("=")[::2] for part in signature.split(";"))
    tags = {name.strip(): value.strip() for name, value in tags.items()}
    return len(signature) <= SIGNATURE_CHARS and "l" not in tags and _is_aligned(_ascii(tags.get("d", "")), domain)


def _verify(raw: bytes, place: int, look_up: LookUp) -> Authenticity:
    asked: list[bytes] = []

    def find(name: bytes, timeout: float = 0) -> bytes | None:
        text = look_up(name.decode("ascii", "replace").rstrip("."))
        asked.extend([text] if text and len(text) <= KEY_BYTES else [])
        return asked[-1] if asked else None

    import dkim  # only here: it takes a while to load

    try:
        good = dkim.DKIM(raw, logger=_silent).verify(place, dnsfunc=find)
    except Exception:  # it raises whatever a broken signature or key makes it trip over
        good = False
    if good:
        return "pass"
    return "fail" if asked else "none"  # without a key nobody can tell
