"""The rows of a bulk answer, written as JSON at once: most of them share one verdict, and differ in their address."""

import json
from collections.abc import Callable, Sequence
from typing import Any

import orjson

from consent.status import Verdict

_BETWEEN = b'","'


def write_rows(
    name: str, given: Sequence[Any], verdicts: Sequence[Verdict], answer: Callable[[Verdict], dict[str, Any]]
) -> bytes:
    """A JSON array of objects: what was asked under `name`, then what `answer` makes of its verdict."""
    if not given:
        return b"[]"
    head = b'{"%s":' % name.encode()
    different = {id(verdict): verdict for verdict in verdicts}
    tails = {
        number: b"," + orjson.dumps(answer(verdict), option=orjson.OPT_UTC_Z)[1:] + b"," + head
        for number, verdict in different.items()
    }
    pieces = [b""] * (2 * len(given))
    pieces[0::2] = _texts(given)
    pieces[1::2] = map(tails.__getitem__, map(id, verdicts))
    return b"[" + head + b"".join(pieces)[: -len(head) - 1] + b"]"


def json_of(given: Any) -> bytes:
    """The JSON of whatever stood in a list of addresses: a number too large for orjson as well."""
    try:
        return orjson.dumps(given)
    except TypeError:
        return json.dumps(given, ensure_ascii=False).encode()


def _texts(given: Sequence[Any]) -> list[bytes]:
    """The JSON of each."""
    if not all(type(one) is str for one in given):
        return [json_of(one) for one in given]
    whole = orjson.dumps(given)
    # Of texts without a quotation mark, these three characters stand between two of them, and nowhere else.
    if b'\\"' in whole:
        return [orjson.dumps(one) for one in given]
    return [b'"%b"' % text for text in whole[2:-2].split(_BETWEEN)]
