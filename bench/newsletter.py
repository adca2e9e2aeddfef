"""django-newsletter's subscriptions, of people who unsubscribed, asked for one address after another.

The fields and indexes are those of its models.py, the look-up is that of its forms: by `email_field` and newsletter
(github.com/jazzband/django-newsletter, AGPL: written anew here). It has none for many. A look-up of users by address,
which comes before it there, is left out, and so are the indexes that this one cannot use.
"""

from django.db import connection, models
from psycopg import sql

from bench import mass
from bench.peers import Database
from bench.recipients import Batch

_NEWSLETTER = 1
_ROWS = """
INSERT INTO bench_newsletter (email, newsletter_id, create_date, activation_code, subscribed, unsubscribed,
                              unsubscribe_date)
SELECT email, 1, now(), repeat('a', 40), false, true, now()
"""


class Subscription(models.Model):
    """A person's at a newsletter."""

    user_id = models.IntegerField(null=True)
    name_field = models.CharField(db_column="name", max_length=200, null=True)
    email_field = models.EmailField(db_column="email", db_index=True, null=True)
    ip = models.GenericIPAddressField(null=True)
    newsletter_id = models.IntegerField()
    create_date = models.DateTimeField()
    activation_code = models.CharField(max_length=40)
    subscribed = models.BooleanField()
    subscribe_date = models.DateTimeField(null=True)
    unsubscribed = models.BooleanField()
    unsubscribe_date = models.DateTimeField(null=True)

    class Meta:
        app_label = "bench"
        db_table = "bench_newsletter"
        unique_together = (("user_id", "email_field", "newsletter_id"),)


class Newsletter:
    """A query a recipient."""

    name = "django-newsletter's look-up, one each"
    asked = 1_000
    most_rows = mass.MOST_ELSEWHERE

    def __init__(self, database: Database) -> None:
        self._database = database

    def fill(self, rows: int) -> None:
        self.clear()
        with connection.schema_editor(collect_sql=True, atomic=False) as editor:
            editor.create_model(Subscription)
        table, *indexes = editor.collected_sql
        self._database.execute(sql.SQL(table))
        self._database.execute("ALTER TABLE bench_newsletter SET UNLOGGED")
        mass.insert(self._database, _ROWS, rows)
        for index in indexes:
            self._database.execute(sql.SQL(index))
        self._database.execute("VACUUM ANALYZE bench_newsletter")

    def look_up(self, batch: Batch) -> int:
        return sum(_has_unsubscribed(address) for address in batch.addresses[: self.asked])

    def clear(self) -> None:
        self._database.execute("DROP TABLE IF EXISTS bench_newsletter")


def _has_unsubscribed(address: str) -> bool:
    try:
        found = Subscription._default_manager.get(email_field__exact=address, newsletter_id=_NEWSLETTER)
    except Subscription.DoesNotExist:
        return False
    return found.unsubscribed
