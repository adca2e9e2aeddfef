"""Changes of address, and persons who turn out to be one. What they take along is known when they are settled."""

from consent.configuration import Snapshot
from consent.decision import Arrived, Decision, Merged, Moved, Seen
from consent.moves.move import merge_in, move_in, read_move


def interpret_move(arrived: Arrived, snapshot: Snapshot) -> Decision:
    """Denials go along, permissions at the old address end (consent/moving.py)."""
    move = move_in(arrived.envelope.body)
    read = read_move(move)
    moved = Moved(move, read)
    known = [one for one in (read.old, read.new, read.renamed) if one]
    seen = tuple(Seen(one.said[0], move.channel, one.normal, one.home) for one in known)
    rule = f"move.{'temporary' if move.temporary else move.who}" if read.new else "move.left"
    return Decision("move", rule, seen=seen, moves=(moved,))


def interpret_merge(arrived: Arrived, snapshot: Snapshot) -> Decision:
    """Every denial of either reaches both."""
    merge = merge_in(arrived.envelope.body)
    return Decision("merge", "move.merge", merges=(Merged(merge.external_id, merge.into),))
