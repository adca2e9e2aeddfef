"""OpenAPI for the hot paths, from the same structs that decode their bodies."""

from typing import Any

import msgspec

from subscriptions.api.check import BulkRequest, CheckRequest
from subscriptions.api.events import EventRequest
from subscriptions.api.links import LinksRequest
from subscriptions.api.moves import MoveRow, MovesRequest
from subscriptions.api.numbers import DisconnectedRequest
from subscriptions.api.people import Change, MergeRequest, PersonChange
from subscriptions.api.schema_feed import ANSWERS as FEED_ANSWERS
from subscriptions.api.schema_feed import STRUCTS as FEED_STRUCTS
from subscriptions.api.schema_feed import add_feed
from subscriptions.api.schema_requests import ANSWERS as REQUEST_ANSWERS
from subscriptions.api.schema_requests import ROWS as REQUEST_ROWS
from subscriptions.api.schema_requests import add_parameters
from subscriptions.api.suppressions import LiftRequest, SuppressionRequest

_REASONS = {
    True: ["granted", "opt_out_basis", "service"],
    False: [
        "opted_out",
        "held",
        "no_consent",
        "unconfirmed",
        "expired",
        "reconsent_needed",
        "hard_bounce",
        "complaint",
        "deceased",
        "minor",
        "listed",
        "paused",
        "invalid_address",
    ],
}
_TIME = {"type": "string", "format": "date-time"}
_VERDICT: dict[str, Any] = {
    "allowed": {"type": "boolean"},
    "reason": {"type": "string", "enum": _REASONS[True] + _REASONS[False]},
    "scope": {"type": ["string", "null"], "examples": ["controller:acme"]},
    "since": {**_TIME, "type": ["string", "null"]},
    "evidence": {"type": ["string", "null"], "format": "uuid"},
    "also": {"type": "array", "items": {"type": "string", "enum": _REASONS[False]}},
}
_NOT_BEFORE = {
    **_TIME,
    "description": "Only in allowed answers about SMS, and only in quiet hours where the number is: the first moment "
    "at which a text is permitted there. Not known of hashes.",
}


def _object(properties: dict[str, Any], required: list[str] | None = None) -> dict[str, Any]:
    wanted = list(properties) if required is None else required
    return {"type": "object", "properties": properties, "required": wanted}


_CHANNEL = {"type": "string", "enum": ["email", "sms", "post"]}
_KEPT = _object(
    {
        "status": {"type": "string", "enum": ["accepted", "invalid"]},
        "id": {"type": "string", "format": "uuid"},
        "status_url": {"type": "string"},
        **{name: {"type": "string"} for name in ("pointer", "reason", "detail")},
    },
    ["status"],
)
_ADDRESS = {"oneOf": [{"type": "string"}, {"type": "object", "additionalProperties": {"type": "string"}}]}
_LINKS: dict[str, dict[str, Any]] = {
    "unsubscribe_url": {"type": "string", "format": "uri"},
    "preferences_url": {"type": "string", "format": "uri"},
    "mailto": {"type": ["string", "null"], "description": "Null without a mailbox for opting out."},
    "headers": {"type": "object", "additionalProperties": {"type": "string"}},
    "bounce_id": {"type": "string"},
    "return_path": {"type": ["string", "null"], "description": "Null without a mailbox for bounces."},
}


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    return {**schema, "type": ["string", "null"]} if schema["type"] == "string" else schema


_ANSWERS: dict[str, dict[str, Any]] = {
    "CheckAnswer": _object(
        {"address": _ADDRESS, **_VERDICT, "not_before": _NOT_BEFORE, "checked_at": _TIME},
        ["address", *_VERDICT, "checked_at"],
    ),
    "BulkAnswer": _object(
        {
            "checked_at": _TIME,
            "counts": _object(
                {
                    "allowed": {"type": "integer"},
                    "denied": {"type": "integer"},
                    "by_reason": {"type": "object", "additionalProperties": {"type": "integer"}},
                }
            ),
            "results": {
                "type": "array",
                "items": _object(
                    {"address": _ADDRESS, "hash": {"type": "string"}, **_VERDICT, "not_before": _NOT_BEFORE},
                    list(_VERDICT),
                ),
            },
        }
    ),
    "LinksAnswer": _object(
        {
            "address": {"type": "string"},
            **_LINKS,
            "campaign": {"type": "string", "description": "The word by which the campaign comes back."},
            "counts": _object({"made": {"type": "integer"}, "invalid": {"type": "integer"}}),
            "results": {
                "type": "array",
                "items": _object(
                    {
                        "address": {"type": "string"},
                        "hash": {"type": "string"},
                        **{name: _or_null(schema) for name, schema in _LINKS.items()},
                        "error": {"type": "string", "description": "Why there are none."},
                    },
                    list(_LINKS),
                ),
            },
        },
        ["campaign", "counts", "results"],
    ),
    "Accepted": _object({"id": {"type": "string", "format": "uuid"}, "status_url": {"type": "string"}}),
    "DisconnectedAnswer": _object(
        {
            "counts": _object({"accepted": {"type": "integer"}, "invalid": {"type": "integer"}}),
            "results": {
                "type": "array",
                "items": _object(
                    {
                        "number": {"description": "As it was given, if it was a text."},
                        "status": {"type": "string", "enum": ["accepted", "invalid"]},
                        "id": {"type": "string", "format": "uuid"},
                        "status_url": {"type": "string"},
                        **{name: {"type": "string"} for name in ("pointer", "reason", "detail")},
                    },
                    ["number", "status"],
                ),
            },
        }
    ),
    "MovesAnswer": _object(
        {
            "counts": _object({"accepted": {"type": "integer"}, "invalid": {"type": "integer"}}),
            "results": {"type": "array", "items": _KEPT},
        }
    ),
    "PersonChanged": _object(
        {"external_id": {"type": "string"}, "results": {"type": "array", "items": _KEPT}},
    ),
    "Person": _object(
        {
            "external_id": {"type": "string"},
            "name": {"type": ["string", "null"]},
            "created_at": _TIME,
            "contacts": {
                "type": "array",
                "description": "The present addresses first. `address` is null where it was erased.",
                "items": _object(
                    {
                        "channel": _CHANNEL,
                        "address": {"type": ["string", "null"]},
                        "since": _TIME,
                        "until": {**_TIME, "type": ["string", "null"]},
                        "topics": {"type": "array", "items": _object({"topic": {"type": "string"}, **_VERDICT})},
                    }
                ),
            },
            "channels": {
                "type": "array",
                "description": "What may be sent to every present address, and what is refused at one, and why.",
                "items": _object(
                    {
                        "channel": _CHANNEL,
                        "addresses": {"type": "integer"},
                        "allowed": {"type": "array", "items": {"type": "string"}},
                        "denied": {"type": "object", "additionalProperties": {"type": "string"}},
                    }
                ),
            },
            "moves": {
                "type": "array",
                "items": _object(
                    {
                        "channel": _CHANNEL,
                        "kind": {"type": "string"},
                        "from": {"type": ["string", "null"]},
                        "to": {"type": ["string", "null"]},
                        "moved_on": {"type": ["string", "null"], "format": "date"},
                        "left_at": _TIME,
                        "event": {"type": "string", "format": "uuid"},
                    }
                ),
            },
        }
    ),
    "Problem": _object(
        {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "errors": {
                "type": "array",
                "items": _object({name: {"type": "string"} for name in ("pointer", "code", "detail")}),
            },
        },
        ["type", "title", "status", "detail"],
    ),
}

# path, method, summary, request struct, status, answer, scope
_PERSON = "/v1/people/{external_id}"
_HOT: list[tuple[str, str, str, type | None, str, str, str]] = [
    ("/v1/check", "post", "May we send to one address?", CheckRequest, "200", "CheckAnswer", "check"),
    ("/v1/check/bulk", "post", "May we send to each of up to 10,000?", BulkRequest, "200", "BulkAnswer", "check"),
    ("/v1/links", "post", "Make unsubscribe links and headers", LinksRequest, "200", "LinksAnswer", "links"),
    ("/v1/events", "post", "Tell what a person said", EventRequest, "202", "Accepted", "consent:write"),
    ("/v1/suppressions", "post", "Add a denial", SuppressionRequest, "202", "Accepted", "suppressions:write"),
    ("/v1/suppressions", "delete", "Lift a bounce or a pause", LiftRequest, "202", "Accepted", "suppressions:write"),
    (
        "/v1/numbers/disconnected",
        "post",
        "Tell of numbers that were permanently disconnected",
        DisconnectedRequest,
        "202",
        "DisconnectedAnswer",
        "suppressions:write",
    ),
    ("/v1/moves", "post", "Tell of changes of address", MovesRequest, "202", "MovesAnswer", "people:write"),
    (_PERSON, "get", "A person with their addresses", None, "200", "Person", "people:read"),
    (_PERSON, "patch", "Tell what changed about a person", PersonChange, "202", "PersonChanged", "people:write"),
    (f"{_PERSON}/merge", "post", "Tell that two persons are one", MergeRequest, "202", "Accepted", "people:write"),
    *REQUEST_ROWS,
]
_PROBLEMS = {
    "400": "A member is missing or wrong",
    "401": "No valid API key",
    "403": "The key lacks the scope",
    "413": "Too large",
    "503": "The database cannot answer: nothing was decided or stored",
}


def add_hot_paths(result: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
    """drf-spectacular's hook: describe the plain views beside DRF's, and the problems of all."""
    components = result.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    structs = [*(row[3] for row in _HOT if row[3]), MoveRow, Change, *FEED_STRUCTS]
    _, described = msgspec.json.schema_components(structs, ref_template="#/components/schemas/{name}")
    schemas.update({name: _without_defaults(schema) for name, schema in described.items()})
    schemas.update(_ANSWERS | FEED_ANSWERS | REQUEST_ANSWERS)
    components["securitySchemes"] = {"apiKey": {"type": "http", "scheme": "bearer"}}
    for path, method, summary, struct, status, answer, scope in _HOT:
        result["paths"].setdefault(path, {})[method] = _operation(method, path, summary, struct, status, answer, scope)
    add_feed(result["paths"])
    add_parameters(result["paths"])
    for operations in result["paths"].values():
        for operation in operations.values():
            operation.setdefault("security", [{"apiKey": []}])
            for status, description in _PROBLEMS.items():
                operation["responses"].setdefault(status, _response(description, "Problem", "application/problem+json"))
    return result


def _operation(
    method: str, path: str, summary: str, struct: type | None, status: str, answer: str, scope: str
) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": f"{method}{path.replace('/', '_').replace('{', '').replace('}', '')}",
        "summary": summary,
        "description": f"{struct.__doc__ if struct else summary + '.'} Needs the scope `{scope}`.",
        "tags": ["v1"],
        "responses": {status: _response(summary, answer, "application/json")},
    }
    if struct:
        body = {"$ref": f"#/components/schemas/{struct.__name__}"}
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}}
    if "{external_id}" in path:
        operation["parameters"] = [_EXTERNAL_ID]
        operation["responses"]["404"] = _response("There is no such person", "Problem", "application/problem+json")
    return operation


_EXTERNAL_ID = {
    "name": "external_id",
    "in": "path",
    "required": True,
    "description": "The controller's own id of the person.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200},
}


def _response(description: str, schema: str, content_type: str) -> dict[str, Any]:
    return {
        "description": description,
        "content": {content_type: {"schema": {"$ref": f"#/components/schemas/{schema}"}}},
    }


def _without_defaults(schema: dict[str, Any]) -> dict[str, Any]:
    """Optional members say so by not being required; `"default": null` would only confuse generators."""
    members = schema.get("properties", {})
    for member in members.values():
        if member.get("default", 0) is None:
            del member["default"]
    return schema
