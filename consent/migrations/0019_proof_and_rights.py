"""How people prove whose address it is, and what they ask for about their data."""

import django.db.models.deletion
from django.db import migrations, models

import consent.models.fields


class Migration(migrations.Migration):
    dependencies = [
        ("consent", "0018_confirmed_opt_in"),
    ]

    operations = [
        migrations.AlterField(
            model_name="errand",
            name="kind",
            field=models.TextField(
                choices=[
                    ("reply", "A text to the person"),
                    ("confirm", "Accepting a subscription"),
                    ("mail", "The answer to a letter"),
                    ("fetch", "Asking for a letter"),
                    ("code", "A code that proves an address"),
                    ("rights", "The answer to a request about data"),
                    ("forward", "A request about data, to the client"),
                    ("decided", "What became of a request about data"),
                ]
            ),
        ),
        migrations.AlterField(
            model_name="errand",
            name="purpose",
            field=models.TextField(
                help_text="What it says: stopped, help, started, acknowledged, decided, code …; "
                "or subscription, letter."
            ),
        ),
        migrations.CreateModel(
            name="Asking",
            fields=[
                (
                    "bucket",
                    consent.models.fields.KeyField(
                        help_text="Keyed hash of what is limited, whose it is, and the window.",
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("times", models.BigIntegerField()),
                ("until", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["until"], name="asking_until")],
            },
        ),
        migrations.CreateModel(
            name="AccessCode",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("channel", models.TextField(choices=[("email", "E-mail"), ("sms", "SMS"), ("post", "Post")])),
                ("key", consent.models.fields.KeyField()),
                ("code_mac", models.BinaryField(help_text="Keyed hash of the code.", null=True)),
                ("made_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("tries", models.BigIntegerField(default=0, help_text="Counted before the code is looked at.")),
                ("used_at", models.DateTimeField(null=True)),
                ("void_at", models.DateTimeField(help_text="When a newer code took its place.", null=True)),
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
                "indexes": [
                    models.Index(fields=["key"], name="access_code_key"),
                    models.Index(fields=["made_at"], name="access_code_made"),
                ],
            },
        ),
        migrations.CreateModel(
            name="AccessProof",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.BinaryField(help_text="SHA-256 of the cookie's 256 random bits.", unique=True)),
                ("channel", models.TextField(choices=[("email", "E-mail"), ("sms", "SMS"), ("post", "Post")])),
                ("key", consent.models.fields.KeyField()),
                ("proved_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
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
                "indexes": [
                    models.Index(fields=["key"], name="access_proof_key"),
                    models.Index(fields=["expires_at"], name="access_proof_expires"),
                ],
            },
        ),
        migrations.CreateModel(
            name="RightsRequest",
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
                        choices=[
                            ("access", "A copy of the data"),
                            ("objection", "Objection to processing"),
                            ("sharing", "No more sharing of the data"),
                            ("erasure", "Erasure"),
                        ]
                    ),
                ),
                (
                    "state",
                    models.TextField(
                        choices=[
                            ("open", "Open"),
                            ("forwarded", "Forwarded to the client"),
                            ("done", "Done"),
                            ("refused", "Refused"),
                        ]
                    ),
                ),
                ("channel", models.TextField(choices=[("email", "E-mail"), ("sms", "SMS"), ("post", "Post")])),
                ("key", consent.models.fields.KeyField(help_text="Of the address for which it was asked.")),
                (
                    "proof",
                    models.TextField(
                        choices=[
                            ("code", "Proved by a code"),
                            ("staff", "Checked by staff"),
                            ("none", "Not yet checked"),
                        ],
                        verbose_name="identity",
                    ),
                ),
                ("received_at", models.DateTimeField()),
                ("due_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(null=True)),
                (
                    "decided_by",
                    models.TextField(blank=True, db_default="", default="", help_text="staff:3, or the policy."),
                ),
                (
                    "reason",
                    models.TextField(blank=True, db_default="", default="", help_text="As the person was told it."),
                ),
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
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="consent.inbound",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ("open", "forwarded"))), fields=["due_at"], name="rights_open"
                    ),
                    models.Index(fields=["key"], name="rights_key"),
                ],
            },
        ),
    ]
