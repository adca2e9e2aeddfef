"""Letters are answered: a kind of errand, and when an address was last answered."""

import django.db.models.deletion
from django.db import migrations, models

import consent.models.fields


class Migration(migrations.Migration):
    dependencies = [
        ("consent", "0009_mail_authenticity"),
    ]

    operations = [
        migrations.AlterField(
            model_name="errand",
            name="key",
            field=consent.models.fields.KeyField(help_text="Of the number or address that is answered.", null=True),
        ),
        migrations.AlterField(
            model_name="errand",
            name="kind",
            field=models.TextField(
                choices=[
                    ("reply", "A text to the person"),
                    ("confirm", "Accepting a subscription"),
                    ("mail", "The answer to a letter"),
                ]
            ),
        ),
        migrations.AlterField(
            model_name="errand",
            name="purpose",
            field=models.TextField(
                help_text="What it says: stopped, help, started, acknowledged, decided; or subscription."
            ),
        ),
        migrations.AlterField(
            model_name="errand",
            name="sender",
            field=models.TextField(blank=True, help_text="Our number or mailbox, from which it is answered."),
        ),
        migrations.AlterField(
            model_name="errand",
            name="way",
            field=models.TextField(
                choices=[
                    ("api", "By a call of ours"),
                    ("response", "In the response to the gateway's post"),
                    ("mail", "By mail"),
                ]
            ),
        ),
        migrations.CreateModel(
            name="Acknowledgement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", consent.models.fields.KeyField()),
                ("answered_at", models.DateTimeField()),
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
                "constraints": [models.UniqueConstraint(fields=("controller", "key"), name="acknowledgement_once")],
            },
        ),
    ]
