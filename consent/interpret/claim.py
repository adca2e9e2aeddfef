"""A request about somebody's data: what it ends at once, and the row that staff see."""

from consent.addresses import contact
from consent.configuration import Snapshot
from consent.decision import Arrived, Claimed, Decision, Seen, Wanted
from consent.models.errand import ErrandKind
from consent.models.rights import Identity, Right, RightState
from consent.normalise.errors import InvalidAddress
from consent.rights import telling, words
from consent.rights.claim import SYSTEM, Claim, claim_in, key_in, silence
from consent.rights.deadlines import due_at
from consent.whose import subject_of


def interpret_claim(arrived: Arrived, snapshot: Snapshot) -> Decision:
    """What it denies is recorded; whether the rest is done, staff decide."""
    claim = claim_in(arrived.envelope.body)
    return Decision(
        claim.kind,
        f"rights.{claim.kind}",
        silence(arrived, claim, snapshot),
        _seen(claim),
        claims=(_claimed(arrived, claim, snapshot),),
    )


def _seen(claim: Claim) -> tuple[Seen, ...]:
    """The address that staff typed."""
    if not claim.address:
        return ()
    try:
        found = contact(claim.channel, claim.address)
    except InvalidAddress:
        return ()
    return (Seen(found.said[0], found.channel, found.normal, found.home),)


def _claimed(arrived: Arrived, claim: Claim, snapshot: Snapshot) -> Claimed:
    forward = telling.is_for_client(snapshot, arrived.controller_id, claim)
    state = RightState.OPEN
    if forward:
        state = RightState.FORWARDED
    elif _is_done(arrived, claim):
        state = RightState.DONE
    return Claimed(
        kind=claim.kind,
        channel=claim.channel,
        key=key_in(claim),
        proof=claim.proof,
        state=state,
        received_at=claim.received_at or arrived.received_at,
        errands=_errands(arrived, claim, snapshot, forward=forward),
    )


def _is_done(arrived: Arrived, claim: Claim) -> bool:
    """Whether nothing is left to do: the page hands the copy out by itself, and a no to sharing holds at once."""
    if claim.proof == Identity.CODE:
        return claim.kind in (Right.ACCESS, Right.SHARING)
    return _by_system(arrived, claim) and claim.kind == Right.SHARING


def _by_system(arrived: Arrived, claim: Claim) -> bool:
    """Whether a system of the controller's vouches for who asks."""
    return arrived.source == SYSTEM and claim.proof != Identity.NONE


def _errands(arrived: Arrived, claim: Claim, snapshot: Snapshot, *, forward: bool) -> tuple[Wanted, ...]:
    """The person is told if a code proved them, or a system: whoever wrote or called is answered by staff. Of a copy
    they are told when it is handed out."""
    subject, key = subject_of(arrived.controller_id, claim.channel, key_in(claim)), key_in(claim)
    due = due_at(claim.received_at or arrived.received_at)
    reader = telling.reader_of(subject, key, claim.language)
    told: tuple[Wanted, ...] = ()
    proved = claim.proof == Identity.CODE or (_by_system(arrived, claim) and claim.kind != Right.ACCESS)
    if reader is not None and proved:
        about = telling.about(snapshot, arrived.controller_id, claim.kind, due, reader.language)
        told = telling.letter_to(snapshot, arrived.controller_id, reader, words.received(about), ErrandKind.RIGHTS)
    if forward:
        told += telling.forward(snapshot, arrived.controller_id, arrived.id, claim, due)
    return told
