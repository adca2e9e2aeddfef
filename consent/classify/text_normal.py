"""From a raw text to folded sentences of words: the one normal form that texts and the tables' patterns share.

CTIA Messaging Principles (2023) and Unicode NFKD: case, punctuation, diacritics and zero-width characters never decide.
All steps are linear in the length of the text, which is cut first.
"""

import re
import unicodedata

from consent.classify.text_data import lines

LIMIT = 2_000  # characters; a concatenated SMS of ten parts has 1,530
QUOTE = "qquote"  # the word that stands for a quotation
LAUGH = "lol"  # the word that stands for a laughing or kissing face
_CACHED_CHARACTERS = 8_192
_QUOTE_KEPT_WORDS = 2  # a quotation as short as this is emphasis, as in: please "stop"

_APOSTROPHES = "'’ʼ`´′＇‛ʹ"
_DOUBLE_QUOTES = '"“”„‟«»″〝〞＂「」『』《》'
_ENDERS = ".!?;:…\n\r。！？；：¿¡।؟"
_LAUGHING = "😂🤣😹😆😅😝😜😘😍🥰😄😁😉😋🤪❤💕💖😻"
_KEPT_SYMBOLS = "🛑✋🖕⛔🚫"
_IDEOGRAPHS = (("\u2e80", "\u9fff"), ("\uf900", "\ufaff"), ("\U00020000", "\U0003ffff"))  # kana among them
_UNDECOMPOSED = {"ł": "l", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe", "þ": "th", "ı": "i", "ħ": "h", "ŧ": "t"}

CONFUSABLES: dict[int, str] = {
    ord(lookalike): latin for latin, lookalikes, _ in lines("confusables.tsv") for lookalike in lookalikes
}


def _is_ideograph(character: str) -> bool:
    return any(first <= character <= last for first, last in _IDEOGRAPHS)


def _enclosed_letter(code: int) -> str | None:
    """Regional indicators and negative circled or squared letters, which have no compatibility decomposition."""
    for first, count in ((0x1F1E6, 26), (0x1F150, 26), (0x1F170, 26)):
        if first <= code < first + count:
            return chr(ord("a") + code - first)
    return None


def _fold_symbol(character: str) -> str | None:
    if character in _APOSTROPHES:
        return "'"
    if character in _DOUBLE_QUOTES:
        return '"'
    if character in _ENDERS:
        return "."
    if character in _LAUGHING:
        return f" {LAUGH} "
    if character in _KEPT_SYMBOLS:
        return f" {character} "
    return _enclosed_letter(ord(character))


def _fold_letters(character: str) -> str:
    folded = "".join(
        _UNDECOMPOSED.get(part, part)
        for part in unicodedata.normalize("NFKD", character).casefold()
        if not "\u0300" <= part <= "\u036f"
    )
    if "\uac00" <= character <= "\ud7a3":
        return character
    return f" {folded} " if _is_ideograph(character) else folded


def _fold_character(character: str) -> str:
    symbol = _fold_symbol(character)
    if symbol is not None:
        return symbol
    category = unicodedata.category(character)
    if category in ("Cf", "Cc", "Cn", "Co", "Cs") or "\ufe00" <= character <= "\ufe0f" or character == "\u034f":
        return " " if character == "\t" else ""
    if category[0] in "LNM":
        return _fold_letters(character)
    return _fold_compatible(character)


def _fold_compatible(character: str) -> str:
    """A symbol that decomposes into letters (circled, say) is those letters; `$ @ , >` stand; the rest separates."""
    decomposed = unicodedata.normalize("NFKD", character).casefold()
    letters = "".join(part for part in decomposed if part.isalnum())
    if letters:
        return letters
    return decomposed if decomposed in ("$", "@", ",", ">") else " "


class _Folding(dict[int, str]):
    """A table for `str.translate` that fills itself, up to a bound."""

    def __missing__(self, code: int) -> str:
        folded = _fold_character(chr(code))
        if len(self) < _CACHED_CHARACTERS:
            self[code] = folded
        return folded


_FOLDING = _Folding()

_CONTRACTION = re.compile(r"(?<=[^\W_])'(?=(?:t|s|m|d|re|ve|ll|em)(?![^\W_]))")
_BROKEN_NOT = re.compile(r"(?<=n)[?;](?=t(?![^\W_]))", re.IGNORECASE)  # "don?t": a gateway lost the apostrophe
_EMAIL_WORD = re.compile(r"(?<![^\W_])e[ -]mail")
_UN_WORD = re.compile(r"(?<![^\W_])un[ -]+(?=subscri)")
_NUMBER_SIGN = re.compile(r"(?<=\s)#(?=\s|$)")
_ADDRESS = re.compile(r"https?://\S+|www\.\S+|[^\s@]{1,64}@[^\s@]{1,255}\.[^\s@]{1,64}", re.IGNORECASE)
_QUOTED_LINE = re.compile(r"^[ \t]*>[^\n]*", re.MULTILINE)
_QUOTATION = re.compile(r'"([^"]*)(?:"|$)')
_SPELT = re.compile(r"(?<!\w)(?:[a-zа-я][ .,]{1,3}){2,14}[a-zа-я](?!\w)")
_INTERJECTION = re.compile(
    r"^\s*(?:no|nope|nah|nein|nee|nao|não|non|hayir|hayır|нет|nie|yes|yeah|yep|yup|ok|okay)\s*,", re.IGNORECASE
)
_DASH = re.compile(r"(?<=\s)[-–—]+(?=\s)|—")


def fold(text: str) -> str:
    """Fold characters: letters without case or diacritics, `.` for every end of a sentence, `"` for every quote."""
    text = _NUMBER_SIGN.sub("number", _BROKEN_NOT.sub("'", text))
    if not text.isascii():
        text = unicodedata.normalize("NFC", _single_quotes(text))
    folded = text.translate(_FOLDING)
    if "'" in folded:
        folded = _CONTRACTION.sub("", folded).replace("'", " ")
    return _UN_WORD.sub("un", _EMAIL_WORD.sub("email", folded))


def _single_quotes(text: str) -> str:
    """‘…’ around a quotation: the closing one is also the apostrophe, so only the last one closes."""
    opening, closing = text.find("‘"), text.rfind("’")
    if opening < 0 or closing < opening:
        return text.replace("‘", "'")
    return f"{text[:opening]}“{text[opening + 1 : closing]}”{text[closing + 1 :]}"


def words_of(folded: str) -> tuple[str, ...]:
    """The words of folded text; a comma is none."""
    return tuple(folded.replace(",", " ").replace('"', " ").replace(">", " ").replace(".", " ").split())


def _hide_quotation(match: re.Match[str]) -> str:
    inner = match.group(1)
    return f" {inner} " if len(inner.split()) <= _QUOTE_KEPT_WORDS else f" {QUOTE} "


def hide_quotations(folded: str) -> str:
    """Put one word in the place of each quotation: what it says is somebody else's, often our own."""
    if '"' not in folded:
        return folded
    hidden = _QUOTATION.sub(_hide_quotation, folded)
    return folded.replace('"', " ") if not words_of(hidden.replace(QUOTE, " ")) else hidden


def _join_spelt(match: re.Match[str]) -> str:
    return "".join(part for part in match.group() if part.isalnum())


def join_spelt(folded: str) -> str:
    """`s t o p` and `S.T.O.P.` are one word. At least three letters, each alone."""
    return _SPELT.sub(_join_spelt, folded)


def sentences(text: str, limit: int = LIMIT) -> list[str]:
    """Cut, fold and split a text; each sentence is folded text that may still hold commas."""
    cut = _QUOTED_LINE.sub("", _ADDRESS.sub(" ", text[:limit]))
    cut = _INTERJECTION.sub(". ", cut, count=1)
    folded = join_spelt(hide_quotations(fold(_DASH.sub(".", cut))))
    return [part for part in folded.split(".") if part and not part.isspace()]
