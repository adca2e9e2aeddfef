"""The channel of the suppressions and permissions that are there already."""

from django.db import migrations

_PAGE = 10_000
_FILL = """
UPDATE {table} filled SET channel = event.channel FROM consent_consentevent event
WHERE event.id = filled.event_id AND filled.channel = '' AND filled.id BETWEEN %s AND %s
"""


def fill_channels(apps, schema_editor):
    """The channel of the rows that are there already, page by page: each is its own transaction."""
    with schema_editor.connection.cursor() as cursor:
        for table in ("consent_suppression", "consent_permission"):
            cursor.execute(f"SELECT coalesce(max(id), 0) FROM {table}")
            [last] = cursor.fetchone()
            for first in range(1, last + 1, _PAGE):
                cursor.execute(_FILL.format(table=table), [first, first + _PAGE - 1])


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("consent", "0020_changes")]
    operations = [migrations.RunPython(fill_channels, migrations.RunPython.noop)]
