"""How several processes share the tests: a file goes whole to one, and all that use the one instance go together."""

import pytest
from xdist.scheduler import LoadScopeScheduling

INSTANCE = "the instance"
FIRST = (INSTANCE, "tests/local")  # what takes longest is begun first


def group_of(nodeid: str) -> str:
    """The file of a test; journeys, browser tests and files named `…_connections` share one running instance."""
    file = nodeid.partition("::")[0]
    shares = file.startswith(("tests/journeys/", "tests/browser/")) or file.endswith("_connections.py")
    return INSTANCE if shares else file


def in_order(items: list[pytest.Item]) -> list[pytest.Item]:
    """The items, those first that take longest. Raise `pytest.UsageError` where one wants an instance of its own."""
    strays = [item.nodeid for item in items if _is_stray(item)]
    if strays:
        raise pytest.UsageError(f"Use `running` in tests/journeys or a file named …_connections.py: {strays}")
    return sorted(items, key=lambda item: _rank(group_of(item.nodeid)))


def _is_stray(item: pytest.Item) -> bool:
    return "running" in getattr(item, "fixturenames", ()) and group_of(item.nodeid) != INSTANCE


def _rank(group: str) -> int:
    return next((place for place, first in enumerate(FIRST) if group.startswith(first)), len(FIRST))


class Sharing(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types here
    """xdist's own groups are marks that its scheduler cannot read under this pytest."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)
