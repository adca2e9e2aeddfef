"""Sign-up forms."""

import django.db.models.deletion
from django.db import migrations, models

import subscriptions.models.signup


class Migration(migrations.Migration):
    dependencies = [
        ("consent", "0018_confirmed_opt_in"),
        ("subscriptions", "0003_topic_texts"),
    ]

    operations = [
        migrations.CreateModel(
            name="SignupForm",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "notice_slug",
                    models.TextField(
                        help_text="The wording people agree to: its newest version is shown.", verbose_name="notice"
                    ),
                ),
                (
                    "embed_origins",
                    models.TextField(
                        blank=True,
                        help_text="Sites that may show the form in a frame or post to it, one origin a line: "
                        "https://www.example.org",
                        validators=[subscriptions.models.signup.check_origins],
                    ),
                ),
                (
                    "thanks",
                    models.TextField(
                        blank=True, help_text="A sentence for the page that says that a message was sent."
                    ),
                ),
                (
                    "controller",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="signup_form",
                        to="consent.controller",
                    ),
                ),
                (
                    "topics",
                    models.ManyToManyField(
                        blank=True,
                        db_constraint=False,
                        help_text="What it offers, of what e-mail carries. Empty: all marketing topics.",
                        related_name="+",
                        to="consent.topic",
                    ),
                ),
            ],
        ),
    ]
