"""What pages show of topics, and the language of controllers and of people."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("consent", "0013_moves"),
    ]

    operations = [
        migrations.AddField(
            model_name="contactpoint",
            name="language",
            field=models.TextField(
                blank=True, db_default="", default="", help_text="In which its holder is written to."
            ),
        ),
        migrations.AddField(
            model_name="controller",
            name="language",
            field=models.TextField(
                db_default="en", default="en", help_text="Of its own words here, such as names of topics: en, pt, tr …"
            ),
        ),
        migrations.AddField(
            model_name="topic",
            name="fewer",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                help_text="A topic that brings the same less often: people are offered it instead of none.",
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="consent.topic",
            ),
        ),
        migrations.AddField(
            model_name="topic",
            name="frequency",
            field=models.TextField(
                blank=True,
                db_default="",
                default="",
                help_text="How often it comes, as people read it: About twice a month.",
            ),
        ),
        migrations.AddField(
            model_name="topic",
            name="position",
            field=models.BigIntegerField(db_default=0, default=0, help_text="Its place on pages, the lowest first."),
        ),
    ]
