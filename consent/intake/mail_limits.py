"""How much of a message we are willing to read. Every limit is checked before the work that it bounds.

Whoever sends us a message chooses its structure. The figures leave room for what real programs send (a list digest of a
hundred parts, a To of hundreds of people) and keep time linear and memory small for everything else.
"""

from typing import Final

HEAD_BYTES: Final = 262_144
"""All header fields of one message or part together."""
FIELD_BYTES: Final = 65_536
"""One header field, unfolded."""
FIELDS: Final = 1_000
"""Header fields in one message or part."""
ENCODED_WORDS: Final = 300
"""RFC 2047 encoded words in one field."""
NESTING_MARKS: Final = 60
"""Of `(` and of `:` in one field of addresses: the parser of the standard library recurses on both."""
DEPTH: Final = 20
"""Levels of multipart and message parts; a bounce of a bounce of a forwarded report has seven."""
PARTS: Final = 500
"""Parts in one message."""
BOUNDARY_LINES: Final = 20_000
"""Places that look like a boundary while one multipart is cut."""
BOUNDARY_LENGTH: Final = 200
"""RFC 2046 allows 70."""
STATUS_GROUPS: Final = 1_000
"""Recipients in one delivery report."""
ENCODED_BYTES: Final = 400_000
"""How much of one part is decoded, before its transfer encoding is undone."""
TEXT_CHARS: Final = 60_000
"""How much of a message's text is read."""
LINE_CHARS: Final = 2_000
"""A longer line of text is broken, so that no rule ever looks at more."""
SUBJECT_CHARS: Final = 500


class TooComplex(Exception):
    """The message exceeds a limit, and nothing was read. It is kept, and a person looks at it. `limit` names which."""

    def __init__(self, limit: str) -> None:
        super().__init__(f"message exceeds the limit of {limit}")
        self.limit = limit


def within(count: int, limit: int, name: str) -> None:
    """Raise `TooComplex` when `count` is above `limit`."""
    if count > limit:
        raise TooComplex(name)
