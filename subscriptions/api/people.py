"""`/v1/people/{external_id}`: a person as the controller knows them, their moves, and persons who are one."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from consent import status
from consent.configuration import TopicRule
from consent.moves.merge import accept_merge
from consent.moves.move import MAX_ID_CHARACTERS, MAX_NAME_CHARACTERS, Merge, Move, day_of
from consent.moves.people import Address as Known
from consent.moves.people import Moved, addresses, find_person, moves_of, name_of
from consent.moves.told import Differs, Told, accept_changes, told
from consent.near import near_of, wanted
from consent.resolve import person_id_of
from consent.statement import Rejected
from consent.story import readable
from subscriptions.api.auth import Caller
from subscriptions.api.events import accepted_response, idempotency
from subscriptions.api.hot import by_method, hot, json_response
from subscriptions.api.moves import Address, accepted_row
from subscriptions.api.parsing import field_error, read_body
from subscriptions.api.problems import Problem, bad_field
from subscriptions.api.rows import answer

MAX_CHANGES = 50


class Change(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"old": "from", "new": "to"}):
    """A change of an address. Without `from`, `to` is now the only address of the channel; without `to` the person
    left `from`. `household`: everybody there moved. `temporary`: both addresses are theirs."""

    channel: Literal["email", "sms", "post"]
    old: Address | None = None
    new: Address | None = None
    moved_on: str | None = None
    household: bool = False
    temporary: bool = False


_CHANGE = {"$ref": "#/components/schemas/Change"}


class PersonChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What changed about a person; one who was not known becomes known. Whatever was refused at an old address is
    refused at the new one too, and stays refused at the old one. Permissions do not move. If one member is wrong,
    nothing of the request is done."""

    name: str | None = None
    moves: Annotated[list[Any], msgspec.Meta(extra_json_schema={"items": _CHANGE, "maxItems": MAX_CHANGES})] = []


class MergeRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The id of the person whom this one turned out to be. Every denial of both is kept, and reaches the present
    addresses of both; permissions stay where they were given."""

    into: str


@hot("GET", "people:read")
def read(request: HttpRequest, caller: Caller, external_id: str) -> HttpResponse:
    """A person with their addresses, what may be sent there, and where they moved."""
    person = find_person(caller.controller_id, external_id)
    if person is None:
        raise nobody()
    known = addresses(person.pk)
    verdicts = _verdicts(caller, known)
    contacts = [_contact(one, found) for one, found in zip(known, verdicts, strict=True)]
    body = {
        "external_id": person.external_id,
        "name": name_of(person) or None,
        "created_at": person.created_at,
        "contacts": contacts,
        "channels": _channels(known, verdicts),
        "moves": [_moved(one) for one in moves_of(caller.controller_id, [one.key for one in known])],
    }
    return json_response(body)


def nobody() -> Problem:
    """The problem of an id that the controller never told us."""
    return Problem(404, "There is no such person.")


def _verdicts(caller: Caller, known: Sequence[Known]) -> list[list[dict[str, Any]]]:
    """What a check says of each topic at each address; one question a topic, however many addresses there are."""
    rows: list[list[dict[str, Any]]] = [[] for _ in known]
    for rule in caller.snapshot.topics.values():
        places = [place for place, one in enumerate(known) if _carries(rule, caller, one)]
        for channel in {known[place].channel for place in places}:
            here = [place for place in places if known[place].channel == channel]
            contacts = [known[place].contact for place in here]
            keys = [one.asked for one in contacts]
            near = wanted(near_of(contacts)) if channel == "post" else ()
            snapshot, made = status.check_many(
                caller.controller_id, rule.slug, channel, keys, timezone.now(), near=near
            )
            for place, verdict in zip(here, made, strict=True):
                rows[place].append({"topic": rule.slug, **answer(snapshot, verdict)})
    return rows


def _carries(rule: TopicRule, caller: Caller, one: Known) -> bool:
    return rule.controller_id == caller.controller_id and one.channel in rule.channels


def _contact(one: Known, verdicts: list[dict[str, Any]]) -> dict[str, Any]:
    address = None if one.erased else readable(one.contact.normal)
    return {
        "channel": one.channel,
        "address": address,
        "since": one.since,
        "until": one.until,
        "topics": verdicts,
    }


def _channels(known: Sequence[Known], verdicts: Sequence[list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """Per channel the present addresses, the topics that may be sent to each of them, and those refused at one."""
    rows = []
    for channel in dict.fromkeys(one.channel for one in known):
        present = [place for place, one in enumerate(known) if one.channel == channel and one.until is None]
        found = [verdict for place in present for verdict in verdicts[place]]
        denied = {verdict["topic"]: verdict["reason"] for verdict in found if not verdict["allowed"]}
        allowed = [topic for topic in dict.fromkeys(verdict["topic"] for verdict in found) if topic not in denied]
        rows.append({"channel": channel, "addresses": len(present), "allowed": allowed, "denied": denied})
    return rows


def _moved(one: Moved) -> dict[str, Any]:
    return {
        "channel": one.channel,
        "kind": one.kind,
        "from": one.old,
        "to": one.new,
        "moved_on": one.moved_on,
        "left_at": one.left_at,
        "event": one.inbound_id,
    }


@hot("PATCH", "people:write")
def change(request: HttpRequest, caller: Caller, external_id: str) -> HttpResponse:
    """Keep what changed. From this answer on a new address denies what the old one refused."""
    given, now = read_body(request, PersonChange), timezone.now()
    _require_id(external_id)
    _require_name(given.name)
    same, changes = idempotency(request, caller), _changes(given)
    read = [_told(place, changes, given.name or "", caller, external_id, now) for place in range(len(changes))]
    numbered = [
        one._replace(same=(*same, "people", external_id, str(place)) if same else ()) for place, one in enumerate(read)
    ]
    try:
        accepted = accept_changes(numbered, caller.controller_id, actor=caller.name) if numbered else []
    except Differs as error:
        raise Problem(422, "This Idempotency-Key was used with another content. Nothing was stored.") from error
    if given.name:
        person_id_of(caller.controller_id, external_id, given.name)
    results = [accepted_row(one) for one in accepted]
    return json_response({"external_id": external_id, "results": results}, status=202 if results else 200)


def _require_id(external_id: str) -> None:
    if not 0 < len(external_id) <= MAX_ID_CHARACTERS or "\0" in external_id:
        raise Problem(404, "There can be no such person.")


def _require_name(name: str | None) -> None:
    if name is not None and not 0 < len(name.strip()) <= MAX_NAME_CHARACTERS:
        raise bad_field("/name", "bad_length", f"1 to {MAX_NAME_CHARACTERS} characters")


def _changes(given: PersonChange) -> list[Change]:
    if len(given.moves) > MAX_CHANGES:
        raise bad_field("/moves", "too_many", f"at most {MAX_CHANGES} changes", status=413)
    changes = []
    for place, one in enumerate(given.moves):
        try:
            changes.append(msgspec.convert(one, Change))
        except msgspec.ValidationError as error:
            wrong = field_error(str(error), f"/moves/{place}")
            raise bad_field(wrong["pointer"], wrong["code"], wrong["detail"]) from error
    return changes


def _told(place: int, changes: Sequence[Change], name: str, caller: Caller, external_id: str, now: datetime) -> Told:
    one = changes[place]
    try:
        move = Move(
            channel=one.channel,
            old=one.old,
            new=one.new,
            moved_on=day_of(one.moved_on),
            who="family" if one.household else "individual",
            temporary=one.temporary,
            external_id=external_id,
            name=name,
            changes=len(changes),
        )
        return told(move, caller.controller_id, now)
    except Rejected as error:
        raise bad_field(f"/moves/{place}{error.pointer}", error.code, error.detail) from error


@hot("POST", "people:write")
def merge(request: HttpRequest, caller: Caller, external_id: str) -> HttpResponse:
    """Keep that two persons are one. From this answer on what either refused is refused at both one's addresses."""
    given = read_body(request, MergeRequest)
    same = idempotency(request, caller)
    wanted = Merge(external_id, given.into)
    if same:
        same = (*same, "merge", external_id, given.into)
    try:
        accepted = accept_merge(wanted, caller.controller_id, by="api", actor=caller.name, same=same)
    except Rejected as error:
        raise (bad_field(error.pointer, error.code, error.detail) if error.pointer else nobody()) from error
    return accepted_response(accepted)


person = by_method("api_key:people:read", GET=read, PATCH=change)
