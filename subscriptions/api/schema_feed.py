"""OpenAPI for the feed, the exports and the stream: what their queries take, and what they answer with."""

from typing import Any

from subscriptions.api.feed import MOST, MOST_SECONDS, IdsRequest

_TIME = {"type": "string", "format": "date-time"}
_TIME_OR_NONE = {**_TIME, "type": ["string", "null"]}
_TEXT = {"type": "string"}
_TEXT_OR_NONE = {"type": ["string", "null"]}
_NUMBER = {"type": "integer"}
_NUMBER_OR_NONE = {"type": ["integer", "null"]}
_TRUTH = {"type": "boolean"}
_CHANNEL = {"type": "string", "enum": ["email", "sms", "post"]}


def _object(properties: dict[str, Any], optional: tuple[str, ...] = ()) -> dict[str, Any]:
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": properties, "required": required}


def _list(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


_SAID = _object(
    {
        "type": {
            "type": "string",
            "enum": ["suppression.added", "suppression.lifted", "consent.granted", "consent.withdrawn"],
        },
        "id": {**_TEXT, "description": "Stands for the address, for this controller alone."},
        "ref": {**_TEXT, "description": "With the id it names a denial or permission: a later one takes its place."},
        "channel": _CHANNEL,
        "scope": {**_TEXT, "examples": ["controller:acme"]},
        "topic": {**_NUMBER_OR_NONE, "description": "The number of the topic; null for all."},
        "since": _TIME,
        "until": _TIME_OR_NONE,
        "evidence": {**_TEXT, "format": "uuid"},
        "recorded_at": {**_TIME_OR_NONE, "description": "Null where it is no change but what holds now."},
        "reason": _TEXT,
        "cause": _TEXT,
        "sender": {**_TEXT_OR_NONE, "description": "The number of ours that a denial is confined to."},
        "confirmed": _TRUTH,
        "notice": _TEXT_OR_NONE,
        "notice_version": _NUMBER_OR_NONE,
        "sha256": {**_TEXT_OR_NONE, "description": "Only where it was asked for; null where the address is not kept."},
    },
    ("reason", "cause", "sender", "confirmed", "notice", "notice_version", "sha256"),
)
_HELD = _object(
    {"version": _TEXT, "all": _TRUTH, "rows": _list(_object({"id": _TEXT, "topic": _NUMBER_OR_NONE}))},
    ("all", "rows"),
)
_TOPIC = _object({"id": _NUMBER, "class": _TEXT, "basis": {"type": "object", "additionalProperties": _TEXT}})
_CLASSES = {"type": "object", "additionalProperties": _list(_TEXT)}
_RULES = _object(
    {
        "version": _NUMBER,
        "topics": {"type": "object", "additionalProperties": _TOPIC},
        "silences": {**_CLASSES, "description": "By cause the classes of topics that it silences."},
        "held_silences": {**_CLASSES, "description": "By channel the classes that are silent while something is held."},
        "material": _list(_object({"notice": _TEXT, "topic": _NUMBER_OR_NONE, "version": _NUMBER})),
    },
    ("topics", "silences", "held_silences", "material"),
)
ANSWERS: dict[str, dict[str, Any]] = {
    "Changes": _object(
        {"results": _list(_SAID), "next": _TEXT, "more": _TRUTH, "as_of": _TIME, "held": _HELD, "rules": _RULES},
        ("as_of", "held", "rules"),
    ),
    "Denials": _object({"results": _list(_SAID), "next": _TEXT_OR_NONE}),
    "Ids": _object({"ids": _list(_TEXT_OR_NONE)}),
}


def _query(name: str, description: str, schema: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"name": name, "in": "query", "description": description, "schema": schema or _TEXT}


_OF_CHANNEL = _query("channel", "Of one channel only.", _CHANNEL)
_WITH = _query("with", "With the SHA-256 of each address that is kept.", {"type": "string", "enum": ["sha256"]})
_LIMIT = _query("limit", "How many at most; else 1,000.", {"type": "integer", "minimum": 1, "maximum": MOST})
_GONE = "The cursor leads nowhere here: take a new export"
_BUSY = "Too many streams and exports at once"

# path, method, summary, query, answers by status: (description, schema, content type)
_ROWS: list[tuple[str, str, str, list[dict[str, Any]], dict[str, tuple[str, str, str]]]] = [
    (
        "/v1/suppressions",
        "get",
        "The denials of now, in pages",
        [
            _OF_CHANNEL,
            _query("scope", "everything, controller, or topic:SLUG."),
            _query("cursor", "`next`."),
            _LIMIT,
            _WITH,
        ],
        {"200": ("A page", "Denials", "application/json")},
    ),
    (
        "/v1/suppressions/changes",
        "get",
        "What changed since a cursor",
        [
            _query("cursor", "`next` of the last answer, or the position of an export; else the beginning."),
            _OF_CHANNEL,
            _LIMIT,
            _WITH,
            _query(
                "wait",
                "Seconds in which to answer as soon as there is something new.",
                {"type": "integer", "minimum": 0, "maximum": MOST_SECONDS},
            ),
            _query("rules", "The version of the rules that are known.", {"type": "integer", "minimum": 0}),
            _query("held", "The version of what is known to be held."),
        ],
        {"200": ("Changes in their order", "Changes", "application/json"), "410": (_GONE, "Problem", "")},
    ),
    (
        "/v1/suppressions/export",
        "get",
        "Everything as of one position, from which the feed goes on",
        [
            _OF_CHANNEL,
            _query("format", "csv unless you say so.", {"type": "string", "enum": ["csv", "ndjson", "sha256"]}),
            _query("topic", "csv and sha256: only what silences this topic."),
            _WITH,
        ],
        {"200": ("The rows; the header X-Sayso-Position", "", "text/csv"), "429": (_BUSY, "Problem", "")},
    ),
    (
        "/v1/suppressions/ids",
        "post",
        "The ids that stand for addresses",
        [],
        {"200": ("Ids in the order of the addresses", "Ids", "application/json")},
    ),
    (
        "/v1/check/stream",
        "post",
        "May we send? A line of JSON for each line",
        [
            _query("channel", "Of each line that names none itself.", _CHANNEL),
            _query("topic", "Of each line that names none itself."),
            _query("sender", "The number of ours that would send."),
            _query("waits", "true: the client waits for answers before it sends more.", {"enum": ["true", "false"]}),
        ],
        {"200": ("The answers, line by line", "", "application/x-ndjson"), "429": (_BUSY, "Problem", "")},
    ),
]
_SCOPES = {"/v1/check/stream": "check"}
_BODIES: dict[str, dict[str, Any]] = {
    "/v1/suppressions/ids": {"application/json": {"schema": {"$ref": f"#/components/schemas/{IdsRequest.__name__}"}}},
    "/v1/check/stream": {"application/x-ndjson": {"schema": {"type": "string"}}},
}
STRUCTS = (IdsRequest,)


def add_feed(paths: dict[str, Any]) -> None:
    """Describe them."""
    for path, method, summary, query, answers in _ROWS:
        operation: dict[str, Any] = {
            "operationId": f"{method}{path.replace('/', '_')}",
            "summary": summary,
            "description": f"{summary}. Needs the scope `{_SCOPES.get(path, 'suppressions:read')}`.",
            "tags": ["v1"],
            "parameters": query,
            "responses": {status: _response(*answer) for status, answer in answers.items()},
        }
        if path in _BODIES:
            operation["requestBody"] = {"required": True, "content": _BODIES[path]}
        paths.setdefault(path, {})[method] = operation


def _response(description: str, schema: str, content_type: str) -> dict[str, Any]:
    what = {"$ref": f"#/components/schemas/{schema}"} if schema else {"type": "string", "format": "binary"}
    return {"description": description, "content": {content_type or "application/problem+json": {"schema": what}}}
