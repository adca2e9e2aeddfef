"""How several processes share the tests: a file goes whole to one, and those that use a running instance form two
groups, each of which has one of its own."""

import pytest
from xdist.scheduler import LoadScopeScheduling

JOURNEYS, BROWSER = "the instance of journeys", "the instance of the browser"
INSTANCES = (JOURNEYS, BROWSER)
# What takes longest is begun first. It mostly waits, and so do tests/local: these come later, beside what only works.
FIRST = (JOURNEYS, BROWSER)


def group_of(nodeid: str) -> str:
    """The file of a test, or the group that shares one running instance: journeys, and files named `…_connections.py`
    with the browser's tests, which take less time.
    """
    file = nodeid.partition("::")[0]
    if file.startswith("tests/journeys/"):
        return JOURNEYS
    return BROWSER if file.startswith("tests/browser/") or file.endswith("_connections.py") else file


def in_order(items: list[pytest.Item]) -> list[pytest.Item]:
    """The items, those first that take longest, and those of one browser beside each other. Raise `pytest.UsageError`
    where one wants an instance of its own.
    """
    strays = [item.nodeid for item in items if _is_stray(item)]
    if strays:
        raise pytest.UsageError(
            f"Use `running` in tests/journeys, tests/browser or a file named …_connections.py: {strays}"
        )
    return sorted(items, key=lambda item: (_rank(group_of(item.nodeid)), not item.nodeid.startswith("tests/browser/")))


def _is_stray(item: pytest.Item) -> bool:
    return "running" in getattr(item, "fixturenames", ()) and group_of(item.nodeid) not in INSTANCES


def _rank(group: str) -> int:
    return next((place for place, first in enumerate(FIRST) if group.startswith(first)), len(FIRST))


class Sharing(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types here
    """xdist's own groups are marks that its scheduler cannot read under this pytest."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)
