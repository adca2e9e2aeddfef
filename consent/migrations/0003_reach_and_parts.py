"""How far a STOP reaches, when a gateway says it was said, and which parts make one text.

New columns with a constant default are written nowhere: PostgreSQL keeps the default once for all rows.
"""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("consent", "0002_ledger_guards")]
    operations = [
        migrations.AddField(
            "consentevent",
            "sender_only",
            models.BooleanField(
                db_default=False, default=False, help_text="It reaches only what is sent from that number of ours."
            ),
        ),
        migrations.AddField(
            "consentevent",
            "stamped_at",
            models.DateTimeField(
                help_text="When a gateway's own clock, which may be wrong, says that it was said.", null=True
            ),
        ),
        migrations.AddField(
            "consentevent",
            "received_at",
            models.DateTimeField(help_text="When we received what a gateway's clock stamped.", null=True),
        ),
        migrations.AddField("suppression", "sender_only", models.BooleanField(db_default=False, default=False)),
        migrations.CreateModel(
            "Part",
            [
                (
                    "inbound",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="consent.inbound",
                    ),
                ),
                ("thread", models.BinaryField()),
            ],
            options={"indexes": [models.Index(fields=["thread"], name="part_thread")]},
        ),
    ]
