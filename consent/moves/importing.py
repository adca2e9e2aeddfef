"""Take in a file of changes of address, batch by batch."""

from collections.abc import Callable, Iterator

from django.utils import timezone

from consent.lists.listed import Incomplete, Unreadable
from consent.moves.move import Move
from consent.moves.table import Row, Rows
from consent.moves.told import Told, accept_moves, same_row, told
from consent.statement import Rejected

ACTOR = "command:import_moves"
BATCH = 500


class Imported:
    """What came of a file. `known` had been told before; `still_there` are rows that say that nobody moved."""

    def __init__(self) -> None:
        self.rows = 0
        self.taken = 0
        self.known = 0
        self.still_there = 0
        self.unreadable: list[Unreadable] = []
        self.incomplete = ""


def import_moves(
    rows: Rows, controller_id: int, progress: Callable[[Imported], None] = lambda _: None, *, actor: str = ACTOR
) -> Imported:
    """Keep the moves of a file, each batch before the next one is read. Raises a database error.

    A file that breaks off is told by `incomplete`; what was read of it is taken in.
    """
    imported = Imported()
    for batch in _batches(rows, controller_id, imported):
        if batch:
            accepted = accept_moves(batch, controller_id, by="file", actor=actor)
            new = sum(not one.again for one in accepted)
            imported.taken += new
            imported.known += len(accepted) - new
        progress(imported)
    return imported


def _batches(rows: Rows, controller_id: int, imported: Imported) -> Iterator[list[Told]]:
    batch: list[Told] = []
    try:
        for row in rows:
            imported.rows += 1
            read = row if isinstance(row, Unreadable) else _read(row, controller_id)
            if read is None:
                imported.still_there += 1
            elif isinstance(read, Unreadable):
                imported.unreadable.append(read)
            else:
                batch.append(read)
            if imported.rows % BATCH == 0:
                yield batch
                batch = []
    except Incomplete as error:
        imported.incomplete = str(error)
    yield batch


def _read(row: Row, controller_id: int) -> Told | Unreadable | None:
    """The row's move, checked; None for one of somebody who still lives there."""
    if row.move is None:
        return None
    try:
        one = told(row.move, controller_id, timezone.now())
    except Rejected as error:
        return None if _is_still_there(row.move, error) else _unreadable(row, error)
    return one._replace(same=same_row(one.move, one.read))


def _is_still_there(move: Move, error: Rejected) -> bool:
    """A file names the address that it knows as the new one too, where nobody moved."""
    return error.code == "same_address" and move.moved_on is None


def _unreadable(row: Row, error: Rejected) -> Unreadable:
    return Unreadable(row.place, f"{error.pointer.strip('/')}: {error.detail}")
