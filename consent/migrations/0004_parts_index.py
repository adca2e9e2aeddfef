"""Finds the parts of one text."""

from django.db import migrations, models

INDEX = models.Index(fields=["thread"], condition=models.Q(thread__isnull=False), name="inbound_thread")

# One that was cut off leaves an index that is not valid; building takes as long as the table is large.
BUILD = [
    "SET statement_timeout = 0",
    "DROP INDEX CONCURRENTLY IF EXISTS inbound_thread",
    "CREATE INDEX CONCURRENTLY IF NOT EXISTS inbound_thread ON consent_inbound (thread) WHERE thread IS NOT NULL",
    "RESET statement_timeout",
]


class Migration(migrations.Migration):
    atomic = False  # the index is built while the table is written to

    dependencies = [("consent", "0003_reach_and_parts")]

    operations = [
        migrations.RunSQL(
            BUILD,
            "DROP INDEX CONCURRENTLY IF EXISTS inbound_thread",
            state_operations=[migrations.AddIndex("inbound", INDEX)],
        ),
    ]
