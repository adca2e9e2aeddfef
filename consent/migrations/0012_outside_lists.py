"""Outside lists, their versions, and what each of them names."""

import re

import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
from django.db import migrations, models

import consent.models.fields


class Migration(migrations.Migration):
    dependencies = [
        ("consent", "0011_mail_runs"),
    ]

    operations = [
        migrations.CreateModel(
            name="OutsideList",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "slug",
                    models.TextField(
                        validators=[
                            django.core.validators.RegexValidator(
                                re.compile("^[-a-zA-Z0-9_]+\\Z"),
                                "Enter a valid “slug” consisting of letters, numbers, underscores or hyphens.",
                                "invalid",
                            )
                        ]
                    ),
                ),
                ("name", models.TextField()),
                ("kind", models.TextField(help_text="mps, dmachoice, deceased, tps, do-not-call, former, other …")),
                ("source", models.TextField(blank=True, help_text="Where it comes from, and the rule about its age.")),
                (
                    "channels",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(choices=[("email", "E-mail"), ("sms", "SMS"), ("post", "Post")]),
                        help_text="Whose columns are read.",
                        size=None,
                    ),
                ),
                (
                    "cause",
                    models.TextField(
                        choices=[
                            ("listed", "an outside list"),
                            ("deceased", "deceased"),
                            ("choice", "the person's own choice"),
                        ],
                        help_text="What a check answers, and what it silences.",
                    ),
                ),
                ("region", models.TextField(help_text="Country of addresses and numbers without one.")),
                (
                    "age_days",
                    models.PositiveBigIntegerField(
                        blank=True,
                        help_text="Days after its own date from which it is too old. Empty: it does not age.",
                        null=True,
                    ),
                ),
                (
                    "retired_at",
                    models.DateTimeField(
                        blank=True, help_text="No longer kept up: it warns no more, and denies all the same.", null=True
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "controller",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        help_text="Whose list it is. Empty: it denies for everyone.",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="consent.controller",
                    ),
                ),
                (
                    "topic",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        help_text="Empty: every topic.",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="consent.topic",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ListVersion",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=consent.models.fields.public_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("number", models.PositiveBigIntegerField()),
                ("as_of", models.DateField(help_text="The list's own date.")),
                ("received_at", models.DateTimeField(help_text="Later than that of every version before.")),
                ("actor", models.TextField()),
                ("file_name", models.TextField()),
                ("digest", models.BinaryField(help_text="SHA-256 of the file.")),
                ("columns", models.JSONField(help_text="Places of columns by what they hold.")),
                (
                    "header",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), default=list, help_text="The names of the columns.", size=None
                    ),
                ),
                ("partial", models.BooleanField(help_text="It adds, and what it does not name stays.")),
                ("confirmed_by", models.TextField(blank=True, help_text="Who confirmed what it drops.")),
                ("dedupe", models.BinaryField(help_text="The same request again has the same 16 bytes.", null=True)),
                (
                    "state",
                    models.TextField(
                        choices=[
                            ("received", "Received, not yet counting"),
                            ("importing", "Being imported: each row counts from its commit on"),
                            ("waiting", "Imported; what it drops waits for a confirmation"),
                            ("dropping", "Imported; what it drops is being lifted"),
                            ("current", "In force"),
                            ("replaced", "Replaced by a later version"),
                            ("failed", "Given up after errors"),
                        ]
                    ),
                ),
                ("rows", models.PositiveBigIntegerField(help_text="Rows in the file, without its header.")),
                ("done", models.PositiveBigIntegerField(default=0, help_text="Rows that are worked off.")),
                (
                    "added",
                    models.PositiveBigIntegerField(default=0, help_text="Rows that the list had not named before."),
                ),
                ("kept", models.PositiveBigIntegerField(default=0, help_text="Rows that it had.")),
                (
                    "repeated",
                    models.PositiveBigIntegerField(default=0, help_text="Rows that this file has already named."),
                ),
                (
                    "bad",
                    models.PositiveBigIntegerField(default=0, help_text="Rows with something that could not be read."),
                ),
                ("to_drop", models.PositiveBigIntegerField(default=0, help_text="Entries that it no longer names.")),
                ("dropped", models.PositiveBigIntegerField(default=0, help_text="Those of them that are lifted.")),
                ("attempts", models.BigIntegerField(default=0)),
                (
                    "next_try_at",
                    models.DateTimeField(help_text="Lease of the process at work, or time of the next attempt."),
                ),
                ("lease", models.UUIDField(null=True)),
                ("error", models.TextField(blank=True, help_text="The kind of error, never its personal content.")),
                ("done_at", models.DateTimeField(null=True)),
                (
                    "outside_list",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="versions",
                        to="consent.outsidelist",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ListMember",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "outside_list_id", "key", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("key", consent.models.fields.KeyField()),
                ("channel", models.TextField(choices=[("email", "E-mail"), ("sms", "SMS"), ("post", "Post")])),
                (
                    "counts",
                    models.BooleanField(help_text="It is an entry by itself, not one that follows from another."),
                ),
                ("number", models.PositiveBigIntegerField()),
                (
                    "outside_list",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="consent.outsidelist",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ListChunk",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("place", models.PositiveBigIntegerField()),
                ("sealed_rows", models.BinaryField()),
                (
                    "version",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="chunks",
                        to="consent.listversion",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("version", "place"), name="list_chunk_once")],
            },
        ),
        migrations.CreateModel(
            name="BadRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("line", models.PositiveBigIntegerField()),
                ("field", models.TextField(blank=True)),
                ("code", models.TextField()),
                ("detail", models.TextField()),
                (
                    "version",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="bad_rows",
                        to="consent.listversion",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["version", "id"], name="bad_row_version")],
            },
        ),
        migrations.AddConstraint(
            model_name="outsidelist",
            constraint=models.UniqueConstraint(
                fields=("controller", "slug"), name="outside_list_slug_once", nulls_distinct=False
            ),
        ),
        migrations.AddIndex(
            model_name="listversion",
            index=models.Index(
                condition=models.Q(("state__in", ["received", "importing", "dropping"])),
                fields=["next_try_at"],
                name="list_version_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="listversion",
            constraint=models.UniqueConstraint(fields=("outside_list", "number"), name="list_version_number_once"),
        ),
        migrations.AddConstraint(
            model_name="listversion",
            constraint=models.UniqueConstraint(
                condition=models.Q(("dedupe__isnull", False)), fields=("dedupe",), name="list_version_request_once"
            ),
        ),
        migrations.AddIndex(
            model_name="listmember",
            index=models.Index(fields=["outside_list", "number"], name="list_member_number"),
        ),
    ]
