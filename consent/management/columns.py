"""Columns as commands are told of them."""


def mapping_of(pairs: list[str]) -> dict[str, list[str]]:
    """`PART=HEADER` pairs → the headers of each part, in order."""
    mapping: dict[str, list[str]] = {}
    for pair in pairs:
        part, _, header = pair.partition("=")
        mapping.setdefault(part.strip(), []).append(header)
    return mapping
