"""However it is written: case, punctuation, invisible characters, look-alikes, spelling (CTIA 2023, Unicode TR 39)."""

import unicodedata
from collections.abc import Callable

from consent.classify.text import classify_text
from tests.each import each

FULL_WIDTH = str.maketrans({chr(code): chr(code + 0xFEE0) for code in range(0x21, 0x7F)})
CYRILLIC = str.maketrans("STOPAECXMHKB", "ЅТОРАЕСХМНКВ")
GREEK = str.maketrans("TOPAEBIKMNXYZH", "ΤΟΡΑΕΒΙΚΜΝΧΥΖΗ")
BOLD = str.maketrans({chr(ord("A") + at): chr(0x1D400 + at) for at in range(26)})
SQUARED = str.maketrans({chr(ord("A") + at): chr(0x1F170 + at) for at in range(26)})

FORMS: dict[str, Callable[[str], str]] = {
    "capitals": str.upper,
    "small": str.lower,
    "title": str.title,
    "space": lambda word: f"  \t{word}\n ",
    "full stop": lambda word: f"{word}.",
    "exclamation": lambda word: f"{word}!!!",
    "question": lambda word: f"? {word} ?",
    "brackets": lambda word: f"[{word}]",
    "quotes": lambda word: f"“{word}”",
    "markdown": lambda word: f"**{word}**",
    "thanks": lambda word: f"{word}, thank you",
    "please": lambda word: f"please {word}",
    "emoji": lambda word: f"{word} 🙏😭",
    "twice": lambda word: f"{word} {word}",
    "signature": lambda word: f"{word}\nSent from my iPhone",
    "effect": lambda word: f"{word}\n(Sent with Slam Effect)",
    "zero width": "\u200b".join,
    "soft hyphen": "\u00ad".join,
    "direction mark": lambda word: f"\u200f{word}\u200e",
    "decomposed": lambda word: unicodedata.normalize("NFD", word),
    "accent on each": lambda word: "".join(letter + "\u0301" for letter in word),
    "full width": lambda word: word.translate(FULL_WIDTH),
    "Cyrillic": lambda word: word.translate(CYRILLIC),
    "Greek": lambda word: word.translate(GREEK),
    "mathematical bold": lambda word: word.translate(BOLD),
    "squared": lambda word: word.translate(SQUARED),
    "spaced": " ".join,
    "dotted": lambda word: ".".join(word) + ".",
    "hyphened": "-".join,
    "long end": lambda word: word + word[-1] * 4,
}


@each("form", FORMS)
@each("word", ["STOP", "QUIT", "CANCEL", "REVOKE", "REMOVE", "UNSUBSCRIBE", "STOPALL", "OPTOUT"])
def test_a_keyword_in_any_form(word: str, form: str) -> None:
    assert classify_text(FORMS[form](word)).intent == "opt_out"


@each("word", ["ARRÊT", "arret", "İPTAL", "iptal", "IPTAL", "ıptal", "NO MÁS", "ΣΤΟΠ", "СТОП", "Détenganse"])
def test_accents_and_the_two_turkish_letters_do_not_matter(word: str) -> None:
    assert classify_text(word).intent == "opt_out"


@each(
    "text",
    ["stpo", "stoop it", "sstop", "unsuscribe", "unsubcribe", "unsubscibed", "optotu", "cancle", "remoev", "qiut"],
)
def test_a_misspelt_keyword_alone(text: str) -> None:
    assert classify_text(text).intent == "opt_out"


@each(
    "text",
    [
        "shop",
        "top",
        "step",
        "stoop",
        "stops",
        "and",
        "send",
        "bend",
        "suit",
        "quiet",
        "quite",
        "cancer",
        "subscribe",
        "spot",
    ],
)
def test_an_ordinary_word_beside_a_keyword_is_itself(text: str) -> None:
    assert classify_text(text).intent != "opt_out"


@each("text", ["5top", "st0p", "$top", "ST0P!", "0ptout", "r3move"])
def test_digits_for_letters(text: str) -> None:
    assert classify_text(text).intent == "opt_out"


@each("text", ["stop2quit", "stopplease", "stopstopstop", "end remove", "stop 55501", "stop cancel end quit"])
def test_keywords_together(text: str) -> None:
    assert classify_text(text).intent == "opt_out"


APOSTROPHES = ["don't", "don’t", "dont", "don`t", "don´t", "don?t", "DON'T", "do not", "dnt"]


@each("negation", APOSTROPHES)
def test_any_apostrophe(negation: str) -> None:
    assert classify_text(f"{negation} write to me again").intent == "opt_out"
    assert classify_text(f"please {negation} stop").intent == "none"
