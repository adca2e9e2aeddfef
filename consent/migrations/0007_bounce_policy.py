"""Failures that count towards the policy, and mailboxes that take bounces."""

import django.db.models.deletion
from django.db import migrations, models

import consent.models.fields


class Migration(migrations.Migration):
    dependencies = [
        ("consent", "0006_post_neighbours"),
    ]

    operations = [
        migrations.CreateModel(
            name="CountedBounce",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", consent.models.fields.KeyField()),
                ("day", models.DateField(help_text="UTC.")),
                ("proved", models.BooleanField(help_text="Nobody could have forged them.")),
                ("times", models.BigIntegerField(default=0)),
                ("last_at", models.DateTimeField()),
                (
                    "controller",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="consent.controller",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("key", "controller", "day", "proved"), name="counted_bounce_once")
                ],
            },
        ),
        migrations.AlterField(
            model_name="sender",
            name="kind",
            field=models.CharField(
                choices=[
                    ("sender", "Sends"),
                    ("opt_out", "Takes opt-outs (mailbox)"),
                    ("privacy", "Takes privacy requests (mailbox)"),
                    ("bounce", "Takes bounces (mailbox)"),
                ],
                max_length=10,
            ),
        ),
    ]
