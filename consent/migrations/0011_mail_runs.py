"""Mail runs: print jobs, their files and the pieces that a scrub allowed."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models

import consent.models.fields


class Migration(migrations.Migration):
    dependencies = [
        ("consent", "0010_acknowledgements"),
    ]

    operations = [
        migrations.CreateModel(
            name="MailRun",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=consent.models.fields.public_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.TextField()),
                ("cut_off", models.DateTimeField(help_text="Until then the file may be scrubbed anew.")),
                ("drop_on", models.DateField(help_text="The day on which the pieces are handed to the post.")),
                ("arrives_until", models.DateField(help_text="The last day on which a piece may still arrive.")),
                ("country", models.TextField(help_text="ISO 3166 code, for addresses that name none.")),
                ("created_by", models.TextField(help_text="The API key or command that made it.")),
                ("created_at", models.DateTimeField()),
                ("dedupe", models.BinaryField(help_text="The same request again has the same 16 bytes.", null=True)),
                (
                    "layout",
                    models.JSONField(help_text="Delimiter, width and places of columns: no names and no contents."),
                ),
                ("file_bytes", models.BigIntegerField()),
                ("file_digest", models.BinaryField(help_text="SHA-256 of the file.")),
                (
                    "state",
                    models.TextField(
                        choices=[
                            ("pending", "Waits to be scrubbed"),
                            ("scrubbing", "Is being scrubbed"),
                            ("ready", "Scrubbed and stamped"),
                            ("failed", "Could not be scrubbed"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="pending",
                    ),
                ),
                ("attempts", models.BigIntegerField(default=0)),
                (
                    "next_try_at",
                    models.DateTimeField(help_text="Lease of the process at work, or time of the next attempt."),
                ),
                ("lease", models.UUIDField(null=True)),
                ("error", models.TextField(blank=True, help_text="The kind of error, never its personal content.")),
                ("done_bytes", models.BigIntegerField(default=0)),
                ("done_lines", models.BigIntegerField(default=0)),
                ("done_rows", models.BigIntegerField(default=0)),
                ("counts", models.JSONField(default=dict, help_text="Rows by reason.")),
                (
                    "unreadable",
                    models.JSONField(default=list, help_text="Line numbers of the first rows that have no address."),
                ),
                (
                    "checked_at",
                    models.DateTimeField(
                        help_text="When the scrub began: all that was known by then counted.", null=True
                    ),
                ),
                ("configuration_version", models.BigIntegerField(null=True)),
                (
                    "ledger_seq",
                    models.BigIntegerField(help_text="The ledger's last line when the scrub began.", null=True),
                ),
                ("scrubbed_at", models.DateTimeField(help_text="When the scrub was complete.", null=True)),
                ("result_bytes", models.BigIntegerField(null=True)),
                ("result_digest", models.BinaryField(help_text="SHA-256 of the result.", null=True)),
                ("emptied_at", models.DateTimeField(help_text="When its file and its pieces were removed.", null=True)),
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
                    "topic",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="consent.topic",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["controller", "id"], name="run_controller"),
                    models.Index(
                        condition=models.Q(("state__in", ["pending", "scrubbing"])),
                        fields=["next_try_at"],
                        name="run_waiting",
                    ),
                    models.Index(condition=models.Q(("emptied_at", None)), fields=["arrives_until"], name="run_kept"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("dedupe__isnull", False)), fields=("dedupe",), name="run_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="MailPiece",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("row", models.BigIntegerField(help_text="The row of the file, counted from 1 without the header.")),
                ("line", models.BigIntegerField(help_text="The line of the file on which it begins.")),
                (
                    "keys",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=consent.models.fields.KeyField(),
                        help_text="The keys that a check of this row looks up.",
                        size=None,
                    ),
                ),
                (
                    "forms",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=consent.models.fields.KeyField(),
                        help_text="The hashes of the loose forms of its address: found in other spellings.",
                        size=None,
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="consent.mailrun",
                    ),
                ),
            ],
            options={
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(fastupdate=False, fields=["keys"], name="piece_keys")
                ],
                "constraints": [models.UniqueConstraint(fields=("run", "row"), name="piece_once")],
            },
        ),
        migrations.CreateModel(
            name="MailRunChunk",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.TextField(
                        choices=[("file", "The file as it was uploaded"), ("result", "The rows with their verdicts")]
                    ),
                ),
                ("number", models.BigIntegerField()),
                (
                    "first_row",
                    models.BigIntegerField(
                        default=0, help_text="Of a part of the result: the number of its first row."
                    ),
                ),
                ("sealed", models.BinaryField()),
                (
                    "run",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="consent.mailrun",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("run", "kind", "number"), name="run_chunk_once")],
            },
        ),
    ]
