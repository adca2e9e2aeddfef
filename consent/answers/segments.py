"""How many SMS a text takes: 3GPP TS 23.038 (the GSM alphabet, 7 bits a letter), TS 23.040 (long ones)."""

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("^{}\\[~]|€\f")  # an escape and a letter: two places
_GSM_ONE, _GSM_PART = 160, 153
_UCS2_ONE, _UCS2_PART = 70, 67


def is_gsm(text: str) -> bool:
    """Whether the GSM alphabet has every letter of the text."""
    return all(letter in _BASIC or letter in _EXTENDED for letter in text)


def segments(text: str) -> int:
    """How many SMS the text takes."""
    if is_gsm(text):
        return _parts(sum(2 if letter in _EXTENDED else 1 for letter in text), _GSM_ONE, _GSM_PART)
    return _parts(len(text.encode("utf-16-be")) // 2, _UCS2_ONE, _UCS2_PART)


def _parts(places: int, one: int, part: int) -> int:
    return 1 if places <= one else -(-places // part)
