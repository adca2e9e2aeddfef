"""Pieces are found by the loose forms of their address as well as by its keys."""

from django.contrib.postgres.indexes import GinIndex
from django.db import migrations

# One that was cut off leaves an index that is not valid; building takes as long as the table is large.
BUILD = [
    "SET statement_timeout = 0",
    "DROP INDEX CONCURRENTLY IF EXISTS piece_forms",
    (
        "CREATE INDEX CONCURRENTLY IF NOT EXISTS piece_forms ON consent_mailpiece "
        "USING gin (forms) WITH (fastupdate = off)"
    ),
    "RESET statement_timeout",
]
UNDO = ["DROP INDEX CONCURRENTLY IF EXISTS piece_forms"]


class Migration(migrations.Migration):
    atomic = False  # the index is built while the table is written to

    dependencies = [("consent", "0014_topics_on_pages")]

    operations = [
        migrations.RunSQL(
            BUILD,
            UNDO,
            state_operations=[
                migrations.AddIndex("mailpiece", GinIndex(fields=["forms"], name="piece_forms", fastupdate=False))
            ],
        ),
    ]
