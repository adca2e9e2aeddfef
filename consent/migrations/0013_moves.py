"""People who move: the ways on which denials follow them."""

import django.db.models.deletion
from django.db import migrations, models

import consent.models.fields


class Migration(migrations.Migration):
    dependencies = [
        ("consent", "0012_outside_lists"),
    ]

    operations = [
        migrations.AddField(
            model_name="consentevent",
            name="carried_from",
            field=models.UUIDField(
                help_text="The line about another address of the same person that this one repeats (docs/PEOPLE.md).",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="person",
            name="merged_into",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                help_text="The person whom this one turned out to be.",
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="consent.person",
            ),
        ),
        migrations.CreateModel(
            name="Move",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("channel", models.TextField(choices=[("email", "E-mail"), ("sms", "SMS"), ("post", "Post")])),
                ("old_key", consent.models.fields.KeyField()),
                ("new_key", consent.models.fields.KeyField()),
                (
                    "kind",
                    models.TextField(
                        choices=[
                            ("moved", "Moved there"),
                            ("back", "Moved from there"),
                            ("household", "Moved out of that household"),
                            ("merged", "Is the same person"),
                        ]
                    ),
                ),
                ("left_at", models.DateTimeField()),
                ("moved_on", models.DateField(null=True)),
                ("until", models.DateTimeField(null=True)),
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
                (
                    "inbound",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="consent.inbound",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["new_key"], name="move_new_key")],
                "constraints": [models.UniqueConstraint(fields=("old_key", "new_key", "controller"), name="move_once")],
            },
        ),
    ]
