"""Suppressions and permissions that end by themselves are found by when they do: who asks about a scrub again does."""

from django.db import migrations, models

_ENDING = models.Q(until__isnull=False)


def _ends(table: str) -> migrations.RunSQL:
    """One that was cut off leaves an index that is not valid; building takes as long as the table is large."""
    name = f"{table}_until"
    build = [
        "SET statement_timeout = 0",
        f"DROP INDEX CONCURRENTLY IF EXISTS {name}",
        f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {name} ON consent_{table} (until) WHERE until IS NOT NULL",
        "RESET statement_timeout",
    ]
    index = models.Index(fields=["until"], condition=_ENDING, name=name)
    return migrations.RunSQL(
        build, [f"DROP INDEX CONCURRENTLY IF EXISTS {name}"], state_operations=[migrations.AddIndex(table, index)]
    )


class Migration(migrations.Migration):
    atomic = False  # the indexes are built while the tables are written to

    dependencies = [("consent", "0022_scrubs")]

    operations = [_ends("suppression"), _ends("permission")]
