"""A bound on the replica's delay that cannot be meant is refused at the start."""

import pytest
from pytest_django.fixtures import Settings

from consent.replica.checks import check_replica


@pytest.mark.parametrize(("seconds", "errors"), [(0.25, []), (0.0, ["sayso.E015"]), (60.0, ["sayso.E015"])])
def test_the_bound_lets_a_check_wait_for_a_moment(settings: Settings, seconds: float, errors: list[str]) -> None:
    settings.SAYSO_REPLICA_MOST_SECONDS_BEHIND = seconds
    assert [error.id for error in check_replica(None)] == errors
