"""What the owner's page is made of: what holds at each address now, and what their last save is turning on."""

from collections.abc import Sequence
from typing import NamedTuple

from consent.choosable import Board, boards_of
from consent.owners import Owned
from subscriptions.preferences.saved import Saved
from subscriptions.preferences.visit import Visit, saved_in

MOST_ADDRESSES = 5  # on the page; buttons for all of it reach the others too


class Seen(NamedTuple):
    """All that a page of the owner is made of. `turning`: what a save of theirs turns on, and is not on yet."""

    visit: Visit
    boards: Sequence[Board]
    others: Sequence[Owned]
    saved: Saved | None
    turning: frozenset[tuple[str, str]]


def look(visit: Visit) -> Seen:
    """Read what holds for the owner now.

    The save comes first. One that was worked off by then is in all that is read after it; read the other way round, a
    page could know that it was worked off and show what held before.
    """
    saved = saved_in(visit)
    addresses = [visit.address, *visit.others()]
    snapshot, boards = boards_of(visit.controller_id, addresses[:MOST_ADDRESSES], visit.now)
    visit = visit._replace(page=visit.page._replace(snapshot=snapshot))
    return Seen(visit, boards, addresses[MOST_ADDRESSES:], saved, _turning(saved, boards))


def _turning(saved: Saved | None, boards: Sequence[Board]) -> frozenset[tuple[str, str]]:
    if saved is None or not saved.waiting or saved.choices.undoes:
        return frozenset()
    wanted = {
        (one.keys[0], one.instead or one.topic)
        for one in saved.choices.words
        if one.wanted in ("on", "resume", "fewer")
    }
    off = {(board.address.key.hex(), row.rule.slug) for board in boards for row in board.rows if row.state != "on"}
    return frozenset(wanted & off)
