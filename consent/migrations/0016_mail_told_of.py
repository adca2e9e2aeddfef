"""Mail that a provider only tells of: a state of waiting for it, and the errand that asks. No column changes."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("consent", "0015_pieces_spelt_otherwise"),
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
                ]
            ),
        ),
        migrations.AlterField(
            model_name="errand",
            name="purpose",
            field=models.TextField(
                help_text="What it says: stopped, help, started, acknowledged, decided; or subscription, letter."
            ),
        ),
        migrations.AlterField(
            model_name="inbound",
            name="state",
            field=models.CharField(
                choices=[
                    ("pending", "Waiting for the pipeline"),
                    ("fetching", "Told of; the letter is asked for"),
                    ("done", "Worked off"),
                    ("review", "Waiting for staff"),
                    ("set_aside", "Set aside after errors"),
                ],
                default="pending",
                max_length=9,
            ),
        ),
    ]
