"""What people, and clients, are written about a request. In the language of their reader."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.utils import translation
from django.utils.translation import gettext

from consent.answers.letters import day, known_language, one_line
from consent.decision import Answer
from consent.models.rights import Right


class About(NamedTuple):
    """A request as it is told of: whose letter it is, what was asked, until when it is answered."""

    controller: str
    contact: str
    kind: str
    due: datetime
    language: str
    is_client: bool = False


def received(about: About) -> Answer:
    """That a request is kept, and what has been done already."""
    with translation.override(about.language):
        return _letter(about, gettext("We have your request"), [_asked(about), *_next(about), _not_you()])


def _asked(about: About) -> str:
    kinds = {
        Right.ACCESS: gettext("You asked %(controller)s for a copy of your data, and it was handed out to you."),
        Right.OBJECTION: gettext("You object to the use of your data by %(controller)s."),
        Right.SHARING: gettext("You asked %(controller)s not to share your data with others any more."),
        Right.ERASURE: gettext("You asked %(controller)s to erase your data."),
    }
    return kinds[Right(about.kind)] % {"controller": one_line(about.controller)}


def _next(about: About) -> list[str]:
    values = {"due": day(known_language(about.language), about.due.date()), "controller": one_line(about.controller)}
    if about.kind == Right.ACCESS:
        return []
    if about.kind == Right.SHARING:
        return [gettext("This holds from now on.")]
    said = [gettext("Marketing to every address that we know to be yours has stopped.")]
    if about.is_client:
        said.append(gettext("We keep the data for %(controller)s, and have handed your request on to them.") % values)
    return [*said, gettext("You will have an answer by %(due)s at the latest.") % values]


def _not_you() -> str:
    return gettext("If it was not you who asked, tell us at once.")


def done(about: About) -> Answer:
    """That what was asked has been done."""
    with translation.override(about.language):
        said = [_asked(about)]
        if about.kind == Right.ERASURE:
            said.append(gettext("Your data have been erased: addresses, names, and what you wrote to us."))
            said.append(
                gettext(
                    "What stays is a code made from your address, from which the address cannot be read. By it we know "
                    "that we must not write to you again."
                )
            )
        else:
            said.append(gettext("It has been done."))
        return _letter(about, gettext("Your request is done"), said)


def refused(about: About, reason: str) -> Answer:
    """That it has not been done, and why."""
    with translation.override(about.language):
        why = gettext("We have not done it, for this reason:") + f"\n{one_line(reason)}"
        more = gettext("You may complain to a data protection authority, or go to court.")
        return _letter(about, gettext("About your request"), [_asked(about), why, more])


def _letter(about: About, subject: str, said: Sequence[str]) -> Answer:
    paragraphs = [*said]
    if about.contact:
        paragraphs.append(gettext("Questions: %(contact)s") % {"contact": one_line(about.contact)})
    text = "\n\n".join([*paragraphs, one_line(about.controller)]) + "\n"
    return Answer(subject=subject, text=text, name=about.controller, language=about.language)


def forwarded(about: About, request_id: object, address: str, ids: Sequence[str]) -> Answer:
    """To a client, whose processor we are (GDPR 28(3)(e)): who asks for what. The client decides."""
    lines = [
        f"A person asks {one_line(about.controller)} for: {Right(about.kind).label}.",
        f"Address: {one_line(address) or 'not kept'}",
        *([f"Your id of the person: {', '.join(one_line(one) for one in ids)}"] if ids else []),
        f"Our number of the request: {request_id}",
        f"To be answered by: {about.due:%Y-%m-%d}",
        "Their identity was proved. Marketing to them has stopped. Please tell us what to do with their data.",
    ]
    return Answer(subject="A request about personal data", text="\n".join(lines) + "\n", name="Sayso", language="en")
