"""A letter that a provider only told of: it is asked for, and where it cannot be had, a person decides what to do."""

from collections.abc import Iterable

from consent.decision import Arrived, Decision, Doubt, Seen, Wanted
from consent.intake.mail_notice import MailNotice
from consent.letter import Reading, read_letter
from consent.mailbox import owner_of
from consent.models import Errand
from consent.models.errand import ErrandKind, ErrandState, ErrandWay

LETTER = "letter"
_WANTED = Wanted(ErrandKind.FETCH, LETTER, ErrandWay.API)


def read_notice(notice: MailNotice, controller_id: int) -> Reading:
    """What the head alone says, read as the letter will be: it tells whom to hold, and whom a review is about."""
    sender = notice.mail_from or notice.field("from").rpartition("<")[2].strip("> ")
    ours = next((one for one in notice.recipients if owner_of(one) == controller_id), "")
    return read_letter(notice.as_head(), {"mail-from": sender, "rcpt-to": ours}, controller_id)


def interpret_notice(arrived: Arrived, notice: MailNotice) -> Decision:
    """Ask for the letter; where that came to nothing, open a review, with all that was held."""
    rule = f"{arrived.source.partition(':')[2]}.notice"
    state = Errand.objects.filter(inbound_id=arrived.id, kind=ErrandKind.FETCH).values_list("state", flat=True).first()
    if state in (None, ErrandState.WAITING):
        return Decision("fetching", rule, awaits=True)
    if state == ErrandState.DONE:
        return Decision("fetched", rule)
    reading = read_notice(notice, arrived.controller_id)
    suggestion = "opt_out" if reading.made.email == "suppress" else ""  # the subject may say so already
    seen = tuple(Seen(one.said[0], "email", one.normal) for one in [reading.sender] if one)
    return Decision("review", rule, seen=seen, doubts=(Doubt("email", suggestion, reading.keys_to_hold()),))


def wanted(made: Iterable[tuple[Arrived, Decision]]) -> list[tuple[Arrived, Wanted]]:
    """The letters to be asked for. They are written with the state that waits for them, or neither is."""
    return [(arrived, _WANTED) for arrived, decision in made if decision.awaits]
