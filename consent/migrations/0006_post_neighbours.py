"""The index by which a postal address is found again in another spelling, filled from the contact points there are.

Filling takes its time, so each page of it is committed by itself, and all of this may run again.
"""

from django.db import migrations, models

import consent.models.fields

TABLES = """
CREATE TABLE IF NOT EXISTS consent_posthome (key uuid PRIMARY KEY, sealed_parts bytea NULL, marks bytea NOT NULL);
CREATE TABLE IF NOT EXISTS consent_neighbour (form uuid NOT NULL, key uuid NOT NULL, PRIMARY KEY (form, key));
"""
NO_TABLES = "DROP TABLE consent_neighbour; DROP TABLE consent_posthome;"
EMPTIED = """
CREATE OR REPLACE FUNCTION consent_empty_home() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE consent_posthome SET sealed_parts = NULL WHERE key = NEW.key;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER empties_home AFTER UPDATE OF sealed_value ON consent_contactpoint
    FOR EACH ROW WHEN (NEW.sealed_value IS NULL AND NEW.channel = 'post') EXECUTE FUNCTION consent_empty_home();
"""
KEPT = "DROP TRIGGER empties_home ON consent_contactpoint; DROP FUNCTION consent_empty_home();"
MODELS = [
    migrations.CreateModel(
        name="PostHome",
        fields=[
            ("key", consent.models.fields.KeyField(primary_key=True, serialize=False)),
            ("sealed_parts", models.BinaryField(null=True)),
            ("marks", models.BinaryField(help_text="4 bytes each.")),
        ],
    ),
    migrations.CreateModel(
        name="Neighbour",
        fields=[
            (
                "pk",
                models.CompositePrimaryKey(
                    "form", "key", blank=True, editable=False, primary_key=True, serialize=False
                ),
            ),
            ("form", consent.models.fields.KeyField()),
            ("key", consent.models.fields.KeyField(help_text="The contact point's.")),
        ],
    ),
]


def fill(apps, schema_editor):
    if not apps.get_model("consent", "ContactPoint").objects.filter(channel="post").exists():
        return
    from consent import neighbours
    from consent.resolve import VALUE_PURPOSE

    neighbours.fill(VALUE_PURPOSE)


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("consent", "0005_errands")]
    operations = [
        migrations.RunSQL(TABLES, NO_TABLES, state_operations=MODELS),
        migrations.RunSQL(EMPTIED, KEPT),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
