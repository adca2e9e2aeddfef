"""Whether a letter's sender is proved: evidence."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("consent", "0008_reviews_of_deaths"),
    ]

    operations = [
        migrations.AddField(
            "inbound",
            "authenticity",
            models.TextField(
                blank=True,
                db_default="",
                default="",
                help_text="Of mail: whether the sender's domain stands by it. Evidence: a no counts all the same.",
            ),
        ),
    ]
