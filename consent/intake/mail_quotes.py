"""A reply taken apart: what the person wrote, what they quote, and their signature.

Mail programs mark a quotation in many ways and languages. The tables below hold the words; a language is a row more.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from consent.intake.mail_limits import LINE_CHARS, TEXT_CHARS

ATTRIBUTION: Final[dict[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    # language: (how the line begins, the verb before the colon): "On Mon, 3 Aug 2026, Jane wrote:"
    "en": (("on ",), ("wrote", "writes", "said")),
    "de": (("am ",), ("schrieb", "schreibt")),
    "fr": (("le ",), ("a écrit", "écrit", "a ecrit")),
    "es": (("el ",), ("escribió", "escribio", "escribi")),
    "it": (("il ", "in data "), ("ha scritto", "scrive")),
    "nl": (("op ",), ("schreef", "het volgende geschreven")),
    "pt": (("em ", "a "), ("escreveu",)),
    "sv": (("den ",), ("skrev",)),
    "da": (("den ", "på "), ("skrev",)),
    "pl": (("w dniu ", "dnia "), ("napisał", "napisała", "napisał(a)", "pisze")),
    "tr": ((), ("yazdı", "şunu yazdı")),
    "fi": ((), ("kirjoitti",)),
    "cs": (("dne ",), ("napsal", "napsala", "napsal(a)")),
    "ru": ((), ("написал", "написала", "пишет")),
}
SENDER_LABELS: Final = (
    "from", "von", "de", "da", "van", "från", "fra", "od", "kimden", "lähettäjä", "от", "差出人", "发件人",
)  # fmt: skip
FURTHER_LABELS: Final = (
    "sent", "date", "subject", "gesendet", "datum", "betreff", "envoyé", "objet", "enviado", "fecha", "asunto",
    "inviato", "data", "oggetto", "verzonden", "onderwerp", "enviada em", "assunto", "skickat", "ämne", "sendt",
    "emne", "wysłano", "temat", "gönderildi", "tarih", "konu", "отправлено", "тема", "送信日時", "件名",
)  # fmt: skip
ORIGINAL: Final = (
    "original message", "original appointment", "reply message", "forwarded message", "reply above this line",
    "ursprüngliche nachricht", "originalnachricht", "weitergeleitete nachricht", "message d'origine",
    "message original", "message transféré", "mensaje original", "mensaje reenviado", "messaggio originale",
    "messaggio inoltrato", "oorspronkelijk bericht", "doorgestuurd bericht", "mensagem original",
    "mensagem encaminhada", "ursprungligt meddelande", "oprindelig meddelelse", "wiadomość oryginalna",
    "orijinal mesaj", "исходное сообщение",
)  # fmt: skip
FORWARDED: Final = ("begin forwarded message", "anfang der weitergeleiteten nachricht", "début du message réexpédié")
CLIENT_LINES: Final = (
    "sent from my ", "get outlook for ", "sent via ", "sent with ", "von meinem ", "gesendet von ", "gesendet mit ",
    "envoyé de mon ", "envoyé depuis ", "enviado desde ", "enviado do meu ", "inviato da ", "verzonden vanaf ",
    "verstuurd vanaf ", "skickat från ", "sendt fra ", "wysłane z ",
)  # fmt: skip

BROKEN_LINE: Final = 60
RULE: Final = re.compile(r"[-_=*]{2,}")
DATE_OR_ADDRESS: Final = re.compile(r"@|\b(?:19|20)\d\d\b|\d{1,2}[:.]\d\d\b")
LABEL: Final = re.compile(r"[*\s]{0,4}([^\W\d][\w' ]{0,20}?)[*\s]{0,3}[:：]")


class Pieces(NamedTuple):
    """A text taken apart. Each piece holds whole lines."""

    own: str
    quoted: str
    signature: str


def tidy(text: str) -> str:
    """Bring line breaks and blanks into one form, break overlong lines, and cut the text to what is read."""
    text = text[: 2 * TEXT_CHARS].replace("\r\n", "\n").replace("\r", "\n").replace("\xa0", " ")
    text = "".join(letter for letter in text if letter in "\n\t" or letter >= " ")[:TEXT_CHARS]
    return "\n".join(_broken(text.split("\n")))


def _broken(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        yield from (line[at : at + LINE_CHARS].rstrip() for at in range(0, max(len(line), 1), LINE_CHARS))


def split_reply(text: str) -> Pieces:
    """Take a tidy text apart.

    Lines with `>` are quoted wherever they stand, so that an answer below or between them is the person's own. Without
    such marks everything after "On … wrote:", a rule that says "Original Message" or a block of From:/Sent: is quoted.
    """
    lines = text.split("\n")
    end = next((at for at in range(len(lines)) if _begins_original(lines, at)), len(lines))
    attributed = _attributions(lines[:end])
    own: list[str] = []
    quoted: list[str] = []
    for at, line in enumerate(lines[:end]):
        is_quoted = (
            line.lstrip().startswith(">") or at in attributed or (at > 0 and _is_broken_off(lines[at - 1], line))
        )
        (quoted if is_quoted else own).append(line)
    own, signature = _split_signature(own)
    return Pieces(_join(own), _join([*quoted, *lines[end:]]), _join(signature))


def _is_broken_off(before: str, line: str) -> bool:
    """Some programs break a long quoted line and leave the rest of it without its mark."""
    return before.startswith(">") and len(before) >= BROKEN_LINE and before[-1:].isalnum() and line[:1].islower()


def _join(lines: list[str]) -> str:
    return "\n".join(lines).strip("\n")


def _begins_original(lines: list[str], at: int) -> bool:
    line = lines[at].strip()
    if not line or line.startswith(">"):
        return False
    return _is_separator(line) or _is_header_block(lines, at) or _is_open_attribution(lines, at)


def _is_separator(line: str) -> bool:
    folded = line.casefold().replace("’", "'")
    if folded.startswith(FORWARDED):
        return True
    return bool(RULE.match(folded)) and folded.strip("-_=* :#").startswith(ORIGINAL)


def _is_header_block(lines: list[str], at: int) -> bool:
    """From: followed by Sent:, Date: or Subject: within four lines, as Outlook writes above what it quotes."""
    if _label(lines[at]) not in SENDER_LABELS:
        return False
    return any(_label(line) in FURTHER_LABELS for line in lines[at + 1 : at + 5])


def _label(line: str) -> str:
    found = LABEL.match(line[:60])
    return found[1].strip().casefold() if found else ""


def _is_open_attribution(lines: list[str], at: int) -> bool:
    """An attribution that no marked line follows: all the rest is the quotation."""
    last = _attribution_end(lines, at)
    if last is None:
        return False
    following = next((line for line in lines[last + 1 :] if line.strip()), "")
    return not following.lstrip().startswith(">")


def _attributions(lines: list[str]) -> set[int]:
    found: set[int] = set()
    for at in range(len(lines)):
        last = _attribution_end(lines, at)
        if last is not None:
            found.update(range(at, last + 1))
    return found


def _attribution_end(lines: list[str], at: int) -> int | None:
    """Give the last line of an attribution that begins at `at`; programs wrap it over up to three lines."""
    for last in range(at, min(at + 3, len(lines))):
        if not lines[last].strip():
            return None
        if lines[last].rstrip().endswith((":", "：")):
            return last if _is_attribution(" ".join(lines[at : last + 1])) else None
    return None


def _is_attribution(joined: str) -> bool:
    folded = joined.strip(" *_\t").casefold()[:400]
    if not DATE_OR_ADDRESS.search(folded):
        return False
    if folded.endswith(">:") and "@" in folded:
        return True
    return any(_speaks(folded, begins, verbs) for begins, verbs in ATTRIBUTION.values())


def _speaks(folded: str, begins: tuple[str, ...], verbs: tuple[str, ...]) -> bool:
    tail = folded.rstrip(": ：")
    if tail.endswith(verbs):
        return True
    return folded.startswith(begins) and any(f" {verb} " in folded for verb in verbs)


def _split_signature(lines: list[str]) -> tuple[list[str], list[str]]:
    """RFC 3676 §4.3: a line of two hyphens and a blank begins the signature. List software draws a long rule
    instead.
    """
    for at, line in enumerate(lines):
        bare = line.strip()
        if bare in {"--", "—", "–"} or (len(bare) >= 20 and set(bare) == {"_"}):
            return _without_client_line(lines[:at]), lines[at + 1 :]
    return _without_client_line(lines), []


def _without_client_line(lines: list[str]) -> list[str]:
    return [line for line in lines if not line.strip().casefold().startswith(CLIENT_LINES)]
