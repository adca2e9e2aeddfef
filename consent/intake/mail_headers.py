"""Header fields: cut apart, decoded (RFC 2047), turned into addresses and dates. Nothing here raises but
`TooComplex`."""

import base64
import binascii
import codecs
import quopri
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from email.message import Message
from email.parser import BytesHeaderParser
from email.policy import compat32
from email.utils import getaddresses, parsedate_to_datetime
from typing import Final

from consent.intake.mail_limits import (
    ENCODED_WORDS,
    FIELD_BYTES,
    FIELDS,
    HEAD_BYTES,
    NESTING_MARKS,
    TooComplex,
    within,
)

Block = Message  # of compat32: values are strings as received, bytes above 127 as surrogates

FIELD_LINE: Final = re.compile(rb"[!-9;-~]{1,200}[ \t]*:|[ \t]")
LINE_BREAK: Final = re.compile(rb"\r\n|\n|\r")
ENCODED_WORD: Final = re.compile(r"=\?([^?\s*]{1,40})(?:\*[^?\s]{1,20})?\?([bBqQ])\?([^?]*)\?=")
CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
HIDDEN: Final = dict.fromkeys(
    map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e\u200f\u202a\u202b\u202c\u202d\u202e")
)

# Codecs that take more than linear time, or that are no character set at all.
REFUSED_CODECS: Final = frozenset({"punycode", "idna", "unicode-escape", "raw-unicode-escape", "undefined", "utf-7"})
CODEC_ALIASES: Final[Mapping[str, str]] = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "ks_c_5601-1987": "cp949",
    "iso-8859-8-i": "iso-8859-8",
    "iso-8859-1": "cp1252",  # what mail programs mean by it
    "latin-1": "cp1252",
    "us-ascii": "utf-8",
    "ascii": "utf-8",
}


def read_fields(block: bytes) -> Block:
    """Parse a block of header fields. Lines that are no field are left out, so that one broken line loses no other."""
    within(len(block), HEAD_BYTES, "header bytes")
    lines = [line for line in LINE_BREAK.split(block) if FIELD_LINE.match(line)]
    while lines and lines[0][:1] in b" \t":
        lines.pop(0)
    within(sum(line[:1] not in b" \t" for line in lines), FIELDS, "header fields")
    fields = BytesHeaderParser(policy=compat32).parsebytes(b"\n".join(lines) + b"\n\n")
    for _, value in fields.raw_items():
        within(len(value), FIELD_BYTES, "header field bytes")
    return fields


def is_field_line(line: bytes) -> bool:
    return bool(FIELD_LINE.match(line)) and line[:1] not in b" \t"


def raw_values(fields: Block, name: str) -> list[str]:
    """Give every value of a field, unfolded, not yet decoded."""
    return [unfold(str(value)) for key, value in fields.raw_items() if key.lower() == name]


def unfold(value: str) -> str:
    return re.sub(r"[\r\n]+[ \t]?", " ", value).strip()


def value(fields: Block, name: str) -> str:
    """Give the first value of a field as one clean line, `""` when it is absent."""
    found = raw_values(fields, name)
    return decode_words(found[0]) if found else ""


def decode_words(raw: str) -> str:
    """Undo RFC 2047, joining the words that belong together before their bytes become text, and clean the result.

    A decoded word can hold CR, LF and NUL: none of them survives, so that no value can add a header field.
    """
    within(raw.count("=?"), ENCODED_WORDS, "encoded words")
    text = _from_eight_bit(raw)
    pieces: list[str] = []
    pending: list[tuple[str, bytes]] = []
    end = 0
    for word in ENCODED_WORD.finditer(text):
        between = text[end : word.start()]
        if between.strip() or not pending:
            pieces += [_join(pending), between]
            pending = []
        pending.append((word[1].lower(), _word_bytes(word[2], word[3])))
        end = word.end()
    return clean_line("".join([*pieces, _join(pending), text[end:]]))


def clean_line(text: str) -> str:
    return " ".join(CONTROL.sub(" ", text).translate(HIDDEN).split())


def _from_eight_bit(raw: str) -> str:
    return decode_bytes(raw.encode("ascii", "surrogateescape"), "utf-8") if not raw.isascii() else raw


def _word_bytes(encoding: str, payload: str) -> bytes:
    data = payload.encode("utf-8", "replace")
    if encoding in "qQ":
        return quopri.decodestring(data, header=True)
    return lenient_base64(data)


def _join(words: list[tuple[str, bytes]]) -> str:
    text: list[str] = []
    charset, data = "", b""
    for name, piece in words:
        if name != charset:
            text.append(decode_bytes(data, charset))
            charset, data = name, b""
        data += piece
    return "".join([*text, decode_bytes(data, charset)])


def lenient_base64(data: bytes) -> bytes:
    """Decode what can be decoded: foreign characters are skipped, missing padding is supplied, a rest is dropped."""
    kept = re.sub(rb"[^A-Za-z0-9+/]", b"", data.partition(b"=")[0])
    kept = kept[: len(kept) - 1] if len(kept) % 4 == 1 else kept
    try:
        return base64.b64decode(kept + b"=" * (-len(kept) % 4))
    except (binascii.Error, ValueError):  # pragma: no cover - nothing foreign is left
        return b""


def decode_bytes(data: bytes, charset: str) -> str:
    """Turn bytes into text: the declared character set, else UTF-8, else Windows-1252 with replacements."""
    for name in (_codec(charset), "utf-8"):
        try:
            return data.decode(name)
        except (LookupError, ValueError):
            continue
    return data.decode("cp1252", "replace")


def _codec(charset: str) -> str:
    name = charset.strip("\"' ").lower()[:40]
    name = CODEC_ALIASES.get(name, name)
    try:
        known = codecs.lookup(name).name
    except (LookupError, ValueError):
        return "utf-8"
    return "utf-8" if known in REFUSED_CODECS else known


def addresses(fields: Block, names: Iterable[str]) -> tuple[str, ...]:
    """Give the addresses of the named fields as written, without display names, each once."""
    found: dict[str, None] = {}
    for name in names:
        for raw in raw_values(fields, name):
            found.update(dict.fromkeys(split_addresses(raw)))
    return tuple(found)


def split_addresses(raw: str) -> list[str]:
    within(max(raw.count("("), raw.count(":")), NESTING_MARKS, "nesting in an address")
    try:
        pairs = getaddresses([_from_eight_bit(raw)])
    except RecursionError as error:
        raise TooComplex("nesting in an address") from error
    except (ValueError, IndexError):  # the old parser trips over some broken quoting
        pairs = []
    return [clean_line(address) for _, address in pairs if "@" in address]


def parse_date(raw: str) -> datetime | None:
    """Give the date as an aware datetime. A date without a zone (`-0000`) is taken for UTC, nonsense for none."""
    try:
        when = parsedate_to_datetime(raw[:100])
        when = when if when.tzinfo else when.replace(tzinfo=UTC)
        return when.astimezone(UTC)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
