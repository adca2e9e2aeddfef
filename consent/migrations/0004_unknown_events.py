"""One index for what staff look for: what was set aside, and events of unknown kinds."""

from django.db import migrations, models

INDEX = models.Index(
    fields=["id"],
    condition=models.Q(("state", "set_aside"), ("outcome", "unknown"), _connector="OR"),
    name="inbound_for_staff",
)

# One that was cut off leaves an index that is not valid; building takes as long as the table is large.
BUILD = [
    "SET statement_timeout = 0",
    "DROP INDEX CONCURRENTLY IF EXISTS inbound_for_staff",
    (
        "CREATE INDEX CONCURRENTLY IF NOT EXISTS inbound_for_staff ON consent_inbound (id) "
        "WHERE state = 'set_aside' OR outcome = 'unknown'"
    ),
    "DROP INDEX CONCURRENTLY IF EXISTS inbound_set_aside",
    "RESET statement_timeout",
]
UNDO = [
    "CREATE INDEX CONCURRENTLY IF NOT EXISTS inbound_set_aside ON consent_inbound (id) WHERE state = 'set_aside'",
    "DROP INDEX CONCURRENTLY IF EXISTS inbound_for_staff",
]


class Migration(migrations.Migration):
    atomic = False  # the index is built while the table is written to

    dependencies = [("consent", "0003_reach_and_parts")]

    operations = [
        migrations.RunSQL(
            BUILD,
            UNDO,
            state_operations=[
                migrations.AddIndex("inbound", INDEX),
                migrations.RemoveIndex("inbound", "inbound_set_aside"),
            ],
        ),
    ]
