"""What a message with a code says, in the language of its reader."""

from typing import NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext

from consent.access.asking import CHANGE
from consent.answers.letters import one_line
from consent.decision import Answer

MINUTES = 10


class Said(NamedTuple):
    """What is said: by which controller, why it was asked, and where the code can be entered."""

    controller: str
    code: str
    purpose: str
    url: str
    language: str


def letter(said: Said) -> Answer:
    """The letter. Nothing in it was written by whoever asked."""
    with translation.override(said.language):
        values = {"controller": one_line(said.controller), "minutes": MINUTES, "code": said.code}
        why = _why_of_change() if said.purpose == CHANGE else _why_of_entering()
        paragraphs = [
            gettext("Your code is %(code)s") % values,
            gettext("Enter it on the page on which you asked for it. It is valid for %(minutes)s minutes.") % values,
            why % values,
            gettext("If it was not you, ignore this message: nothing was changed. Give the code to nobody.") % values,
        ]
        if said.url:
            paragraphs.append(gettext("Your choices at %(controller)s:") % values + f"\n{said.url}")
        subject = gettext("Your code for %(controller)s") % values
    text = "\n\n".join([*paragraphs, one_line(said.controller)]) + "\n"
    return Answer(subject=subject, text=text, name=said.controller, language=said.language)


def _why_of_entering() -> str:
    return gettext(
        "Somebody who says that this is their address asked %(controller)s for it, to see or change what we may send."
    )


def _why_of_change() -> str:
    return gettext("Somebody told %(controller)s that this is their new address, and asked us to use it from now on.")


def text(said: Said) -> str:
    """The text message. By its last line a telephone fills the code in on our own site and no other one."""
    with translation.override(said.language):
        values = {"controller": one_line(said.controller), "minutes": MINUTES, "code": said.code}
        lines = [
            gettext("%(code)s is your code for %(controller)s, valid for %(minutes)s minutes.") % values,
            gettext("If you did not ask for it, ignore this.") % values,
        ]
        if said.url:
            lines.append(gettext("Your choices: %(url)s") % {"url": said.url})
    return "\n".join([*lines, "", f"@{urlsplit(settings.SAYSO_PUBLIC_ORIGIN).hostname} #{said.code}"])
