"""The ledger is append-only, and every change of the configuration raises its version: both kept by PostgreSQL."""

from django.db import migrations

GUARD = """
CREATE FUNCTION consent_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is append-only: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER ledger_keeps_rows BEFORE UPDATE OR DELETE ON consent_consentevent
    FOR EACH ROW EXECUTE FUNCTION consent_refuse_change();
CREATE TRIGGER ledger_keeps_table BEFORE TRUNCATE ON consent_consentevent
    FOR EACH STATEMENT EXECUTE FUNCTION consent_refuse_change();
INSERT INTO consent_ledgerhead (seq) VALUES (0);
"""
UNGUARD = """
DELETE FROM consent_ledgerhead;
DROP TRIGGER ledger_keeps_rows ON consent_consentevent;
DROP TRIGGER ledger_keeps_table ON consent_consentevent;
DROP FUNCTION consent_refuse_change();
"""

CONFIGURATION_TABLES = (
    "consent_controller",
    "consent_topic",
    "consent_topicchannel",
    "consent_sender",
    "consent_provideraccount",
    "consent_notice",
)
VERSION = """
INSERT INTO consent_configuration (version) VALUES (1);
CREATE FUNCTION consent_raise_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE consent_configuration SET version = version + 1;
    RETURN NULL;
END $$;
""" + "".join(
    f"CREATE TRIGGER raises_version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table} "
    "FOR EACH STATEMENT EXECUTE FUNCTION consent_raise_version();\n"
    for table in CONFIGURATION_TABLES
)
UNVERSION = (
    "".join(f"DROP TRIGGER raises_version ON {table};\n" for table in CONFIGURATION_TABLES)
    + "DROP FUNCTION consent_raise_version(); DELETE FROM consent_configuration;"
)


class Migration(migrations.Migration):
    dependencies = [("consent", "0001_initial")]
    operations = [migrations.RunSQL(GUARD, UNGUARD), migrations.RunSQL(VERSION, UNVERSION)]
