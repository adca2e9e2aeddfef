"""The room that keeps what people told us."""

from django.apps import AppConfig


class ConsentConfig(AppConfig):
    name = "consent"
    verbose_name = "Consent"

    def ready(self) -> None:
        from consent import checks, new_topics  # noqa: F401  (registers the system checks, and what new topics entail)
        from consent.replica import checks as of_the_replica  # noqa: F401
