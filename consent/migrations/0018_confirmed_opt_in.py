"""Requests that wait for a confirmation; notices that are drafts until somebody publishes them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("consent", "0017_filter"),
    ]

    operations = [
        migrations.AddField(
            model_name="permission",
            name="requested",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="Asked for, and not confirmed until then: it allows nothing.",
            ),
        ),
        migrations.AddField(
            model_name="consentevent",
            name="confirms",
            field=models.UUIDField(help_text="The inbound whose request this line confirms.", null=True),
        ),
        migrations.AlterField(
            model_name="consentevent",
            name="action",
            field=models.CharField(
                choices=[
                    ("request", "asked for, not confirmed"),
                    ("grant", "said yes"),
                    ("confirm", "confirmed a yes"),
                    ("withdraw", "said no"),
                    ("object", "objected"),
                    ("expire", "expired"),
                    ("invalidate", "became invalid"),
                    ("lift", "lifted"),
                    ("defer", "put off the answer"),
                ],
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="notice",
            name="draft",
            field=models.BooleanField(
                db_default=False, default=False, help_text="Not published: nobody sees it, and nothing refers to it."
            ),
        ),
    ]
