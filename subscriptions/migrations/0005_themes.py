"""Themes of the pages; like all of the configuration, every process knows a change at once."""

import django.db.models.deletion
from django.db import migrations, models


def _raises_version(table: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        f"CREATE TRIGGER raises_version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION consent_raise_version();",
        f"DROP TRIGGER raises_version ON {table};",
    )


class Migration(migrations.Migration):
    dependencies = [
        ("consent", "0014_topics_on_pages"),
        ("subscriptions", "0004_signup_forms"),
    ]

    operations = [
        migrations.CreateModel(
            name="Theme",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "accent",
                    models.TextField(
                        db_default="#1f5c4a", default="#1f5c4a", help_text="Of buttons and links, on a light ground."
                    ),
                ),
                (
                    "accent_dark",
                    models.TextField(
                        db_default="#8fd3b8",
                        default="#8fd3b8",
                        help_text="The same for people whose screen is set to dark.",
                    ),
                ),
                (
                    "postal_address",
                    models.TextField(
                        blank=True,
                        help_text="Where letters reach the sender: in the footer of every page, as laws of many "
                        "countries ask.",
                    ),
                ),
                ("logo", models.BinaryField(blank=True, null=True)),
                ("logo_type", models.TextField(blank=True, editable=False)),
                (
                    "controller",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="theme",
                        to="consent.controller",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("accent__regex", "^#[0-9a-f]{6}$"), ("accent_dark__regex", "^#[0-9a-f]{6}$")
                        ),
                        name="theme_colours",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("logo_type__in", ("", "image/png", "image/webp"))), name="theme_logo_type"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ThemeText",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("language", models.TextField(help_text="en, es, pt, ar …")),
                (
                    "name",
                    models.TextField(
                        blank=True, help_text="As people know it, where that is not the controller's name."
                    ),
                ),
                (
                    "intro",
                    models.TextField(blank=True, help_text="A sentence or two at the top of the preference page."),
                ),
                ("note", models.TextField(blank=True, help_text="Small print in the footer of every page.")),
                (
                    "theme",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="texts",
                        to="subscriptions.theme",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("theme", "language"), name="theme_text_once")],
            },
        ),
        _raises_version("subscriptions_theme"),
        _raises_version("subscriptions_themetext"),
    ]
