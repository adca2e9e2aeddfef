"""System checks of the replica: a setting that cannot be, and a server that is no replica of our database."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

import psycopg
from django.conf import settings
from django.core import checks
from django.db import DatabaseError

from consent.checks import TAG
from consent.replica.link import Link
from consent.replica.position import ask

_LEAST_SECONDS, _MOST_SECONDS = 0.01, 5.0
_BY_A_POOLER = "Give the address of one server: behind a pooler each statement may be answered by another one."


@checks.register(TAG)
def check_replica(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[checks.CheckMessage]:
    found: list[checks.CheckMessage] = []
    url, seconds = settings.SAYSO_REPLICA_URL, settings.SAYSO_REPLICA_MOST_SECONDS_BEHIND
    if url and urlsplit(url).scheme not in ("postgres", "postgresql"):
        found.append(checks.Error("SAYSO_REPLICA_URL is not a postgresql:// URL.", hint=_BY_A_POOLER, id="sayso.E014"))
    if not _LEAST_SECONDS <= seconds <= _MOST_SECONDS:
        limits = f"SAYSO_REPLICA_MOST_SECONDS_BEHIND must be from {_LEAST_SECONDS} to {_MOST_SECONDS}."
        found.append(checks.Error(limits, id="sayso.E015"))
    return found


@checks.register(checks.Tags.database)
def check_replica_answers(
    app_configs: Sequence[Any] | None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[checks.CheckMessage]:
    """A replica that cannot be used costs no check: the primary answers. So it is a warning."""
    if not databases or not settings.SAYSO_REPLICA_URL:
        return []
    problem = _problem()
    hint = "Until then the primary answers all checks (docs/SCALING.md)."
    return [checks.Warning(f"The replica {problem}.", hint=hint, id="sayso.W005")] if problem else []


def _problem() -> str:
    """What is wrong with the replica, if anything."""
    try:
        position = ask()
    except DatabaseError:
        return ""  # that is not the replica's fault
    try:
        link = Link()
    except psycopg.Error as error:
        return f"does not answer ({type(error).__name__})"
    try:
        if link.system != position.system:
            return "is a copy of another database server"
        if link.has(position, _MOST_SECONDS):
            return ""
        return f"is none of the primary's, or over {_MOST_SECONDS:.0f} seconds behind"
    except psycopg.Error as error:
        return f"does not answer ({type(error).__name__})"
    finally:
        link.close()
