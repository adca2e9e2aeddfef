"""HTML turned into the text that a reader sees, in one pass and linear time.

The parser of the standard library takes quadratic time on some broken input, and we need no tree: only line breaks,
what is hidden, and what is quoted. A quotation comes out with `> ` before its lines, as in a plain text.
"""

import html
import re
from typing import Final

from consent.intake.mail_limits import ENCODED_BYTES

TAG: Final = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:]{0,30})([^<>]*)>")
OVERLONG_ENTITY: Final = re.compile(r"&#[xX]?[0-9a-fA-F]{8,};?")
SPACES: Final = re.compile(r"[^\S\n]+")
BREAKS: Final = re.compile(r"\n{3,}")

LINE_TAGS: Final = frozenset(
    {
        "address", "article", "aside", "body", "br", "center", "dd", "div", "dl", "dt", "fieldset", "footer", "form",
        "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "html", "li", "main", "nav", "ol", "p", "pre", "section",
        "table", "tbody", "tfoot", "thead", "title", "tr", "ul",
    }
)  # fmt: skip
CELL_TAGS: Final = frozenset({"td", "th"})
HIDDEN_TAGS: Final = ("head", "style", "script", "template", "title")
QUOTE_DEPTH: Final = 50
MARK: Final = "\x00"  # stands for "a quotation begins" or, doubled, "ends"; never in a cleaned text


def html_to_text(source: str) -> str:
    """Give the visible text of an HTML document, one line per block, quotations marked with `> `."""
    source = _without_hidden(source[:ENCODED_BYTES].replace(MARK, ""))
    pieces: list[str] = []
    quotes: list[bool] = []
    end = 0
    for tag in TAG.finditer(source):
        pieces += [_visible(source[end : tag.start()]), _mark(tag, quotes)]
        end = tag.end()
    pieces.append(_visible(source[end:]))
    return _lay_out("".join(pieces))


def _visible(text: str) -> str:
    return SPACES.sub(" ", html.unescape(OVERLONG_ENTITY.sub("", text)).replace("\n", " ").replace(MARK, ""))


def _mark(tag: re.Match[str], quotes: list[bool]) -> str:
    name, closing = tag[2].lower(), bool(tag[1])
    if name == "blockquote":
        return _close_quote(quotes) if closing else _open_quote(tag[3].lower(), quotes)
    if name in LINE_TAGS:
        return "\n\n" if name == "p" else "\n"
    return " " if name in CELL_TAGS else ""


def _open_quote(attributes: str, quotes: list[bool]) -> str:
    """An indented block without a border is the person's own layout (Gmail's "indent more"), no quotation."""
    quoted = "border:none" not in attributes.replace(" ", "") and len(quotes) < QUOTE_DEPTH
    quotes.append(quoted)
    return f"\n{MARK}+\n" if quoted else "\n"


def _close_quote(quotes: list[bool]) -> str:
    return f"\n{MARK}-\n" if quotes and quotes.pop() else "\n"


def _lay_out(marked: str) -> str:
    depth = 0
    lines: list[str] = []
    for line in marked.split("\n"):
        if line.startswith(MARK):
            depth += 1 if line[1:] == "+" else -1
            continue
        visible = SPACES.sub(" ", line).strip()
        lines.append(f"{'> ' * depth}{visible}" if visible else "")
    return BREAKS.sub("\n\n", "\n".join(lines)).strip()


def _without_hidden(source: str) -> str:
    """Take out comments and the elements whose content is never shown. What is not closed hides the rest."""
    source = _cut_out(source, "<!--", "-->")
    for name in HIDDEN_TAGS:
        source = _cut_out(source, f"<{name}", f"</{name}")
    return source


def _cut_out(source: str, opening: str, closing: str) -> str:
    lowered = source.lower()
    if len(lowered) != len(source):  # a few letters grow in lower case, and the places would no longer agree
        lowered = source
    kept: list[str] = []
    end, begin = 0, lowered.find(opening)
    while begin >= 0:
        if not _ends_name(lowered, begin + len(opening), opening):
            begin = lowered.find(opening, begin + len(opening))
            continue
        kept.append(source[end:begin])
        found = lowered.find(closing, begin + len(opening))
        if found < 0:
            return "".join(kept)
        end = found + len(closing) if closing.endswith(">") else (source.find(">", found) + 1 or len(source))
        begin = lowered.find(opening, end)
    return "".join([*kept, source[end:]])


def _ends_name(text: str, place: int, opening: str) -> bool:
    """Tell `<head>` from `<header>`."""
    return opening.endswith("-") or not text[place : place + 1].isalnum()
