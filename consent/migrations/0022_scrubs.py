"""Scrubs: files of addresses, and the verdicts of their rows."""

import django.db.models.deletion
from django.db import migrations, models

import consent.models.fields

# What is sealed, or a hash, cannot be packed any further.
STORE = """
ALTER TABLE consent_scrubchunk ALTER COLUMN sealed SET STORAGE EXTERNAL;
ALTER TABLE consent_scrubpart ALTER COLUMN heads SET STORAGE EXTERNAL;
ALTER TABLE consent_scrubpart ALTER COLUMN tails SET STORAGE EXTERNAL;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("consent", "0021_fill_channels"),
    ]

    operations = [
        migrations.CreateModel(
            name="Scrub",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=consent.models.fields.public_id, editable=False, primary_key=True, serialize=False
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
                ("channel", models.TextField(choices=[("email", "E-mail"), ("sms", "SMS"), ("post", "Post")])),
                (
                    "sender",
                    models.TextField(blank=True, help_text="The number of ours that would send, where it was told."),
                ),
                (
                    "country",
                    models.TextField(blank=True, help_text="ISO 3166 code, for numbers and addresses that name none."),
                ),
                ("file_name", models.TextField(blank=True)),
                ("created_by", models.TextField(help_text="The API key that made it.")),
                ("created_at", models.DateTimeField()),
                ("dedupe", models.BinaryField(help_text="The same request again has the same 16 bytes.", null=True)),
                (
                    "layout",
                    models.JSONField(help_text="Dialect, width and places of columns: no names and no contents."),
                ),
                ("file_bytes", models.BigIntegerField(help_text="Of the file as it was uploaded.")),
                ("file_digest", models.BinaryField(help_text="SHA-256 of the file as it was uploaded.")),
                ("table_bytes", models.BigIntegerField(help_text="Of the table in it, without packing.")),
                (
                    "state",
                    models.TextField(
                        choices=[
                            ("pending", "Waits to be scrubbed"),
                            ("scrubbing", "Is being scrubbed"),
                            ("ready", "Scrubbed"),
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
                ("done_parts", models.BigIntegerField(default=0)),
                ("seconds", models.FloatField(default=0, help_text="How long it was worked on.")),
                ("counts", models.JSONField(default=dict, help_text="Rows by reason.")),
                (
                    "unreadable",
                    models.JSONField(default=list, help_text="Line numbers of the first rows that have no address."),
                ),
                (
                    "checked_at",
                    models.DateTimeField(help_text="When it began: all that was known by then counted.", null=True),
                ),
                ("configuration_version", models.BigIntegerField(null=True)),
                ("ledger_seq", models.BigIntegerField(help_text="The ledger's last line when it began.", null=True)),
                (
                    "rules",
                    models.TextField(
                        blank=True, help_text="Digest of the rules that decided all rows; empty if several did."
                    ),
                ),
                ("finished_at", models.DateTimeField(null=True)),
                ("result_bytes", models.BigIntegerField(null=True)),
                ("result_digest", models.BinaryField(help_text="SHA-256 of the result.", null=True)),
                ("expires_at", models.DateTimeField(help_text="When its file and its verdicts are removed.")),
                ("emptied_at", models.DateTimeField(help_text="When they were removed.", null=True)),
            ],
        ),
        migrations.CreateModel(
            name="ScrubChunk",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "scrub",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="consent.scrub",
                    ),
                ),
                ("number", models.BigIntegerField()),
                ("sealed", models.BinaryField()),
            ],
        ),
        migrations.CreateModel(
            name="ScrubPart",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "scrub",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="consent.scrub",
                    ),
                ),
                ("number", models.BigIntegerField()),
                ("start", models.BigIntegerField(help_text="Offset in the table.")),
                ("size", models.BigIntegerField(help_text="In bytes of the table.")),
                ("first_row", models.BigIntegerField()),
                ("first_line", models.BigIntegerField()),
                ("rows", models.BigIntegerField()),
                ("checked_at", models.DateTimeField()),
                ("codes", models.BinaryField(help_text="A byte a row: its reason (consent/scrubs/reasons.py).")),
                ("heads", models.BinaryField()),
                ("tails", models.BinaryField()),
                ("owners", models.BinaryField(help_text="4 bytes an entry: its row. Empty: one entry a row.")),
                ("lines", models.BinaryField(help_text="4 bytes a row: the lines before it. Empty: one line a row.")),
                ("open", models.BinaryField(help_text="4 bytes each: the rows that are always asked about again.")),
            ],
        ),
        migrations.AddIndex(
            model_name="scrub",
            index=models.Index(fields=["controller", "id"], name="scrub_controller"),
        ),
        migrations.AddIndex(
            model_name="scrub",
            index=models.Index(
                condition=models.Q(("state__in", ["pending", "scrubbing"])),
                fields=["next_try_at"],
                name="scrub_waiting",
            ),
        ),
        migrations.AddIndex(
            model_name="scrub",
            index=models.Index(condition=models.Q(("emptied_at", None)), fields=["expires_at"], name="scrub_kept"),
        ),
        migrations.AddConstraint(
            model_name="scrub",
            constraint=models.UniqueConstraint(
                condition=models.Q(("dedupe__isnull", False)), fields=("dedupe",), name="scrub_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="scrubchunk",
            constraint=models.UniqueConstraint(fields=("scrub", "number"), name="scrub_chunk_once"),
        ),
        migrations.AddConstraint(
            model_name="scrubpart",
            constraint=models.UniqueConstraint(fields=("scrub", "number"), name="scrub_part_once"),
        ),
        migrations.RunSQL(STORE, migrations.RunSQL.noop),
    ]
