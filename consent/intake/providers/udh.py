"""Texts as the mobile network carries them: bytes with a user data header (3GPP TS 23.040 §9.2.3.24)."""

from dataclasses import dataclass

MAX_HEADER = 140  # octets in one short message

CONCATENATED_8_BIT = 0x00  # reference, total, number: one octet each
CONCATENATED_16_BIT = 0x08  # the reference has two octets

NOT_IN_TEXTS = {chr(code) for code in range(32)} - set("\t\n\r") | {"\ufffd"}


@dataclass(frozen=True)
class Concatenation:
    """Where a message stands among the parts of a longer one; all zero and empty where it stands alone."""

    part: int = 0
    parts: int = 0
    reference: str = ""


def concatenation(header_hex: str) -> Concatenation:
    """Read the user data header, as `050003CC0301`: length, then elements of identifier, length and value."""
    octets = from_hex(header_hex)[1:MAX_HEADER]
    while len(octets) >= 2:
        identifier, length = octets[0], octets[1]
        value, octets = octets[2 : 2 + length], octets[2 + length :]
        if identifier == CONCATENATED_8_BIT and len(value) == 3:
            return Concatenation(part=value[2], parts=value[1], reference=str(value[0]))
        if identifier == CONCATENATED_16_BIT and len(value) == 4:
            return Concatenation(part=value[3], parts=value[2], reference=str(value[0] << 8 | value[1]))
    return Concatenation()


def from_hex(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        return b""


def text_of(data: bytes) -> str:
    """Decode a text whose coding nobody named: UCS-2 if as UTF-8 it would hold control characters, else UTF-8."""
    as_utf_8 = data.decode("utf-8", "replace")
    if len(data) % 2 == 0 and any(character in NOT_IN_TEXTS for character in as_utf_8):
        return data.decode("utf-16-be", "replace")
    return as_utf_8
