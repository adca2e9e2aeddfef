"""OpenAPI for requests about people's data."""

from typing import Any

from consent.models.rights import RightState
from subscriptions.api.people_requests import DataRequest

_PATH = "/v1/people/{external_id}/requests"
_TIME = {"type": "string", "format": "date-time"}
_UUID = {"type": "string", "format": "uuid"}
_STATES = {
    "received": "kept and obeyed, and not worked off yet",
    RightState.OPEN: "staff decide",
    RightState.FORWARDED: "handed on to the client, who decides",
    RightState.DONE: "done",
    RightState.REFUSED: "not done, for `reason`",
}
_MEMBERS: dict[str, Any] = {
    "id": _UUID,
    "kind": {"type": "string", "enum": ["access", "objection", "sharing", "erasure"]},
    "state": {
        "type": "string",
        "enum": [str(state) for state in _STATES],
        "description": "; ".join(f"`{state}`: {meaning}" for state, meaning in _STATES.items()),
    },
    "verified": {"type": "boolean", "description": "Whether it is known who asks."},
    "source": {"type": "string", "description": "How it came: `api`, `page` or `staff`."},
    "received_at": _TIME,
    "due_at": {**_TIME, "description": "By when it is to be answered."},
    "decided_at": {**_TIME, "type": ["string", "null"]},
    "reason": {"type": ["string", "null"], "description": "As the person was told it."},
}
ROWS: list[tuple[str, str, str, type | None, str, str, str]] = [
    (_PATH, "post", "Tell what a person asks about their data", DataRequest, "202", "Accepted", "people:write"),
    (_PATH, "get", "What a person asked about their data", None, "200", "DataRequests", "people:read"),
    (f"{_PATH}/{{id}}", "get", "A request about data", None, "200", "DataRequestState", "people:read"),
]
ANSWERS: dict[str, Any] = {
    "DataRequestState": {"type": "object", "properties": _MEMBERS, "required": list(_MEMBERS)},
    "DataRequests": {
        "type": "object",
        "properties": {
            "results": {
                "type": "array",
                "description": "The newest first.",
                "items": {"$ref": "#/components/schemas/DataRequestState"},
            },
            "next": {"type": ["string", "null"], "description": "The cursor of the next page."},
        },
        "required": ["results", "next"],
    },
}
_ID = {"name": "id", "in": "path", "required": True, "schema": _UUID}
_CURSOR = {"name": "cursor", "in": "query", "required": False, "schema": {"type": "string"}}


def add_parameters(paths: dict[str, Any]) -> None:
    """What these paths take beside the person's id."""
    paths[_PATH]["get"]["parameters"].append(_CURSOR)
    paths[f"{_PATH}/{{id}}"]["get"]["parameters"].append(_ID)
    paths[_PATH]["post"]["responses"] |= {
        status: {
            "description": description,
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status, description in {
            "409": "No address of the person is known",
            "422": "The Idempotency-Key was used with another content",
        }.items()
    }
