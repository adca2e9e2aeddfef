"""What became of suppressions and permissions, numbered, for whoever keeps a copy (adr/0013), and their channel."""

import django.db.models.deletion
from django.db import migrations, models

import consent.models.fields


class Migration(migrations.Migration):
    dependencies = [("consent", "0019_proof_and_rights")]

    operations = [
        migrations.AddField(
            model_name="ledgerhead",
            name="change_seq",
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="permission",
            name="channel",
            field=models.TextField(
                choices=[("email", "E-mail"), ("sms", "SMS"), ("post", "Post")], db_default="", default=""
            ),
        ),
        migrations.AddField(
            model_name="suppression",
            name="channel",
            field=models.TextField(
                choices=[("email", "E-mail"), ("sms", "SMS"), ("post", "Post")], db_default="", default=""
            ),
        ),
        migrations.CreateModel(
            name="Change",
            fields=[
                ("key", consent.models.fields.KeyField()),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField(null=True)),
                (
                    "channel",
                    models.TextField(
                        choices=[("email", "E-mail"), ("sms", "SMS"), ("post", "Post")],
                        db_default="",
                        default="",
                    ),
                ),
                ("seq", models.BigIntegerField(help_text="Without gaps.", primary_key=True, serialize=False)),
                ("recorded_at", models.DateTimeField()),
                (
                    "kind",
                    models.TextField(
                        choices=[
                            ("suppression.added", "A denial is in force, or says something else than before"),
                            ("suppression.lifted", "A denial is no longer in force"),
                            ("consent.granted", "A permission is there, or says something else than before"),
                            ("consent.withdrawn", "A permission is no longer there"),
                        ],
                    ),
                ),
                (
                    "cause",
                    models.TextField(
                        blank=True,
                        choices=[
                            ("stop", "STOP at a number"),
                            ("choice", "the person's own choice"),
                            ("hard_bounce", "hard bounce"),
                            ("complaint", "complaint"),
                            ("deceased", "deceased"),
                            ("minor", "a child"),
                            ("listed", "an outside list"),
                            ("paused", "paused"),
                        ],
                    ),
                ),
                ("sender", models.TextField(blank=True)),
                ("sender_only", models.BooleanField()),
                ("confirmed", models.BooleanField(null=True)),
                ("notice_version", models.BigIntegerField(null=True)),
                ("notice_slug", models.TextField(blank=True)),
                (
                    "controller",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="consent.controller",
                    ),
                ),
                (
                    "event",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="consent.consentevent",
                    ),
                ),
                (
                    "topic",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="consent.topic",
                    ),
                ),
            ],
        ),
    ]
