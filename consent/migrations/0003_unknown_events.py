"""Events that changed nothing are counted for staff: the newest of them are found without reading the table."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # the index is built while the table is written to

    dependencies = [("consent", "0002_ledger_guards")]

    operations = [
        AddIndexConcurrently(
            "inbound",
            models.Index(fields=["id"], condition=models.Q(outcome="unknown"), name="inbound_unknown"),
        ),
    ]
