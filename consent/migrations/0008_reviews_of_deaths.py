"""A review may end with: the person has died. Only the choices of forms change, nothing in the tables."""

from django.db import migrations, models

CHOICES = [
    ("opt_out", "It is an opt-out"),
    ("opt_in", "It is an opt-in"),
    ("none", "It is no request"),
    ("deceased", "The person has died"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("consent", "0007_bounce_policy"),
    ]

    operations = [
        migrations.AlterField("review", "decision", models.CharField(blank=True, choices=CHOICES, max_length=10)),
        migrations.AlterField("review", "suggestion", models.CharField(blank=True, choices=CHOICES, max_length=10)),
    ]
