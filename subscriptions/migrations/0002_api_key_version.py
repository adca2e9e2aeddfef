"""A changed or revoked API key is known to every process at its next request."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("subscriptions", "0001_initial"), ("consent", "0002_ledger_guards")]
    operations = [
        migrations.RunSQL(
            "CREATE TRIGGER raises_version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON subscriptions_apikey "
            "FOR EACH STATEMENT EXECUTE FUNCTION consent_raise_version();",
            "DROP TRIGGER raises_version ON subscriptions_apikey;",
        )
    ]
