"""Topics in more languages; like all of the configuration, every process knows a change at once."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("consent", "0014_topics_on_pages"),
        ("subscriptions", "0002_api_key_version"),
    ]

    operations = [
        migrations.CreateModel(
            name="TopicText",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("language", models.TextField(help_text="es, pt, ar …")),
                ("name", models.TextField(blank=True)),
                ("description", models.TextField(blank=True, help_text="What it brings, in a sentence.")),
                ("frequency", models.TextField(blank=True, help_text="How often it comes.")),
                (
                    "topic",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="texts",
                        to="consent.topic",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("topic", "language"), name="topic_text_once")],
            },
        ),
        migrations.RunSQL(
            "CREATE TRIGGER raises_version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON subscriptions_topictext "
            "FOR EACH STATEMENT EXECUTE FUNCTION consent_raise_version();",
            "DROP TRIGGER raises_version ON subscriptions_topictext;",
        ),
    ]
