"""The outbox, and what calls of gateways need."""

import django.db.models.deletion
from django.db import migrations, models

import consent.models.fields


class Migration(migrations.Migration):
    dependencies = [
        ("consent", "0004_unknown_events"),
    ]

    operations = [
        migrations.AddField(
            model_name="provideraccount",
            name="sealed_credentials",
            field=models.BinaryField(
                help_text="What calls of its API need: a JSON object of texts (docs/ANSWERS.md).", null=True
            ),
        ),
        migrations.CreateModel(
            name="Errand",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=consent.models.fields.public_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "kind",
                    models.TextField(
                        choices=[("reply", "A text to the person"), ("confirm", "Accepting a subscription")]
                    ),
                ),
                (
                    "way",
                    models.TextField(
                        choices=[("api", "By a call of ours"), ("response", "In the response to the gateway's post")]
                    ),
                ),
                ("purpose", models.TextField(help_text="stopped, help, started: what the text says; or subscription.")),
                ("provider", models.TextField()),
                ("endpoint", models.TextField()),
                ("key", consent.models.fields.KeyField(help_text="Of the number that is answered.", null=True)),
                ("sender", models.TextField(blank=True, help_text="Our number, from which it is answered.")),
                ("topics", models.TextField(blank=True, help_text="Ids of the topics it offers to keep, in order.")),
                (
                    "sealed_payload",
                    models.BinaryField(help_text="What is sent, and to whom. Emptied when it is settled.", null=True),
                ),
                (
                    "state",
                    models.TextField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("done", "Done"),
                            ("unsure", "Perhaps done: not tried again"),
                            ("failed", "Refused"),
                            ("expired", "Too late: not done"),
                        ]
                    ),
                ),
                ("attempts", models.BigIntegerField(default=0)),
                ("made_at", models.DateTimeField()),
                (
                    "next_try_at",
                    models.DateTimeField(help_text="Lease of the process at work, or time of the next attempt."),
                ),
                ("give_up_at", models.DateTimeField(help_text="It is never begun after this.")),
                ("lease", models.UUIDField(null=True)),
                ("error", models.TextField(blank=True, help_text="The kind of error, never its personal content.")),
                ("gateway_id", models.TextField(blank=True, help_text="The gateway's own name for it.")),
                ("done_at", models.DateTimeField(null=True)),
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
                        related_name="errands",
                        to="consent.inbound",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "waiting")), fields=["next_try_at"], name="errand_waiting"
                    ),
                    models.Index(condition=models.Q(("key__isnull", False)), fields=["key"], name="errand_key"),
                ],
                "constraints": [models.UniqueConstraint(fields=("inbound", "kind"), name="errand_once")],
            },
        ),
    ]
