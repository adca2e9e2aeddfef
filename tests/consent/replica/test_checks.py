"""A bound that cannot be meant is refused at the start; a server that is no replica of ours is told of."""

import pytest
from django.core.checks import run_checks
from pytest_django.fixtures import Settings

from config.local import ports
from consent.replica.checks import check_replica


@pytest.mark.parametrize(("seconds", "errors"), [(0.25, []), (0.0, ["sayso.E015"]), (60.0, ["sayso.E015"])])
def test_the_bound_lets_a_check_wait_for_a_moment(settings: Settings, seconds: float, errors: list[str]) -> None:
    settings.SAYSO_REPLICA_MOST_SECONDS_BEHIND = seconds
    assert [error.id for error in check_replica(None)] == errors


def warnings() -> list[str]:
    return [message.msg for message in run_checks(databases=["default"]) if message.id == "sayso.W005"]


@pytest.mark.django_db
def test_what_is_no_replica_is_told_of(settings: Settings) -> None:
    assert warnings() == []
    settings.SAYSO_REPLICA_URL = settings.DATABASE_URL  # a primary
    assert [text.partition(",")[0] for text in warnings()] == ["The replica is none of the primary's"]
    settings.SAYSO_REPLICA_URL = f"postgresql://sayso@{ports.HOST}:{ports.anywhere()}/sayso"
    assert warnings() == ["The replica does not answer (OperationalError)."]
