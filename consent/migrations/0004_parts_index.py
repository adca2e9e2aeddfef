"""Finds the parts of one text. Built beside the intake, and again from the start where that was interrupted."""

from django.db import migrations, models

BUILD = """
DROP INDEX CONCURRENTLY IF EXISTS inbound_thread;
CREATE INDEX CONCURRENTLY IF NOT EXISTS inbound_thread ON consent_inbound (thread) WHERE thread IS NOT NULL;
"""


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("consent", "0003_reach_and_parts")]
    operations = [
        migrations.SeparateDatabaseAndState(
            [migrations.RunSQL(BUILD.strip().splitlines(), "DROP INDEX CONCURRENTLY IF EXISTS inbound_thread;")],
            [
                migrations.AddIndex(
                    "inbound",
                    models.Index(
                        condition=models.Q(("thread__isnull", False)), fields=["thread"], name="inbound_thread"
                    ),
                )
            ],
        )
    ]
