"""The mail that asks an address whether it is really its owner who asked: who asked for what, and one link."""

from datetime import date

import msgspec
from django.utils.translation import gettext as _
from django.utils.translation import override

from consent.answers.letters import day, one_line
from consent.decision import Answer

_MOST_NAMES = 20


class Told(msgspec.Struct, frozen=True):
    """What the mail tells. `topics` are names as the person saw them; `anew`: about the new wording of an agreement."""

    controller: str
    contact: str
    topics: tuple[str, ...]
    url: str
    until: date
    anew: bool = False


def written(told: Told, language: str) -> Answer:
    """The mail in a language: English where there is no translation."""
    with override(language):
        subject = _("Please confirm: messages from {controller}").format(controller=one_line(told.controller))
        text = "\n\n".join(_paragraphs(told, language)) + "\n"
    return Answer(subject, text, told.controller, language, submitted="auto-generated")


def _paragraphs(told: Told, language: str) -> list[str]:
    names = [one_line(name) for name in told.topics[:_MOST_NAMES]]
    lapses = _("Without that press nothing happens: you get none of it, and the request lapses on {day}.")
    return [
        _asked(told).format(controller=one_line(told.controller)),
        "\n".join(f"- {name}" for name in names),
        _("Was it you? Then open this page and press the button:"),
        told.url,
        lapses.format(day=day(language, told.until)),
        _("If it was not you, you need not do anything."),
        "\n".join(filter(None, (one_line(told.controller), one_line(told.contact)))),
    ]


def _asked(told: Told) -> str:
    if told.anew:
        return _("Somebody, probably you, agreed for this address to the new wording of {controller} about:")
    return _("Somebody, probably you, asked for this address to get from {controller}:")
