"""Words that took back a no to everything are found by themselves: whoever makes a topic looks for them."""

from django.db import migrations, models

_INDEX = models.Index(
    fields=["controller", "seq"], condition=models.Q(action="lift", topic__isnull=True), name="event_lifted"
)


class Migration(migrations.Migration):
    atomic = False  # the index is built while the ledger is written to

    dependencies = [("consent", "0023_what_ends")]

    operations = [
        migrations.RunSQL(
            [
                "SET statement_timeout = 0",
                # One that was cut off leaves an index that is not valid.
                "DROP INDEX CONCURRENTLY IF EXISTS event_lifted",
                (
                    "CREATE INDEX CONCURRENTLY IF NOT EXISTS event_lifted ON consent_consentevent (controller_id, seq) "
                    "WHERE action = 'lift' AND topic_id IS NULL"
                ),
                "RESET statement_timeout",
            ],
            ["DROP INDEX CONCURRENTLY IF EXISTS event_lifted"],
            state_operations=[migrations.AddIndex("consentevent", _INDEX)],
        )
    ]
