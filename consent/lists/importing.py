"""Take in a list of disconnected numbers, batch by batch."""

from collections.abc import Callable, Iterator

from consent.lists.disconnected import Disconnection, accept_disconnected
from consent.lists.disconnected_csv import Disconnections
from consent.lists.listed import Incomplete, Unreadable
from consent.models import Controller
from consent.models.vocabulary import ControllerKind

ACTOR = "command:import_disconnected"
BATCH = 1000


class Imported:
    """What came of a list. `known` had been told before; `not_gone` are rows whose number was not disconnected."""

    def __init__(self) -> None:
        self.rows = 0
        self.taken = 0
        self.known = 0
        self.not_gone = 0
        self.unreadable: list[Unreadable] = []
        self.incomplete = ""


def speaker_for(slug: str) -> Controller | None:
    """The controller of that slug; without one our own organisation, which then speaks for all."""
    wanted = Controller.objects.filter(slug=slug) if slug else Controller.objects.filter(kind=ControllerKind.OWN)
    return wanted.order_by("pk").first() or (None if slug else Controller.objects.order_by("pk").first())


def import_disconnected(
    rows: Disconnections,
    controller_id: int,
    progress: Callable[[Imported], None] = lambda _: None,
    *,
    actor: str = ACTOR,
) -> Imported:
    """Keep the disconnections of a list, each batch before the next one is read. Raises a database error.

    A list that breaks off is told by `incomplete`; what was read of it is taken in.
    """
    imported = Imported()
    for batch in _batches(rows, imported):
        _keep(batch, controller_id, imported, actor)
        progress(imported)
    return imported


def _batches(rows: Disconnections, imported: Imported) -> Iterator[list[Disconnection]]:
    """The disconnections among the rows, after every so many rows; the other rows are counted."""
    batch: list[Disconnection] = []
    try:
        for row in rows:
            imported.rows += 1
            if row is None:
                imported.not_gone += 1
            elif isinstance(row, Unreadable):
                imported.unreadable.append(row)
            else:
                batch.append(row)
            if imported.rows % BATCH == 0:
                yield batch
                batch = []
    except Incomplete as error:
        imported.incomplete = str(error)
    yield batch


def _keep(batch: list[Disconnection], controller_id: int, imported: Imported, actor: str) -> None:
    if batch:
        accepted = accept_disconnected(batch, controller_id, by="file", actor=actor)
        new = sum(not one.again for one in accepted)
        imported.taken += new
        imported.known += len(accepted) - new
