"""What the filter of keys needs: which builds there are, and which keys came since (adr/0012).

No models: rows are written by triggers and read by statements of one snapshot (consent/filter/).
"""

from django.db import migrations

TABLES = """
CREATE TABLE consent_filter (
    id uuid PRIMARY KEY,
    place text NOT NULL,
    watermark xid8 NOT NULL,
    xid xid8 NOT NULL,
    built_at timestamptz NOT NULL
);
CREATE TABLE consent_fresh (xid xid8 NOT NULL, key uuid NOT NULL)
    WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000);
CREATE INDEX fresh_xid ON consent_fresh (xid);
CREATE FUNCTION consent_note_fresh() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO consent_fresh SELECT pg_current_xact_id(), key FROM added;
    RETURN NULL;
END $$;
"""
DROP_TABLES = "DROP FUNCTION consent_note_fresh(); DROP TABLE consent_fresh; DROP TABLE consent_filter;"


def _triggers(table: str) -> migrations.RunSQL:
    made = "".join(
        f"CREATE TRIGGER notes_fresh_{event.lower()} AFTER {event} ON {table} REFERENCING NEW TABLE AS added "
        "FOR EACH STATEMENT EXECUTE FUNCTION consent_note_fresh();\n"
        for event in ("INSERT", "UPDATE")
    )
    dropped = "".join(f"DROP TRIGGER notes_fresh_{event} ON {table};\n" for event in ("insert", "update"))
    return migrations.RunSQL(made, dropped)


class Migration(migrations.Migration):
    dependencies = [("consent", "0016_mail_told_of")]
    operations = [
        migrations.RunSQL(TABLES, DROP_TABLES),
        _triggers("consent_suppression"),
        _triggers("consent_permission"),
    ]
