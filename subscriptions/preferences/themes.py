"""How a controller shows itself on the pages: name, colours, logo, texts and addresses, as the database has it."""

import hashlib
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple

from django.db.models import BinaryField, F, Func
from django.urls import reverse

from consent import configuration
from consent.configuration import Snapshot
from subscriptions.models import Theme, ThemeText
from subscriptions.preferences.colours import style_sheet


class Words(NamedTuple):
    """A controller's own words in a language."""

    name: str = ""
    intro: str = ""
    note: str = ""


class Dress(NamedTuple):
    """A theme in memory. `style` is its style sheet; the links name what they lead to by its digest."""

    style: str
    style_link: str
    logo_link: str
    postal_address: str
    words: Mapping[str, Words]


class Sender(NamedTuple):
    """Who a page speaks for. `logo` and `style` are links; what nobody has set is empty."""

    name: str
    contact: str = ""
    postal_address: str = ""
    logo: str = ""
    style: str = ""
    intro: str = ""
    note: str = ""


_lock = threading.Lock()
_known: tuple[Snapshot | None, dict[int, Dress]] = (None, {})
_tried: ContextVar[Dress | None] = ContextVar("tried", default=None)


def sender_of(controller_id: int | None, language: str) -> Sender | None:
    """The controller as people see it in a language; none where a page speaks for nobody."""
    snapshot = configuration.recent() if controller_id is not None else None
    if snapshot is None or controller_id not in snapshot.controllers:
        return None
    name, contact = snapshot.controller_names[controller_id], snapshot.controller_contacts[controller_id]
    dress = _tried.get() or dress_of(snapshot, controller_id)
    if dress is None:
        return Sender(name, contact)
    words = words_in(dress.words, language, snapshot.controller_languages[controller_id])
    links = (dress.logo_link, dress.style_link)
    return Sender(words.name or name, contact, dress.postal_address, *links, words.intro, words.note)


def words_in(words: Mapping[str, Words], language: str, own: str) -> Words:
    """The words in a language, and what is not written in it in the controller's own."""
    pairs = zip(words.get(language, Words()), words.get(own, Words()), strict=True)
    return Words._make(one or other for one, other in pairs)


@contextmanager
def trying(dress: Dress) -> Iterator[None]:
    """Show pages in this dress meanwhile, in this thread alone."""
    token = _tried.set(dress)
    try:
        yield
    finally:
        _tried.reset(token)


def dress_of(snapshot: Snapshot, controller_id: int) -> Dress | None:
    """The theme of a controller, if it has one."""
    global _known
    known = _known
    if known[0] is not snapshot:
        with _lock:
            _known = known = (snapshot, _read(snapshot))
    return known[1].get(controller_id)


def _read(snapshot: Snapshot) -> dict[int, Dress]:
    words: dict[int, dict[str, Words]] = {}
    for theme_id, language, *texts in ThemeText.objects.values_list("theme_id", "language", "name", "intro", "note"):
        words.setdefault(theme_id, {})[language] = Words(*texts)
    # The digest is the database's, so that no process keeps logos in memory.
    digest = Func(F("logo"), function="sha256", output_field=BinaryField())
    themes = Theme.objects.filter(controller_id__in=snapshot.controllers).defer("logo").annotate(logo_digest=digest)
    return {theme.controller_id: _dress(theme, snapshot, words.get(theme.pk, {})) for theme in themes}


def _dress(theme: Theme, snapshot: Snapshot, words: Mapping[str, Words]) -> Dress:
    slug = snapshot.controllers[theme.controller_id]
    style = style_sheet(theme.accent, theme.accent_dark)
    logo: bytes | None = theme.logo_digest  # type: ignore[attr-defined]  # annotated above
    return Dress(
        style,
        _link("theme-style", slug, hashlib.sha256(style.encode()).digest()),
        _link("theme-logo", slug, bytes(logo)) if logo else "",
        theme.postal_address,
        words,
    )


def _link(name: str, slug: str, digest: bytes) -> str:
    return f"{reverse(name, args=[slug])}?v={digest.hex()[:16]}"
