"""The catalogs: everything that pages and messages say is in them, in every language, compiled as it was written."""

import ast
import gettext
import re
from collections.abc import Iterator
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po
from django.conf import settings
from django.template import engines
from django.template.base import Node, NodeList, TextNode
from django.template.engine import Engine
from django.templatetags.i18n import BlockTranslateNode, TranslateNode

from tests.each import each

ROOM: Path = settings.BASE_DIR / "subscriptions"
TEMPLATES = sorted((ROOM / "templates" / "preferences").glob("**/*.html"))
OTHERS = [code for code, _ in settings.LANGUAGES if code != "en"]
MARKS = {"_", "gettext", "gettext_lazy", "gettext_noop", "pgettext", "pgettext_lazy", "ngettext", "ngettext_lazy"}
HOLDER = re.compile(r"%\(\w+\)[sd]|\{\w*\}")
TAG = re.compile(r"</?\w+[^>]*>")
SPOKEN = re.compile(r'\b(?:alt|title|placeholder|aria-label|aria-description)="([^"]*)"')
LETTER = re.compile(r"[^\W\d_]")
Id = str | tuple[str, str]


def catalog(language: str) -> Catalog:
    with (ROOM / "locale" / language / "LC_MESSAGES" / "django.po").open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def messages(language: str) -> list[Message]:
    return [message for message in catalog(language) if message.id]


def nodes(template: Path) -> NodeList:
    engine: Engine = engines["django"].engine  # type: ignore[attr-defined]
    return engine.from_string(template.read_text()).nodelist


def of_templates() -> Iterator[Id]:
    for template in TEMPLATES:
        found = nodes(template)
        for node in found.get_nodes_by_type(TranslateNode):
            yield node.filter_expression.var.literal  # type: ignore[attr-defined]
        for block in found.get_nodes_by_type(BlockTranslateNode):
            yield _of_block(block)


def _of_block(block: Any) -> Id:
    one, _ = block.render_token_list(block.singular)
    if not block.plural:
        return str(one)
    many, _ = block.render_token_list(block.plural)
    return str(one), str(many)


def of_code() -> Iterator[Id]:
    for file in chain(*((settings.BASE_DIR / room).rglob("*.py") for room in ("consent", "subscriptions"))):
        text = file.read_text()
        if "gettext" in text:
            yield from _marked_in(text)


def _marked_in(text: str) -> Iterator[Id]:
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Call) or (mark := _name(node.func)) not in MARKS:
            continue
        texts = [str(one.value) for one in node.args if isinstance(one, ast.Constant)]
        if texts:  # a name stands for what is marked elsewhere
            yield (texts[0], texts[1]) if mark.startswith("n") else texts[-1]


def _name(called: ast.expr) -> str:
    return str(getattr(called, "id", "") or getattr(called, "attr", ""))


@cache
def spoken() -> frozenset[Id]:
    return frozenset(chain(of_templates(), of_code()))


def test_every_word_of_the_pages_is_marked() -> None:
    """Whatever stands in a template outside of its marks would be English in every language."""
    found = {}
    for template in TEMPLATES:
        whole = "".join(_plain(nodes(template)))
        bare = [text for text in [TAG.sub(" ", whole), *SPOKEN.findall(whole)] if LETTER.search(text)]
        if bare:
            found[template.name] = [" ".join(text.split()) for text in bare]
    assert found == {}


def _plain(found: NodeList) -> Iterator[str]:
    for node in found:
        if isinstance(node, TextNode):
            yield node.s.replace("<!doctype html>", "")
        yield from (part for inner in _inner(node) for part in _plain(inner))


def _inner(node: Node) -> Iterator[NodeList]:
    """The parts of a node: those of a condition too, whose branches Django keeps apart."""
    kept = [branch for _, branch in getattr(node, "conditions_nodelists", ())]
    kept += [getattr(node, name, None) for name in ("nodelist_loop", "nodelist_empty")]
    kept += [] if any(kept) else [getattr(node, "nodelist", None)]  # of a condition or a loop that is all of them again
    yield from (one for one in kept if isinstance(one, NodeList))


@each("language", OTHERS)
def test_a_catalog_has_what_the_pages_say_and_nothing_else(language: str) -> None:
    assert {message.id for message in messages(language)} == spoken()


@each("language", OTHERS)
def test_everything_is_translated_and_nobody_guessed(language: str) -> None:
    known = catalog(language)
    assert [message.id for message in messages(language) if message.fuzzy or not all(_strings(message))] == []
    plurals = [message for message in messages(language) if message.pluralizable]
    assert [message.id for message in plurals if len(_strings(message)) != known.num_plurals] == []


def _strings(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ("",))


@each("language", OTHERS)
def test_names_and_tags_are_where_they_belong(language: str) -> None:
    """One form of a plural may say its number in a word; the last one, for any number, has it."""
    wrong = []
    for message in messages(language):
        original = str(message.id[-1] if message.pluralizable else message.id)
        for form in _strings(message):
            tags = sorted(TAG.findall(form)) == sorted(TAG.findall(original))
            holders, wanted = set(HOLDER.findall(form)), set(HOLDER.findall(original))
            exact = not message.pluralizable or form is _strings(message)[-1]
            if not tags or (holders != wanted if exact else not holders <= wanted):
                wrong.append(form)
    assert wrong == []


@each("language", OTHERS)
def test_what_is_compiled_is_what_was_written(language: str) -> None:
    with (ROOM / "locale" / language / "LC_MESSAGES" / "django.mo").open("rb") as file:
        compiled: dict[Any, str] = dict(gettext.GNUTranslations(file)._catalog)  # type: ignore[attr-defined]
    compiled.pop("")
    written: dict[Any, str] = {}
    for message in messages(language):
        for number, form in enumerate(_strings(message)):
            written[(message.id[0], number) if message.pluralizable else message.id] = form
    assert compiled == written
