"""Events of unknown kinds are counted for staff: the newest of them are found without reading the table."""

from django.db import migrations, models

INDEX = models.Index(fields=["id"], condition=models.Q(outcome="unknown"), name="inbound_unknown")

# One that was cut off leaves an index that is not valid; building takes as long as the table is large.
BUILD = [
    "SET statement_timeout = 0",
    "DROP INDEX CONCURRENTLY IF EXISTS inbound_unknown",
    "CREATE INDEX CONCURRENTLY IF NOT EXISTS inbound_unknown ON consent_inbound (id) WHERE outcome = 'unknown'",
    "RESET statement_timeout",
]


class Migration(migrations.Migration):
    atomic = False  # the index is built while the table is written to

    dependencies = [("consent", "0004_parts_index")]

    operations = [
        migrations.RunSQL(
            BUILD,
            "DROP INDEX CONCURRENTLY IF EXISTS inbound_unknown",
            state_operations=[migrations.AddIndex("inbound", INDEX)],
        ),
    ]
